//! The Unix socket's directory, its lock, and the socket itself.
//!
//! The directory is ours alone and is never reached through a link we did not make. Whoever
//! holds the lock is the daemon: a socket file without a holder is a dead one's and is removed,
//! and one with a holder is never touched.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};
use nix::unistd::Uid;
use thiserror::Error;
use tokio::net::UnixListener;

/// Why the socket could not be had.
#[derive(Debug, Error)]
pub(crate) enum SocketError {
    /// A daemon holds it.
    #[error("a daemon runs already")]
    InUse {
        /// Its process id, when it could be read.
        pid: Option<u32>,
    },
    /// The directory is not safe to use.
    #[error("{path} {why}")]
    Unsafe {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        why: &'static str,
    },
    /// The system refused.
    #[error("{path}: {cause}")]
    Io {
        /// What was to be used.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
}

/// The socket, bound, and the lock that makes it ours. Dropping it removes the socket.
#[derive(Debug)]
pub(crate) struct OwnSocket {
    path: PathBuf,
    _lock: Flock<File>,
}

impl OwnSocket {
    /// Makes the directory if need be, takes the lock, clears away what a dead daemon left, and
    /// binds.
    pub(crate) fn bind(path: &Path) -> Result<(Self, UnixListener), SocketError> {
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
        make_own_dir(dir.unwrap_or(Path::new(".")))?;
        let lock = lock(&path.with_extension("lock"))?;
        let io_error = |cause| SocketError::Io {
            path: path.to_owned(),
            cause,
        };
        match std::fs::remove_file(path) {
            Ok(()) => tracing::info!(path = %path.display(), "removed the socket of a dead daemon"),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(io_error(error)),
        }
        // Nobody else gets to it before its mode is right: nobody else enters the directory.
        let listener = UnixListener::bind(path).map_err(io_error)?;
        std::fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(io_error)?;
        Ok((
            Self {
                path: path.to_owned(),
                _lock: lock,
            },
            listener,
        ))
    }
}

impl Drop for OwnSocket {
    fn drop(&mut self) {
        // Still under the lock, so it is our own.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Makes a directory, with those above it, that only we can enter, or checks that it is one.
pub(crate) fn make_own_dir(path: &Path) -> Result<(), SocketError> {
    let io_error = |cause| SocketError::Io {
        path: path.to_owned(),
        cause,
    };
    let unsafe_dir = |why| SocketError::Unsafe {
        path: path.to_owned(),
        why,
    };
    make_with_parents(path).map_err(io_error)?;
    // Of the place itself, not of what a link there points to.
    let metadata = std::fs::symlink_metadata(path).map_err(io_error)?;
    if !metadata.is_dir() {
        return Err(unsafe_dir(
            "is not a directory; remove it, or set WEBTTY_SOCKET elsewhere",
        ));
    }
    if metadata.uid() != Uid::effective().as_raw() {
        return Err(unsafe_dir(
            "belongs to another user; set WEBTTY_SOCKET elsewhere",
        ));
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(unsafe_dir("is open to other users; chmod it to 0700"));
    }
    Ok(())
}

/// Makes a directory and those above it, as far as they are not there, each with mode 0700
/// whatever the umask is.
pub(crate) fn make_with_parents(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|one| !one.as_os_str().is_empty());
    if let Some(parent) = parent
        && !parent.is_dir()
    {
        make_with_parents(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        // The umask may have taken some of it.
        Ok(()) => std::fs::set_permissions(path, Permissions::from_mode(0o700)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

fn lock(path: &Path) -> Result<Flock<File>, SocketError> {
    let io_error = |cause| SocketError::Io {
        path: path.to_owned(),
        cause,
    };
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(nix::libc::O_NOFOLLOW)
        .open(path)
        .map_err(io_error)?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(mut lock) => {
            // Whatever the umask was: who starts a daemon must be able to read who runs.
            lock.set_permissions(Permissions::from_mode(0o600))
                .map_err(io_error)?;
            lock.set_len(0).map_err(io_error)?;
            writeln!(lock, "{}", std::process::id()).map_err(io_error)?;
            Ok(lock)
        }
        Err((mut file, nix::errno::Errno::EWOULDBLOCK)) => {
            let mut text = String::new();
            let _ = file.read_to_string(&mut text);
            Err(SocketError::InUse {
                pid: text.trim().parse().ok(),
            })
        }
        Err((_, errno)) => Err(io_error(errno.into())),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[tokio::test]
    async fn a_second_daemon_is_refused_and_a_dead_ones_socket_is_replaced() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("run/daemon.sock");
        let (own, listener) = OwnSocket::bind(&path).expect("bound");
        let mode = std::fs::metadata(&path).expect("there").mode();
        assert_eq!(mode & 0o777, 0o600);
        match OwnSocket::bind(&path) {
            Err(SocketError::InUse { pid }) => assert_eq!(pid, Some(std::process::id())),
            other => panic!("{other:?}"),
        }
        drop(listener);
        // A killed daemon leaves its socket and releases its lock.
        std::fs::rename(&path, path.with_extension("kept")).expect("renamed");
        drop(own);
        std::fs::rename(path.with_extension("kept"), &path).expect("renamed");
        let (own, _listener) = OwnSocket::bind(&path).expect("bound over the stale one");
        drop(own);
        assert!(
            !path.exists(),
            "a daemon that ends takes its socket with it"
        );
    }

    #[test]
    fn directories_open_to_others_or_behind_links_are_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        let open = dir.path().join("open");
        DirBuilder::new().mode(0o700).create(&open).expect("made");
        std::fs::set_permissions(&open, Permissions::from_mode(0o755)).expect("changed");
        assert!(matches!(
            make_own_dir(&open),
            Err(SocketError::Unsafe { .. })
        ));
        let target = dir.path().join("target");
        DirBuilder::new().mode(0o700).create(&target).expect("made");
        let link = dir.path().join("link");
        symlink(&target, &link).expect("linked");
        assert!(matches!(
            make_own_dir(&link),
            Err(SocketError::Unsafe { .. })
        ));
        let file = dir.path().join("file");
        std::fs::write(&file, "").expect("written");
        assert!(matches!(
            make_own_dir(&file),
            Err(SocketError::Unsafe { .. })
        ));
    }

    #[test]
    fn the_directory_of_another_user_is_refused() {
        // Only root can give a directory away; for everybody else /root or / is another's.
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("run");
        DirBuilder::new().mode(0o700).create(&path).expect("made");
        let path = match std::os::unix::fs::chown(&path, Some(65_534), None) {
            Ok(()) => path,
            Err(_) => PathBuf::from("/"),
        };
        let refused = make_own_dir(&path);
        assert!(
            matches!(refused, Err(SocketError::Unsafe { .. })),
            "{refused:?}"
        );
    }

    #[tokio::test]
    async fn planted_links_are_not_followed() {
        let dir = tempfile::tempdir().expect("a directory");
        let run = dir.path().join("run");
        DirBuilder::new().mode(0o700).create(&run).expect("made");
        let victim = dir.path().join("victim");
        std::fs::write(&victim, "precious").expect("written");
        let path = run.join("daemon.sock");
        let lock = path.with_extension("lock");

        symlink(&victim, &lock).expect("linked");
        assert!(matches!(
            OwnSocket::bind(&path),
            Err(SocketError::Io { .. })
        ));
        std::fs::remove_file(&lock).expect("removed");

        symlink(&victim, &path).expect("linked");
        let (_own, _listener) = OwnSocket::bind(&path).expect("bound in place of the link");
        let place = std::fs::symlink_metadata(&path).expect("there");
        assert!(!place.is_symlink());
        let kept = std::fs::read_to_string(&victim).expect("still there");
        assert_eq!(kept, "precious");
    }

    #[test]
    fn of_many_that_start_at_once_one_has_the_socket() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("run/daemon.sock");
        let start = std::sync::Barrier::new(8);
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let (start, path) = (&start, &path);
            let racing: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(move || {
                        start.wait();
                        lock_of(path)
                    })
                })
                .collect();
            let outcomes = racing.into_iter().map(|one| one.join().expect("no panic"));
            outcomes.collect()
        });
        let winners = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(winners, 1, "{outcomes:?}");
        for loser in outcomes.into_iter().filter_map(Result::err) {
            assert!(matches!(loser, SocketError::InUse { .. }), "{loser:?}");
        }
    }

    /// What two daemons race for.
    fn lock_of(path: &Path) -> Result<Flock<File>, SocketError> {
        make_own_dir(path.parent().expect("a directory"))?;
        lock(&path.with_extension("lock"))
    }
}
