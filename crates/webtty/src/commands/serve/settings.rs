//! Where to listen and whom to let in: flags over environment over the settings file.

use std::env;
use std::path::Path;

use webtty_daemon::{Auth, Config, ListenerSettings, Tls};
use webtty_protocol::names::{DEFAULT_PORT, ENV_PORT};

use crate::cli::{AuthArg, ServeArgs};
use crate::failure::{CONFIG, Failure, USAGE, with_causes};
use crate::places;

/// What the daemon is started with.
pub(super) fn config(socket: &Path, args: &ServeArgs) -> Result<Config, Failure> {
    let settings_path = places::settings_path(args.config.as_deref())?;
    let file = ListenerSettings::read(&settings_path)
        .map_err(|error| Failure::new(CONFIG, with_causes(&error)))?;
    let host = match (args.host, &file.host) {
        (Some(host), _) => host,
        (None, Some(text)) => places::parse_host(text)
            .map_err(|why| Failure::new(CONFIG, format!("{}: {why}", settings_path.display())))?,
        (None, None) => places::DEFAULT_HOST,
    };
    let port = match args.port {
        Some(port) => Some(port),
        None => port_of_environment()?,
    };
    let port = port.or(file.port).unwrap_or(DEFAULT_PORT);
    Ok(Config {
        listen: (host, port).into(),
        auth: match args.auth {
            Some(AuthArg::Keys) => Auth::Keys,
            Some(AuthArg::None) => Auth::None,
            None => file.auth,
        },
        tls: tls(args)?.unwrap_or(file.tls),
        insecure_plain_http: args.insecure_plain_http || file.insecure_plain_http,
        names: if args.names.is_empty() {
            file.names
        } else {
            args.names.clone()
        },
        base_path: args.base_path.clone().unwrap_or(file.base_path),
        trust_proxy: file.trust_proxy,
        ..Config::new(socket.to_owned(), places::state_directory()?, settings_path)
    })
}

fn tls(args: &ServeArgs) -> Result<Option<Tls>, Failure> {
    let absolute = |path: &Path| {
        std::path::absolute(path).map_err(|error| Failure::io(path.display(), &error))
    };
    match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => Ok(Some(Tls::Files {
            certificate: absolute(certificate)?,
            key: absolute(key)?,
        })),
        _ => Ok(args.tls.then_some(Tls::Generated)),
    }
}

/// The port that the environment names.
fn port_of_environment() -> Result<Option<u16>, Failure> {
    for name in [ENV_PORT, "PORT"] {
        match env::var(name) {
            Ok(text) if !text.is_empty() => {
                let port = text.parse().map_err(|_| {
                    Failure::new(USAGE, format!("{name} must be a port, 0 to 65535"))
                })?;
                return Ok(Some(port));
            }
            _ => {}
        }
    }
    Ok(None)
}
