//! Pseudo-terminals that are the daemon's own, so that it can run out of them.
//!
//! How many the machine has is one number for all its programs. A file system of terminals with a
//! number of its own, in a name space that only the daemon is in, takes none away from others.

use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Stdio};

use nix::unistd::geteuid;
use webtty_client::{AttachOptions, Attachment, Error, Received};
use webtty_protocol::rest::CreateSession;
use webtty_protocol::{Close, ErrorCode, SessionId};

use crate::daemon::{Daemon, soon};

/// Far more than any part needs that is not about them, and fewer than there may be sessions.
const TERMINALS: usize = 64;

/// The command of a program with so many pseudo-terminals of its own, in the same process that is
/// spawned; or its plain command, and false, where that cannot be had.
pub(crate) fn with_terminals(program: &OsStr) -> (Command, bool) {
    let has_them = own(OsStr::new("true"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if has_them {
        return (own(program), true);
    }
    // Past what the test harness keeps to itself, so that it is seen.
    let _ = std::io::stderr().write_all(
        b"left out of the soak: running out of pseudo-terminals, as this user may make no name \
          space with some of its own\n",
    );
    (Command::new(program), false)
}

/// unshare(1), and a mount as in the kernel's documentation of devpts. Who is not root becomes so
/// in a name space of users, where the system has those.
fn own(program: &OsStr) -> Command {
    let mount = format!(
        "mount -t devpts -o newinstance,ptmxmode=0666,max={TERMINALS} devpts /dev/pts && exec \"$@\""
    );
    let mut command = Command::new("unshare");
    if !geteuid().is_root() {
        command.arg("--map-root-user");
    }
    command.args(["--mount", "sh", "-c", &mount, "sh"]);
    command.arg(program);
    command
}

/// Sessions until there is no pseudo-terminal for another: that is told, those there are go on,
/// and whoever ends one makes room for the next.
pub(crate) async fn none_left(daemon: &Daemon, rounds: usize) {
    for _ in 0..rounds {
        let mut made = Vec::new();
        let filled = async {
            loop {
                match daemon.client.create_session(&cat(true)).await {
                    Ok(session) => made.push(session.id),
                    // Those of the round before may not have gone yet.
                    Err(error) if made.len() < TERMINALS && exhausted(&error) => {}
                    Err(error) => return error,
                }
            }
        };
        let refused = soon(filled)
            .await
            .expect("at some number there is no other");
        assert_eq!(made.len(), TERMINALS, "{refused}");
        assert!(exhausted(&refused), "{refused:?}");
        // What was refused is not there, half made.
        let listed = daemon.client.sessions().await.expect("listed");
        assert_eq!(listed.len(), made.len());

        let waiting = daemon.client.create_session(&cat(false)).await;
        let waiting = waiting.expect("an idle one needs no terminal").id;
        let answer = soon(attached(daemon, &waiting)).await.expect("an end");
        let Err(Error::Closed(closed)) = answer else {
            panic!("it has a terminal");
        };
        assert_eq!(closed.code, Close::NotRunning.code());
        let reason = closed.reason;
        assert!(reason.contains("no pseudo-terminal left"), "{reason}");
        soon(echoes(daemon, &made[0])).await.expect("others go on");

        daemon.end(&made.pop().expect("some")).await;
        // It is back once the program has gone, which may take a moment.
        let freed = soon(async {
            loop {
                match daemon.client.create_session(&cat(true)).await {
                    Ok(session) => return session.id,
                    Err(error) => assert!(exhausted(&error), "{error:?}"),
                }
            }
        });
        made.push(freed.await.expect("one is free again"));
        daemon.end(&made.pop().expect("some")).await;
        let served = async {
            while attached(daemon, &waiting).await.is_err() {}
            echoes(daemon, &waiting).await;
        };
        soon(served).await.expect("who was refused comes again");
        made.push(waiting);
        for session in &made {
            daemon.end(session).await;
        }
    }
}

fn exhausted(error: &Error) -> bool {
    let Error::Refused {
        status: 503,
        code: Some(ErrorCode::Exhausted),
        message,
    } = error
    else {
        return false;
    };
    message.contains("no pseudo-terminal left")
}

fn cat(start: bool) -> CreateSession {
    CreateSession {
        cmd: Some(vec!["/bin/cat".to_owned()]),
        base_dir: Some("/".into()),
        start: Some(start),
        ..CreateSession::default()
    }
}

async fn attached(daemon: &Daemon, session: &SessionId) -> Result<Attachment, Error> {
    let options = AttachOptions::default();
    daemon.client.attach(session, options).await
}

/// Waits until a session's program has answered.
async fn echoes(daemon: &Daemon, session: &SessionId) {
    let mut attached = attached(daemon, session).await.expect("attached");
    attached.input.send("here\n").await.expect("typed");
    let mut seen = String::new();
    while !seen.contains("here") {
        if let Received::Bytes(bytes) = attached.output.next().await.expect("output") {
            seen.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
}
