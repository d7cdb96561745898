//! The page in the browser, embedded.
//!
//! The page is written in TypeScript beside this file; `cargo xtask web` builds it into `dist/`,
//! and this crate carries what is there into the program, also compressed, since a page that is
//! opened from afar is mostly waited for while it is fetched. Names are looked up in a table made at
//! compile time. No file is opened at run time, so no name, however spelled, reaches the disk.

use std::borrow::Cow;

use rust_embed::Embed;

#[derive(Embed)]
#[folder = "dist/"]
struct Dist;

/// What `index` gives when the page has not been built.
const NOT_BUILT: &[u8] = include_bytes!("not_built.html");

/// A file of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its content, in this encoding if one is named.
    pub bytes: Cow<'static, [u8]>,
    /// How the content is compressed.
    pub encoding: Option<Encoding>,
    /// Is its content the same whatever encodings the client takes?
    pub has_one_form: bool,
    /// For the `Content-Type` header.
    pub content_type: String,
    /// Does its name change with its content, so that it may be cached for ever?
    pub immutable: bool,
}

/// A compression that assets are there in, a content coding of HTTP (RFC 9110 section 8.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// RFC 7932. Browsers take it over TLS and from this machine.
    Brotli,
    /// RFC 1952.
    Gzip,
}

impl Encoding {
    /// The smallest first.
    pub const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// As `Accept-Encoding` and `Content-Encoding` name it, and the directory of `dist/` it is in.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }
}

/// The page, the same for `/` and `/s/ID`: HTML in UTF-8 that holds no data. When the page has
/// not been built, it says so, and how to build it. Its files are named below `base_path`, which is
/// empty or begins with a slash and does not end with one, and needs no escaping in HTML.
pub fn index(base_path: &str) -> Vec<u8> {
    let page = Dist::get("index.html").map_or(Cow::Borrowed(NOT_BUILT), |file| file.data);
    if base_path.is_empty() {
        return page.into_owned();
    }
    let text = String::from_utf8_lossy(&page);
    let below = format!("\"{base_path}/assets/");
    text.replace("\"/assets/", &below).into_bytes()
}

/// Has the page been built into this program?
pub fn is_built() -> bool {
    Dist::get("index.html").is_some()
}

/// The file served as `/assets/NAME`, or none, in the smallest form that the client takes. `name` is
/// the rest of the path, already decoded.
pub fn asset(name: &str, takes: impl Fn(Encoding) -> bool) -> Option<Asset> {
    let plain = Dist::get(&format!("assets/{name}"))?;
    let forms = Encoding::ALL.map(|encoding| {
        let file = Dist::get(&format!("{}/{name}", encoding.name()))?;
        Some((encoding, file.data))
    });
    let has_one_form = forms.iter().all(Option::is_none);
    let mut taken = forms.into_iter().flatten().filter(|(one, _)| takes(*one));
    let (encoding, bytes) = match taken.next() {
        Some((encoding, bytes)) => (Some(encoding), bytes),
        None => (None, plain.data),
    };
    Some(Asset {
        bytes,
        encoding,
        has_one_form,
        content_type: content_type(plain.metadata.mimetype()),
        immutable: has_hash(name),
    })
}

/// The names of all assets, as `asset` takes them.
pub fn asset_names() -> impl Iterator<Item = String> {
    Dist::iter().filter_map(|path| path.strip_prefix("assets/").map(str::to_owned))
}

fn content_type(mime: &str) -> String {
    let is_text = mime.starts_with("text/") || mime.ends_with("+xml") || mime.ends_with("json");
    if is_text {
        format!("{mime}; charset=utf-8")
    } else {
        mime.to_owned()
    }
}

/// Built names are `NAME-HASH.EXTENSION`, the hash eight capital letters and digits.
fn has_hash(name: &str) -> bool {
    let Some((stem, _)) = name.split_once('.') else {
        return false;
    };
    let Some((_, hash)) = stem.rsplit_once('-') else {
        return false;
    };
    hash.len() == 8
        && hash
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client that takes no compression.
    fn nothing(_: Encoding) -> bool {
        false
    }

    #[test]
    fn the_index_is_html_whether_or_not_the_page_is_built() {
        let index = index("");
        let text = std::str::from_utf8(&index).expect("the index is UTF-8");
        assert!(text.starts_with("<!doctype html>"), "{text}");
        assert_eq!(is_built(), !text.contains("cargo xtask web"));
    }

    #[test]
    fn what_is_built_is_embedded() {
        let built = concat!(env!("CARGO_MANIFEST_DIR"), "/dist/index.html");
        assert_eq!(is_built(), std::path::Path::new(built).exists());
    }

    #[test]
    fn every_asset_named_by_the_index_is_there_and_immutable() {
        let index = index("");
        let text = std::str::from_utf8(&index).expect("the index is UTF-8");
        let mut named = 0;
        for rest in text.split("\"/assets/").skip(1) {
            let name = rest
                .split('"')
                .next()
                .expect("split gives one part at least");
            let asset = asset(name, nothing).unwrap_or_else(|| panic!("no asset {name}"));
            assert!(asset.immutable, "{name}");
            assert!(!asset.bytes.is_empty(), "{name}");
            named += 1;
        }
        assert_eq!(named > 0, is_built());
        assert!(asset_names().all(|name| asset(&name, nothing).is_some()));
    }

    #[test]
    fn an_asset_comes_in_the_smallest_form_that_is_taken() {
        let scripts = asset_names().filter(|name| name.ends_with(".js"));
        for name in scripts {
            let bytes = |takes: &[Encoding]| {
                let asset = asset(&name, |one| takes.contains(&one)).expect("it is there");
                assert!(!asset.has_one_form, "{name}");
                assert_eq!(asset.encoding, takes.first().copied(), "{name}");
                asset.bytes.len()
            };
            let sizes = [bytes(&Encoding::ALL), bytes(&[Encoding::Gzip]), bytes(&[])];
            assert!(sizes.is_sorted() && sizes[1] < sizes[2] / 2, "{sizes:?}");
        }
    }

    #[test]
    fn below_a_path_every_asset_is_named_there() {
        let text = String::from_utf8(index("/a/tty")).expect("UTF-8");
        assert!(!text.contains("\"/assets/"), "{text}");
        let named = text.matches("\"/a/tty/assets/").count();
        let at_the_root = String::from_utf8(index("")).expect("UTF-8");
        assert_eq!(named, at_the_root.matches("\"/assets/").count());
    }

    #[test]
    fn no_name_leaves_the_assets() {
        for name in [
            "",
            ".",
            "..",
            "../index.html",
            "../../Cargo.toml",
            "/etc/passwd",
            "..\\index.html",
            "index.html\0",
            "%2e%2e/index.html",
            "../br/webtty-client.js",
        ] {
            assert_eq!(asset(name, nothing), None, "{name:?}");
            assert_eq!(asset(name, |_| true), None, "{name:?}");
        }
    }

    #[test]
    fn only_hashed_names_are_immutable() {
        assert!(has_hash("main-ABCDEF12.js"));
        assert!(has_hash("two-words-ABCDEF12.js"));
        assert!(!has_hash("main.js"));
        assert!(!has_hash("main-abcdef12.js"));
        assert!(!has_hash("main-ABCDEF1.js"));
        assert!(!has_hash("main-ABCDEF12"));
    }

    #[test]
    fn text_says_its_encoding() {
        assert_eq!(
            content_type("text/javascript"),
            "text/javascript; charset=utf-8"
        );
        assert_eq!(
            content_type("image/svg+xml"),
            "image/svg+xml; charset=utf-8"
        );
        assert_eq!(
            content_type("application/manifest+json"),
            "application/manifest+json; charset=utf-8"
        );
        assert_eq!(content_type("font/woff2"), "font/woff2");
    }
}
