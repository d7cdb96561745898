//! Reading the PTYs from which little comes where their viewers are written to: a key's echo then
//! wakes no other thread on its way.

use std::io;
use std::pin::pin;
use std::time::Duration;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::watch;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};
use webtty_core::{Trickle, Turn};

use crate::limits::ECHO_WAIT;
use crate::tasks::Tasks;

/// Reads a PTY whenever it is the follower's turn, until it is over or the daemon stops.
pub(crate) async fn follow(trickle: Trickle, tasks: Tasks) {
    let mut turn = trickle.turn();
    tokio::select! {
        () = tasks.stopping() => {}
        followed = take_turns(&trickle, &mut turn) => if let Err(error) = followed {
            tracing::warn!(%error, "a PTY is read by its own thread alone");
        },
    }
}

async fn take_turns(trickle: &Trickle, turn: &mut watch::Receiver<Turn>) -> io::Result<()> {
    loop {
        let now = turn.wait_for(|turn| *turn != Turn::Thread).await;
        if !now.is_ok_and(|turn| *turn == Turn::Follower) {
            return Ok(());
        }
        read(trickle, turn).await?;
    }
}

/// Reads until the turn changes. From then on the PTY wakes nobody here.
async fn read(trickle: &Trickle, turn: &mut watch::Receiver<Turn>) -> io::Result<()> {
    // SAFETY: the descriptor is a file's that lives, open and the same, for as long as the
    // registration owns a share of it. There is no type of tokio's for a PTY.
    let pty = unsafe { AsyncFd::register_with_interest(trickle.descriptor(), Interest::READABLE)? };
    // Set anew only once it is over: each setting costs a system call, and to be woken for
    // nothing every few milliseconds costs less than one for each key.
    let mut alarm = pin!(sleep(Duration::ZERO));
    let mut is_set = false;
    // A thread that sleeps is woken more slowly than a key's echo comes, so that it is kept awake for
    // that moment. All other tasks go first.
    let mut awake_until = None;
    loop {
        let tell_at = tokio::select! {
            biased;
            _ = turn.changed() => return Ok(()),
            ready = pty.readable() => {
                // Cleared first, so that what comes while reading makes it ready again.
                ready?.clear_ready();
                awake_until = None;
                let tell_at = trickle.read();
                // Who typed is written to before a timer is set.
                yield_now().await;
                tell_at.filter(|_| !is_set)
            }
            () = alarm.as_mut(), if is_set => {
                is_set = false;
                trickle.tell()
            }
            () = trickle.key_typed() => {
                awake_until = Some(Instant::now() + ECHO_WAIT);
                None
            }
            () = yield_now(), if awake_until.is_some() => {
                awake_until = awake_until.filter(|until| Instant::now() < *until);
                None
            }
        };
        if let Some(at) = tell_at {
            alarm.as_mut().reset(at.into());
            is_set = true;
        }
    }
}
