//! Accepting connections and serving HTTP/1.1 on them.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use nix::unistd::Uid;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

use crate::app::App;
use crate::gate::Via;
use crate::http::{ConnectionSlot, Request};
use crate::limits::{ACCEPT_PAUSE, HEAD_TIMEOUT, MAX_HEAD_BYTES, MAX_HEADERS};
use crate::routes;

/// Accepts on the Unix socket until the daemon stops.
pub(super) async fn unix(app: Arc<App>, listener: UnixListener, permits: Arc<Semaphore>) {
    loop {
        let accepted = tokio::select! {
            () = app.tasks.stopping() => return,
            accepted = listener.accept() => accepted.map(|(stream, _)| stream),
        };
        let Some((stream, permit)) = admit(accepted, &permits).await else {
            continue;
        };
        if !is_own(&stream) {
            tracing::warn!("refused a process of another user on the Unix socket");
            continue;
        }
        app.tasks
            .spawn(serve(Arc::clone(&app), Via::Unix, stream, permit));
    }
}

/// Accepts on the TCP listener until the daemon stops.
pub(super) async fn tcp(app: Arc<App>, listener: TcpListener, permits: Arc<Semaphore>) {
    loop {
        let accepted = tokio::select! {
            () = app.tasks.stopping() => return,
            accepted = listener.accept() => accepted.map(|(stream, _)| stream),
        };
        let Some((stream, permit)) = admit(accepted, &permits).await else {
            continue;
        };
        prepare(&stream);
        app.tasks
            .spawn(serve(Arc::clone(&app), Via::Tcp, stream, permit));
    }
}

/// Gives a connection that may be served: one was accepted, and there are not too many.
async fn admit<S>(
    accepted: io::Result<S>,
    permits: &Arc<Semaphore>,
) -> Option<(S, OwnedSemaphorePermit)> {
    match accepted {
        Ok(stream) => {
            let permit = Arc::clone(permits).try_acquire_owned().ok();
            if permit.is_none() {
                tracing::warn!("too many connections: one more was dropped");
            }
            permit.map(|permit| (stream, permit))
        }
        Err(error) => {
            // Mostly a lack of descriptors, which does not go away by asking again at once.
            tracing::warn!(%error, "a connection could not be accepted");
            sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// Is the other end a process of our own user? Nothing it sends is read before this is known.
fn is_own(stream: &UnixStream) -> bool {
    stream
        .peer_cred()
        .is_ok_and(|peer| peer.uid() == Uid::effective().as_raw())
}

/// A key press must not wait for the next one to share its packet.
fn prepare(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection took no options");
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    app: Arc<App>,
    via: Via,
    stream: S,
    permit: OwnedSemaphorePermit,
) {
    let service_app = Arc::clone(&app);
    let slot = ConnectionSlot::new(permit);
    let service = service_fn(move |mut request: Request| {
        request.extensions_mut().insert(slot.clone());
        let app = Arc::clone(&service_app);
        async move { Ok::<_, Infallible>(routes::handle(app, via, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = app.tasks.stopping() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended badly");
    }
}
