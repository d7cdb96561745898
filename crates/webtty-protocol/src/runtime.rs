//! Where daemon and client meet on a machine: the path of the Unix socket, worked out from
//! given values so that both ends come to the same answer. Nothing is looked up or touched here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::names::ENV_SOCKET;

/// The socket's file name in its directory.
pub const SOCKET_NAME: &str = "daemon.sock";

/// The Unix socket of the user's daemon: `WEBTTY_SOCKET`, else
/// `$XDG_RUNTIME_DIR/webtty/daemon.sock`, else `$TMPDIR/webtty-UID/daemon.sock`, else
/// `/tmp/webtty-UID/daemon.sock`.
///
/// `env` looks up a variable of the environment. Empty values count as unset, and so do
/// directories that are not absolute, as the XDG base directory specification asks.
pub fn socket_path(env: impl Fn(&str) -> Option<OsString>, uid: u32) -> PathBuf {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let directory = |name: &str| {
        set(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    if let Some(path) = set(ENV_SOCKET) {
        return path.into();
    }
    let own_directory = match directory("XDG_RUNTIME_DIR") {
        Some(runtime) => runtime.join("webtty"),
        None => directory("TMPDIR")
            .unwrap_or_else(|| Path::new("/tmp").to_owned())
            .join(format!("webtty-{uid}")),
    };
    own_directory.join(SOCKET_NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(env: &[(&str, &str)], expected: &str) {
        let lookup = |name: &str| {
            env.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| OsString::from(value))
        };
        assert_eq!(socket_path(lookup, 1000), Path::new(expected), "{env:?}");
    }

    #[test]
    fn the_first_variable_that_means_something_decides() {
        let runtime = ("XDG_RUNTIME_DIR", "/run/user/1000");
        let temporary = ("TMPDIR", "/var/tmp");
        check(&[], "/tmp/webtty-1000/daemon.sock");
        check(&[temporary], "/var/tmp/webtty-1000/daemon.sock");
        check(&[temporary, runtime], "/run/user/1000/webtty/daemon.sock");
        check(
            &[(ENV_SOCKET, "/x/y.sock"), runtime, temporary],
            "/x/y.sock",
        );
    }

    #[test]
    fn empty_variables_and_relative_directories_are_ignored() {
        check(
            &[(ENV_SOCKET, ""), ("XDG_RUNTIME_DIR", "run"), ("TMPDIR", "")],
            "/tmp/webtty-1000/daemon.sock",
        );
    }
}
