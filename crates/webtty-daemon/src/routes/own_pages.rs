//! `GET /pages/…`: pages of the owner's own, from the directory that the settings name. They are
//! of the daemon's origin, so that they may speak with it and show its terminals in a frame; and
//! they hold no data of a session, so everybody may have them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hyper::StatusCode;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use tokio::task::block_in_place;

use super::admitted::Admitted;
use crate::error::ApiError;
use crate::http::{self, FRAMING_POLICY, Response};
use crate::limits::MAX_PAGE_FILE_BYTES;

/// What a directory stands for.
const INDEX: &str = "index.html";

/// By a name's last part. What is not here is served as bytes, which browsers save.
const TYPES: &[(&str, &str)] = &[
    ("css", "text/css; charset=utf-8"),
    ("gif", "image/gif"),
    ("html", "text/html; charset=utf-8"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("png", "image/png"),
    ("svg", "image/svg+xml; charset=utf-8"),
    ("txt", "text/plain; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("webp", "image/webp"),
    ("woff2", "font/woff2"),
];

/// Gives a file below the directory, or leads to a directory's own path.
pub(super) fn get(admitted: &Admitted) -> Result<Response, ApiError> {
    let root = admitted.app.settings.current().pages;
    let root = root.ok_or_else(ApiError::not_found)?;
    let name = &admitted.parameter;
    match block_in_place(|| find(&root, name)) {
        Ok(Found::File { path, bytes }) => {
            let mut response = http::body(StatusCode::OK, content_type(&path), bytes);
            let policy = HeaderValue::from_static(FRAMING_POLICY);
            response
                .headers_mut()
                .insert(CONTENT_SECURITY_POLICY, policy);
            Ok(response)
        }
        Ok(Found::Directory) => {
            let query = admitted.request.uri().query();
            let query = query.map_or_else(String::new, |query| format!("?{query}"));
            Ok(admitted.redirect(&format!("/pages/{name}/{query}")))
        }
        Ok(Found::Nothing) => Err(ApiError::not_found()),
        Err(error) => {
            tracing::warn!(%error, "a page of the directory in the settings could not be read");
            Err(ApiError::not_found())
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Found {
    File { path: PathBuf, bytes: Vec<u8> },
    Directory,
    Nothing,
}

/// Looks below `root` only, wherever links lead, and gives nothing that is hidden.
fn find(root: &Path, name: &str) -> io::Result<Found> {
    let (inner, is_directory) = match name.strip_suffix('/') {
        Some(inner) => (inner, true),
        None => (name, name.is_empty()),
    };
    if !inner.is_empty() && !inner.split('/').all(is_plain) {
        return Ok(Found::Nothing);
    }
    let root = root.canonicalize()?;
    let mut wanted = root.join(inner);
    if is_directory {
        wanted.push(INDEX);
    }
    let path = match wanted.canonicalize() {
        Err(error) if is_nothing(&error) => return Ok(Found::Nothing),
        other => other?,
    };
    if !path.starts_with(&root) {
        return Ok(Found::Nothing);
    }
    let meta = fs::metadata(&path)?;
    if meta.is_dir() && !is_directory {
        return Ok(Found::Directory);
    }
    if !meta.is_file() {
        return Ok(Found::Nothing);
    }
    if meta.len() > MAX_PAGE_FILE_BYTES {
        let path = path.display();
        let message = format!("{path} is larger than {MAX_PAGE_FILE_BYTES} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    let bytes = fs::read(&path)?;
    Ok(Found::File { path, bytes })
}

fn is_nothing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn is_plain(part: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !part.is_empty() && !part.starts_with('.') && part.bytes().all(is_known)
}

fn content_type(path: &Path) -> &'static str {
    let extension = path.extension().and_then(|text| text.to_str());
    let known = TYPES.iter().find(|(name, _)| Some(*name) == extension);
    known.map_or("application/octet-stream", |(_, content_type)| content_type)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_plain_names_below_the_directory_lead_to_files() {
        let dir = tempfile::tempdir().expect("a directory");
        let root = dir.path().join("pages");
        fs::create_dir_all(root.join("tool/empty")).expect("made");
        fs::create_dir_all(root.join(".git")).expect("made");
        for (name, text) in [
            ("pages/tool/index.html", "page"),
            ("pages/tool/a.js", "script"),
            ("pages/.git/config", "hidden"),
            ("secret", "secret"),
        ] {
            fs::write(dir.path().join(name), text).expect("written");
        }
        symlink(dir.path().join("secret"), root.join("out")).expect("linked");
        symlink(root.join("tool"), root.join("in")).expect("linked");
        let text = |name: &str| match find(&root, name).expect("read") {
            Found::File { bytes, .. } => String::from_utf8(bytes).expect("text"),
            other => format!("{other:?}"),
        };
        assert_eq!(text("tool/"), "page");
        assert_eq!(text("tool"), "Directory");
        assert_eq!(text("tool/a.js"), "script");
        assert_eq!(text("in/a.js"), "script");
        for name in [
            "",
            "tool/empty/",
            "tool/b.js",
            "tool//a.js",
            "tool/a.js/",
            "out",
            ".git/config",
            "..",
            "../secret",
            "tool/../../secret",
            "/etc/passwd",
            "tool\\a.js",
            "tool/a.js\0",
        ] {
            assert_eq!(find(&root, name).ok(), Some(Found::Nothing), "{name:?}");
        }
    }

    #[test]
    fn a_file_over_the_limit_is_not_read() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = fs::File::create(dir.path().join("large.txt")).expect("made");
        file.set_len(MAX_PAGE_FILE_BYTES).expect("as large");
        assert!(matches!(
            find(dir.path(), "large.txt"),
            Ok(Found::File { .. })
        ));
        file.set_len(MAX_PAGE_FILE_BYTES + 1).expect("larger");
        assert!(find(dir.path(), "large.txt").is_err());
    }

    #[test]
    fn scripts_and_styles_have_the_types_that_browsers_ask_for() {
        assert_eq!(
            content_type(Path::new("a.mjs")),
            "text/javascript; charset=utf-8"
        );
        assert_eq!(content_type(Path::new("a.css")), "text/css; charset=utf-8");
        assert_eq!(content_type(Path::new("a")), "application/octet-stream");
    }
}
