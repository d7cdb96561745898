//! A daemon with a panic at `/panic` and a sum that is too large at `/overflow`, for
//! `cargo xtask hardening`. It prints its address and serves until its standard input ends.

use std::error::Error;
use std::io::Write;

use tokio::io::AsyncReadExt;
use webtty_daemon::{Auth, Config, Server};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let path = |name: &str| dir.path().join(name);
    let config = Config {
        auth: Auth::None,
        ..Config::new(path("run/daemon.sock"), path("state"), path("config.json"))
    };
    let server = Server::bind(config).await?;
    println!("{}", server.address());
    std::io::stdout().flush()?;
    let outcome = server
        .run(async {
            let _ended = tokio::io::stdin().read_to_end(&mut Vec::new()).await;
        })
        .await;
    assert!(outcome.drained, "sockets were left");
    Ok(())
}
