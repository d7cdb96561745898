//! Accepting connections, and turning away those there is no place for.

use std::fs::File;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use nix::sys::socket::{setsockopt, sockopt};
use nix::unistd::Uid;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::{handshake, refusal, serve};
use crate::app::App;
use crate::connections::{Connections, Full};
use crate::gate::Via;
use crate::http::ConnectionSlot;
use crate::limits::{ACCEPT_PAUSE, KEEP_ALIVE_PROBES, MAX_REFUSALS, TCP_KEEP_ALIVE_SECONDS};

/// What accepts connections, and how they are met.
trait Listener {
    type Stream: Send + 'static;

    fn accept(&self) -> impl Future<Output = io::Result<(Self::Stream, Via)>> + Send;

    fn serve(
        app: Arc<App>,
        via: Via,
        stream: Self::Stream,
        slot: ConnectionSlot,
    ) -> impl Future<Output = ()> + Send + 'static;

    fn turn_away(
        app: Arc<App>,
        stream: Self::Stream,
        why: &'static str,
    ) -> impl Future<Output = ()> + Send + 'static;
}

impl Listener for UnixListener {
    type Stream = UnixStream;

    async fn accept(&self) -> io::Result<(UnixStream, Via)> {
        let (stream, _) = self.accept().await?;
        Ok((stream, Via::Unix))
    }

    async fn serve(app: Arc<App>, via: Via, stream: UnixStream, slot: ConnectionSlot) {
        serve::serve(app, via, stream, slot).await;
    }

    async fn turn_away(_: Arc<App>, stream: UnixStream, why: &'static str) {
        refusal::turn_away(stream, why).await;
    }
}

impl Listener for TcpListener {
    type Stream = TcpStream;

    async fn accept(&self) -> io::Result<(TcpStream, Via)> {
        let (stream, peer) = self.accept().await?;
        prepare(&stream);
        // Of one that is gone already nothing is known, and nothing will be asked.
        let local = stream.local_addr().map_or(NO_ADDRESS, |local| local.ip());
        let peer = peer.ip();
        Ok((
            stream,
            Via::Tcp {
                peer,
                local,
                proxied: false,
            },
        ))
    }

    async fn serve(app: Arc<App>, via: Via, stream: TcpStream, slot: ConnectionSlot) {
        handshake::serve(app, via, stream, slot).await;
    }

    async fn turn_away(app: Arc<App>, stream: TcpStream, why: &'static str) {
        handshake::turn_away(app, stream, why).await;
    }
}

const NO_ADDRESS: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// Accepts on the Unix socket until the daemon stops.
pub(super) async fn unix(app: Arc<App>, listener: UnixListener, most: usize) {
    Accepting::new(app, most).run(listener, is_own).await;
}

/// Accepts on the TCP listener until the daemon stops.
pub(super) async fn tcp(app: Arc<App>, listener: TcpListener, most: usize) {
    Accepting::new(app, most).run(listener, |_| true).await;
}

struct Accepting {
    app: Arc<App>,
    connections: Connections,
    /// How many are being told at one time that there is no place for them.
    refusals: Arc<Semaphore>,
    /// A descriptor to give up when there is no other, so that whoever comes then is told.
    reserve: Option<File>,
}

impl Accepting {
    fn new(app: Arc<App>, most: usize) -> Self {
        let connections = Connections::new(most, &app.limits);
        Self {
            app,
            connections,
            refusals: Arc::new(Semaphore::new(MAX_REFUSALS)),
            reserve: reserve(),
        }
    }

    async fn run<L: Listener>(mut self, listener: L, admits: impl Fn(&L::Stream) -> bool) {
        loop {
            let accepted = tokio::select! {
                () = self.app.tasks.stopping() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) if !admits(&stream) => {
                    tracing::warn!("refused a process of another user on the Unix socket");
                }
                Ok((stream, via)) => self.take::<L>(stream, via),
                Err(error) => {
                    // Mostly a lack of descriptors, which does not go away by asking again.
                    tracing::warn!(%error, "a connection could not be accepted");
                    self.turn_away(&listener).await;
                }
            }
        }
    }

    fn take<L: Listener>(&self, stream: L::Stream, via: Via) {
        // A proxy has the connections of many; they are counted for each of those.
        let proxies = &self.app.listening.proxies;
        let counted = via.peer().filter(|peer| !proxies.is_at(*peer));
        let why = match self.connections.enter(counted) {
            Ok(place) => {
                let slot = ConnectionSlot::new(place);
                let app = Arc::clone(&self.app);
                return self.app.tasks.spawn(L::serve(app, via, stream, slot));
            }
            Err(Full::InAll) => "there are as many connections as this daemon takes; try again",
            Err(Full::FromAddress) => "there are as many connections as one address may have",
        };
        tracing::warn!(peer = ?via.peer(), "a connection was turned away: {why}");
        let Ok(permit) = Arc::clone(&self.refusals).try_acquire_owned() else {
            return;
        };
        let turning_away = L::turn_away(Arc::clone(&self.app), stream, why);
        self.app.tasks.spawn(async move {
            turning_away.await;
            drop(permit);
        });
    }

    /// Tells one of those that wait that there is no descriptor for it.
    async fn turn_away<L: Listener>(&mut self, listener: &L) {
        if self.reserve.take().is_some()
            && let Ok(Ok((stream, _))) = timeout(ACCEPT_PAUSE, listener.accept()).await
        {
            let why = "the daemon has no descriptor left for a connection; try again";
            L::turn_away(Arc::clone(&self.app), stream, why).await;
        }
        self.reserve = reserve();
        sleep(ACCEPT_PAUSE).await;
    }
}

fn reserve() -> Option<File> {
    File::open("/dev/null").ok()
}

/// Is the other end a process of our own user? Nothing it sends is read before this is known.
fn is_own(stream: &UnixStream) -> bool {
    stream
        .peer_cred()
        .is_ok_and(|peer| peer.uid() == Uid::effective().as_raw())
}

/// A key press must not wait for the next one to share its packet, and a peer that is gone must
/// be found out, also where silence is in order: a publisher may say nothing for hours.
fn prepare(stream: &TcpStream) {
    let options = || {
        stream.set_nodelay(true)?;
        setsockopt(stream, sockopt::KeepAlive, &true)?;
        setsockopt(stream, sockopt::TcpKeepIdle, &TCP_KEEP_ALIVE_SECONDS)?;
        setsockopt(stream, sockopt::TcpKeepInterval, &TCP_KEEP_ALIVE_SECONDS)?;
        setsockopt(stream, sockopt::TcpKeepCount, &KEEP_ALIVE_PROBES)?;
        Ok::<_, io::Error>(())
    };
    if let Err(error) = options() {
        tracing::debug!(%error, "a connection took no options");
    }
}
