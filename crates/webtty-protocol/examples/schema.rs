//! Writes the protocol's JSON Schema: `cargo run -p webtty-protocol --example schema -- DIR`.

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let dir = env::args_os()
        .nth(1)
        .map(PathBuf::from)
        .unwrap_or_else(|| ".".into());
    fs::create_dir_all(&dir)?;
    let text = serde_json::to_string_pretty(&webtty_protocol::schema::protocol())?;
    fs::write(dir.join("protocol.json"), text + "\n")
}
