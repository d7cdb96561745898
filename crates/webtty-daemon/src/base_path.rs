//! The path below which a proxy shows the daemon.

use std::str::FromStr;

/// `/tty`, or nothing for a daemon at the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BasePath(String);

impl BasePath {
    /// Without a slash at the end.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What of a request's path is below it; none when it is not. Only the path as it is written
    /// here counts: another spelling of it is what a proxy before us may have taken for another.
    pub(crate) fn strip<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix(&self.0)?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    }
}

impl FromStr for BasePath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        let is_segment = |segment: &str| {
            !segment.is_empty() && segment != "." && segment != ".." && segment.bytes().all(plain)
        };
        let trimmed = text.strip_suffix('/').unwrap_or(text);
        if trimmed.is_empty() {
            return Ok(Self::default());
        }
        match trimmed.strip_prefix('/') {
            Some(rest) if rest.split('/').all(is_segment) => Ok(Self(trimmed.to_owned())),
            _ => Err(format!("the base path `{text}` is no path like /tty")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_below_it_is_ours() {
        let base: BasePath = "/a/tty/".parse().expect("a path");
        assert_eq!(base.as_str(), "/a/tty");
        for (path, rest) in [
            ("/a/tty", Some("")),
            ("/a/tty/", Some("/")),
            ("/a/tty/s/main", Some("/s/main")),
            ("/a/ttys/main", None),
            ("/a/%74ty/", None),
            ("/A/tty/", None),
            ("//a/tty/", None),
            ("/a/./tty/", None),
            ("/s/main", None),
            ("/", None),
            ("*", None),
        ] {
            assert_eq!(base.strip(path), rest, "{path}");
        }
        let none: BasePath = "/".parse().expect("none");
        assert_eq!(none.strip("/s/main"), Some("/s/main"));
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for bad in [
            "tty",
            "/a b",
            "/a//b",
            "/../a",
            "/a?b",
            "/é",
            "//",
            "https://x/a",
        ] {
            assert!(bad.parse::<BasePath>().is_err(), "{bad}");
        }
    }
}
