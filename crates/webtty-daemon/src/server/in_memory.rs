//! A daemon that a stranger talks to without a network: for the fuzz targets only.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

use super::{Server, serve};
use crate::app::App;
use crate::config::Config;
use crate::connections::Connections;
use crate::gate::Via;
use crate::http::ConnectionSlot;

/// What the stranger calls the daemon.
const NAME: &str = "http://t:80";
/// What fits between the two; more of an answer waits to be read.
const PIPE_BYTES: usize = 64 * 1024;
/// How often what the stranger sent is looked at before it goes away.
const TURNS: usize = 16;

/// A daemon with a name, `t`, that asks for tokens, of which there are none.
pub struct Daemon {
    runtime: Runtime,
    app: Arc<App>,
    _dir: TempDir,
}

impl Default for Daemon {
    fn default() -> Self {
        Self::new()
    }
}

impl Daemon {
    /// One that waits for nobody and lets everybody try as often as they like.
    ///
    /// # Panics
    /// When there is no room for it in the directory for temporary files.
    pub fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let dir = tempfile::tempdir().expect("a directory");
        let settings = dir.path().join("config.json");
        let often = r#"{"limits": {"refusalsAtOnce": 4000000000}}"#;
        std::fs::write(&settings, often).expect("settings written");
        let places = (dir.path().join("run/daemon.sock"), dir.path().join("state"));
        let config = Config {
            names: vec![NAME.to_owned()],
            ..Config::new(places.0, places.1, settings)
        };
        let server = runtime.block_on(Server::bind(config)).expect("a daemon");
        Self {
            runtime,
            app: server.app,
            _dir: dir,
        }
    }

    /// What somebody is answered who sends these bytes over TCP, and then goes away.
    ///
    /// # Panics
    /// When that changed anything: there is a session, a key, or the daemon stops.
    pub fn answer(&self, bytes: &[u8]) -> Vec<u8> {
        let answer = self.runtime.block_on(self.talk(bytes));
        assert!(self.app.registry.list().is_empty(), "a session was made");
        assert!(self.app.keys.list().is_empty(), "a key was made");
        assert!(!self.app.tasks.is_stopping(), "the daemon stops");
        answer
    }

    async fn talk(&self, bytes: &[u8]) -> Vec<u8> {
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let via = Via::Tcp {
            peer: here,
            local: here,
            proxied: false,
        };
        let connections = Connections::new(1, &self.app.limits);
        let place = connections.enter(via.peer()).expect("a place");
        let (mut stranger, stream) = duplex(PIPE_BYTES);
        let serving = serve::serve(
            Arc::clone(&self.app),
            via,
            stream,
            ConnectionSlot::new(place),
        );
        let talking = async {
            let mut answer = Vec::new();
            let _ = stranger.write_all(bytes).await;
            for _ in 0..TURNS {
                yield_now().await;
            }
            let _ = stranger.shutdown().await;
            let _ = stranger.read_to_end(&mut answer).await;
            answer
        };
        tokio::join!(serving, talking).1
    }
}
