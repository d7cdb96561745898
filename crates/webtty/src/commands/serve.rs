//! `webtty serve`: the daemon itself. The only file that names [`webtty_daemon`].

mod background;
mod inherited;
mod logs;
mod settings;
mod signals;

use std::env;
use std::io::{self, IsTerminal};
use std::num::NonZero;
use std::path::Path;
use std::thread::available_parallelism;

use tokio::runtime::Builder;
use webtty_daemon::{Auth, BindError, Config, Server, Tls};
pub(super) use webtty_daemon::{check_settings_text, effective_settings, settings_schema};

use crate::cli::ServeArgs;
use crate::context::Context;
use crate::failure::{CONFIG, FAILURE, Failure, USAGE};
use crate::limits::{SERVE_KEY_SECONDS, TASKS_BEFORE_EVENTS};
use crate::output::{Colours, say};
use inherited::Wishes;

pub(crate) fn run(context: &Context, args: &ServeArgs) -> Result<u8, Failure> {
    let Context::Local { socket } = context else {
        return Err(Failure::new(
            USAGE,
            "serve is a daemon of its own; it takes no --url",
        ));
    };
    let wishes = inherited::let_go()?;
    if args.background {
        background::leave_terminal()?;
    }
    logs::begin(args.log_format, &args.log)?;
    let config = settings::config(socket, args)?;
    let runtime = Builder::new_multi_thread()
        .enable_all()
        // Whoever types must not wait until all others have been served what came before: look
        // for what arrived after a few tasks, not after some sixty.
        .event_interval(TASKS_BEFORE_EVENTS)
        .global_queue_interval(TASKS_BEFORE_EVENTS)
        .worker_threads(workers())
        .build()
        .map_err(|error| Failure::io("starting", &error))?;
    let result = runtime.block_on(serve(config, args.background, wishes));
    // After a second signal nothing is waited for.
    runtime.shutdown_background();
    result
}

/// How many threads serve sockets: one for each processor but one. Programs, the kernel that moves
/// their output and the threads that read it are busy whenever sockets are; and where there are two
/// processors, one thread need not wake another to share a key with it.
fn workers() -> usize {
    let processors = available_parallelism().map_or(1, NonZero::get);
    processors.saturating_sub(1).max(1)
}

/// Would a daemon of these settings be refused? The words say why.
pub(super) fn would_refuse(socket: &Path, settings: Option<&Path>) -> Result<(), String> {
    let args = ServeArgs {
        config: settings.map(Path::to_owned),
        ..ServeArgs::default()
    };
    match settings::config(socket, &args) {
        Ok(config) => Server::check(&config).map_err(|error| crate::failure::with_causes(&error)),
        Err(Failure::Said(said)) => Err(said.message),
        Err(Failure::OutputClosed) => Ok(()),
    }
}

/// The shell of plain sessions by these settings.
pub(super) fn shell_of(settings: &Path) -> String {
    let named = effective_settings(settings).ok();
    let named = named.and_then(|all| all["shell"].as_str().map(str::to_owned));
    named
        .or_else(|| env::var("SHELL").ok())
        .filter(|shell| !shell.is_empty())
        .unwrap_or_else(|| "/bin/sh".to_owned())
}

async fn serve(config: Config, in_background: bool, wishes: Wishes) -> Result<u8, Failure> {
    let warnings = warnings(&config);
    // From here on a signal stops in order; before, there was nothing to put in order.
    let mut signals = signals::Signals::new(wishes)?;
    let server = match Server::bind(config).await {
        Ok(server) => server,
        Err(BindError::AlreadyRunning { .. }) if in_background => {
            return background::say_another_runs();
        }
        Err(error) => return Err(refused(&error)),
    };
    announce(&server, &warnings)?;
    if in_background {
        background::say_ready()?;
    }
    let stopped = signals.first();
    let outcome = tokio::select! {
        outcome = server.run(stopped) => outcome,
        code = signals.second() => return Ok(code),
    };
    if outcome.drained && outcome.shells_gone {
        tracing::info!("stopped");
        return Ok(0);
    }
    tracing::warn!(
        drained = outcome.drained,
        shells_gone = outcome.shells_gone,
        "stopped, but not all was over in time"
    );
    Ok(FAILURE)
}

/// What is to be said of this configuration at each start.
fn warnings(config: &Config) -> Vec<&'static str> {
    let mut warnings = Vec::new();
    if config.auth == Auth::None {
        warnings.push(
            "authentication is off: every program and user of this machine that reaches the port \
             can use your shells",
        );
    }
    if !config.listen.ip().is_loopback() && config.tls == Tls::Off {
        warnings.push(
            "plain HTTP beyond loopback: whoever is on the way from the proxy to this port reads \
             every screen, every key press and every credential; only a proxy may reach it",
        );
    }
    warnings
}

/// Says where the daemon is, and on a terminal how to be let in.
fn announce(server: &Server, warnings: &[&str]) -> Result<(), Failure> {
    let socket = server.socket_path().display();
    tracing::info!(url = server.url(), address = %server.address(), %socket, "listening");
    let terminal = io::stderr().is_terminal();
    if let Some(fingerprint) = server.fingerprint() {
        tracing::info!("the certificate's SHA-256 fingerprint is {fingerprint}");
    }
    for warning in warnings {
        if terminal {
            say(&Colours::of(terminal).red(warning));
        } else {
            tracing::warn!("{warning}");
        }
    }
    if !terminal {
        return Ok(());
    }
    // Only to a person: a log must not hold a key.
    let link = server
        .admin_link(SERVE_KEY_SECONDS)
        .map_err(|error| Failure::io("making a link", &error))?;
    match link {
        Some(link) => say(&format!(
            "Open {link}\nWhoever has this link has your shells."
        )),
        None => say(&format!("Open {}", server.url())),
    }
    Ok(())
}

fn refused(error: &BindError) -> Failure {
    match error {
        BindError::AlreadyRunning { socket, pid } => {
            let process = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
            Failure::plain(format!(
                "a daemon already runs at {}{process}",
                socket.display()
            ))
            .hint("`webtty stop` ends it; --socket makes room for another one")
        }
        BindError::Refused(_) | BindError::Settings(_) => {
            Failure::new(CONFIG, crate::failure::with_causes(error))
        }
        BindError::Listen { .. } => Failure::plain(crate::failure::with_causes(error))
            .hint("--port or WEBTTY_PORT names another port, 0 takes any free one"),
        BindError::Io { .. } => Failure::plain(crate::failure::with_causes(error)),
    }
}
