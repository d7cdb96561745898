//! Other users of the machine: neither do they get a word out of the daemon, nor do they pass for it.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread::{self, JoinHandle};

use nix::libc;
use nix::unistd::geteuid;
use webtty_client::{Client, Endpoint, Error};
use webtty_testkit::{LIMIT, TestDaemon, within};

/// The user `nobody`, as most systems number it; any but ours will do.
const NOBODY: libc::uid_t = 65_534;

/// Does something as another user, in a thread of its own. Only root can; where the test runs as
/// somebody else it says that it was left out.
fn as_nobody<T: Send + 'static>(does: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    if !geteuid().is_root() {
        eprintln!("left out: only root can take on another user's id");
        return None;
    }
    let thread = named("nobody", move || {
        let keep = libc::uid_t::MAX;
        // SAFETY: setresuid(2) touches no memory. Called as it is, and not through the C library,
        // it changes the ids of this thread alone, which ends after that.
        let changed = unsafe { libc::syscall(libc::SYS_setresuid, keep, NOBODY, keep) };
        assert_eq!(changed, 0, "another user's id");
        does()
    });
    Some(thread.join().expect("no panic"))
}

fn named<T: Send + 'static>(
    name: &str,
    does: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(does).expect("a thread")
}

#[tokio::test(flavor = "multi_thread")]
async fn another_user_is_closed_before_a_byte_is_read() {
    let daemon = TestDaemon::start().await;
    // What the permissions of directory and socket keep out is let through, so that only the
    // daemon's own look at its peer is left.
    let socket = daemon.socket().to_owned();
    let (run, root) = (
        socket.parent(),
        socket.parent().and_then(|run| run.parent()),
    );
    for dir in [run, root].into_iter().flatten() {
        fs::set_permissions(dir, Permissions::from_mode(0o711)).expect("opened");
    }
    fs::set_permissions(&socket, Permissions::from_mode(0o666)).expect("opened");
    let answer = as_nobody(move || {
        let mut stream = UnixStream::connect(socket).expect("connected");
        stream.set_read_timeout(Some(LIMIT)).expect("set");
        // It may have been closed by now, which is as well.
        let _ = stream.write_all(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
        }
        answer
    });
    if let Some(answer) = answer {
        assert_eq!(answer, b"", "not a word");
    }
    daemon
        .unix()
        .health()
        .await
        .expect("its own user is served");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_users_daemon_is_told_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    fs::set_permissions(dir.path(), Permissions::from_mode(0o777)).expect("opened");
    let path = dir.path().join("daemon.sock");
    let theirs = path.clone();
    let Some(listener) = as_nobody(move || {
        let listener = UnixListener::bind(&theirs).expect("bound");
        fs::set_permissions(&theirs, Permissions::from_mode(0o666)).expect("opened");
        listener
    }) else {
        return;
    };
    let heard = named("listener", move || {
        let (mut stream, _) = listener.accept().expect("somebody came");
        stream.set_read_timeout(Some(LIMIT)).expect("set");
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).expect("they left");
        heard
    });
    let client = Client::new(Endpoint::Unix(path));
    let refused = within("a refusal", client.sessions()).await;
    assert!(
        matches!(&refused, Err(Error::Denied { message }) if message.contains("another user")),
        "{refused:?}"
    );
    assert_eq!(heard.join().expect("no panic"), b"", "not a word");
}
