//! Where a daemon listens and keeps its files, unless something else is said: files as the XDG
//! base directory specification has it, on every system.

use std::env;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use directories::BaseDirs;

use crate::failure::{CONFIG, Failure};

const OURS: &str = "webtty";

/// Where to listen.
pub(crate) const DEFAULT_HOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// An address to listen on, or `localhost`.
pub(crate) fn parse_host(text: &str) -> Result<IpAddr, String> {
    if text == "localhost" {
        return Ok(DEFAULT_HOST);
    }
    text.parse()
        .map_err(|_| "the host must be an IP address or localhost".to_owned())
}

/// Where keys and the log of a background daemon are kept.
pub(crate) fn state_directory() -> Result<PathBuf, Failure> {
    directory("XDG_STATE_HOME", ".local/state")
}

/// Where the user's settings are.
pub(crate) fn config_directory() -> Result<PathBuf, Failure> {
    directory("XDG_CONFIG_HOME", ".config")
}

/// The settings file: one that was named has to be there.
pub(crate) fn settings_path(named: Option<&Path>) -> Result<PathBuf, Failure> {
    let Some(named) = named else {
        return Ok(config_directory()?.join("config.json"));
    };
    std::path::absolute(named)
        .and_then(|path| path.metadata().map(|_| path))
        .map_err(|error| Failure::new(CONFIG, format!("{}: {error}", named.display())))
}

fn directory(variable: &str, in_home: &str) -> Result<PathBuf, Failure> {
    let named = env::var_os(variable).map(PathBuf::from);
    let base = match named.filter(|path| path.is_absolute()) {
        Some(base) => base,
        None => BaseDirs::new()
            .ok_or_else(|| Failure::plain(format!("no home directory; set HOME or {variable}")))?
            .home_dir()
            .join(in_home),
    };
    Ok(base.join(OURS))
}
