//! Which daemon is meant, from flags and environment.

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;
use webtty_client::{Client, Credential, Endpoint, Error, HttpUrl, Trust};
use webtty_protocol::runtime::socket_path;

use crate::cli::Global;
use crate::failure::{Failure, USAGE, with_causes};
use crate::limits::MAX_TOKEN_FILE_BYTES;

/// Stands for `--fingerprint`.
const ENV_FINGERPRINT: &str = "WEBTTY_FINGERPRINT";

/// Stands for `--ca-file`.
const ENV_CA_FILE: &str = "WEBTTY_CA_FILE";

/// The daemon that is meant.
#[derive(Debug)]
pub(crate) enum Context {
    /// The one of this machine and user, which may be started.
    Local {
        /// Its Unix socket, absolute.
        socket: PathBuf,
    },
    /// One that listens somewhere and is not ours to start.
    Remote {
        /// Where.
        url: HttpUrl,
        /// Whose certificate is taken.
        trust: Trust,
        /// A file that holds what lets us in.
        token_file: Option<PathBuf>,
    },
}

impl Context {
    /// The daemon that flags and environment name.
    pub(crate) fn new(global: Global) -> Result<Self, Failure> {
        match global {
            Global {
                url: Some(_),
                socket: Some(_),
                ..
            } => Err(Failure::new(USAGE, "--url and --socket exclude each other")),
            Global {
                url: Some(url),
                token_file,
                fingerprint,
                ca_file,
                ..
            } => Ok(Self::Remote {
                url: url.parse()?,
                trust: trust(fingerprint.as_deref(), ca_file.as_deref())?,
                token_file,
            }),
            Global {
                token_file: Some(_),
                ..
            } => Err(Failure::new(
                USAGE,
                "--token-file is of use only with --url",
            )),
            Global { socket, .. } => Ok(Self::Local {
                socket: local_socket(socket)?,
            }),
        }
    }

    /// Its client. A key is exchanged for a token here; nothing else is sent yet.
    pub(crate) async fn client(&self) -> Result<Client, Failure> {
        match self {
            Self::Local { socket } => Ok(Client::new(Endpoint::Unix(socket.clone()))),
            Self::Remote {
                url,
                trust,
                token_file,
            } => {
                let credential = match token_file {
                    Some(file) => Some(read_credential(file)?),
                    None => None,
                };
                Ok(Client::over_http(url.clone(), trust.clone(), credential).await?)
            }
        }
    }

    /// Is the token read from standard input?
    pub(crate) fn takes_stdin(&self) -> bool {
        match self {
            Self::Local { .. } => false,
            Self::Remote { token_file, .. } => token_file.as_deref() == Some(Path::new("-")),
        }
    }

    /// The base of the pages' URLs as a browser of this machine reaches them, without a slash at
    /// the end: what the daemon says, or how we have reached it ourselves.
    pub(crate) fn page_base(&self, url_by_daemon: &str) -> String {
        match self {
            Self::Local { .. } => url_by_daemon.trim_end_matches('/').to_owned(),
            Self::Remote { url, .. } => url.to_string(),
        }
    }

    /// What to do when the daemon is of another version than this command.
    pub(crate) async fn skew_hint(&self) -> Option<String> {
        let Self::Local { socket } = self else {
            return None;
        };
        let client = Client::new(Endpoint::Unix(socket.clone()));
        skew_hint(&client.health().await.ok()?.version)
    }
}

/// What to say when the daemon's version is not ours.
pub(crate) fn skew_hint(daemon: &str) -> Option<String> {
    let ours = env!("CARGO_PKG_VERSION");
    (daemon != ours).then(|| {
        format!(
            "the daemon is version {daemon} and this command is {ours}; \
             `webtty stop` and `webtty start` bring them together, and end its sessions"
        )
    })
}

/// Whose certificate is taken: by the flags, else by the environment.
fn trust(fingerprint: Option<&str>, authorities: Option<&Path>) -> Result<Trust, Failure> {
    match (fingerprint, authorities) {
        (Some(text), _) => return Ok(Trust::fingerprint(text.parse()?)),
        (None, Some(path)) => return Ok(Trust::authorities(path)?),
        (None, None) => {}
    }
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    Ok(match (set(ENV_FINGERPRINT), set(ENV_CA_FILE)) {
        (Some(_), Some(_)) => {
            let message =
                format!("{ENV_FINGERPRINT} and {ENV_CA_FILE} are both set and exclude each other");
            let hint = "say which with --fingerprint or --ca-file, or unset one";
            return Err(Failure::new(USAGE, message).hint(hint));
        }
        (Some(text), None) => Trust::fingerprint(text.to_string_lossy().parse()?),
        (None, Some(path)) => Trust::authorities(Path::new(&path))?,
        (None, None) => Trust::default(),
    })
}

fn local_socket(flag: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let path = flag.unwrap_or_else(|| socket_path(|name| env::var_os(name), geteuid().as_raw()));
    std::path::absolute(&path).map_err(|error| Failure::io("finding the socket", &error))
}

/// Reads a token or key. Neither it nor what is there instead is ever repeated.
fn read_credential(file: &Path) -> Result<Credential, Failure> {
    let read = |source: &mut dyn Read| {
        let mut text = String::new();
        source
            .take(MAX_TOKEN_FILE_BYTES)
            .read_to_string(&mut text)
            .map(|_| text)
    };
    let text = if file == Path::new("-") {
        read(&mut io::stdin().lock())
    } else {
        File::open(file).and_then(|mut file| read(&mut file))
    };
    let text = text.map_err(|error| Failure::io(format!("reading {}", file.display()), &error))?;
    text.parse::<Credential>()
        .map_err(|error| Failure::plain(format!("{}: {}", file.display(), with_causes(&error))))
}

/// Is it only that no daemon runs?
pub(crate) fn is_no_daemon(error: &Error) -> bool {
    matches!(error, Error::NoDaemon { .. })
}
