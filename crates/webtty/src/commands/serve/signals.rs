//! The signals that stop a daemon: the first one in order, the second one at once.

use std::io;

use nix::sys::signal::Signal;
use tokio::signal::unix::{Signal as Stream, SignalKind, signal};
use tokio::sync::watch;

use super::inherited::Wishes;
use crate::attached::end::signal_code;
use crate::failure::Failure;

/// The signals that ask for a stop.
pub(super) struct Signals {
    interrupt: Stream,
    terminate: Stream,
    hangup: Stream,
    outlive_terminal: bool,
    came: watch::Sender<bool>,
}

impl Signals {
    /// Takes the signals from now on. A hang-up is taken in any case, so that what is started does
    /// not ignore it.
    pub(super) fn new(wishes: Wishes) -> Result<Self, Failure> {
        let take = || -> io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hangup: signal(SignalKind::hangup())?,
                outlive_terminal: wishes.outlive_terminal,
                came: watch::Sender::new(false),
            })
        };
        take().map_err(|error| Failure::io("listening for signals", &error))
    }

    /// Waits for the first signal, as long as [`second`](Self::second) is waited for too.
    pub(super) fn first(&self) -> impl Future<Output = ()> + use<> {
        let mut came = self.came.subscribe();
        async move {
            // The sender lives as long as the daemon.
            let _came = came.wait_for(|came| *came).await;
        }
    }

    /// Waits for a second signal; answers with the exit code it stands for.
    pub(super) async fn second(&mut self) -> u8 {
        let first = self.recv().await;
        tracing::info!(signal = %first, "stopping; a second signal stops at once");
        self.came.send_replace(true);
        let second = self.recv().await;
        signal_code(second)
    }

    async fn recv(&mut self) -> Signal {
        tokio::select! {
            Some(()) = self.interrupt.recv() => Signal::SIGINT,
            Some(()) = self.terminate.recv() => Signal::SIGTERM,
            Some(()) = self.hangup.recv(), if !self.outlive_terminal => Signal::SIGHUP,
            else => std::future::pending().await,
        }
    }
}
