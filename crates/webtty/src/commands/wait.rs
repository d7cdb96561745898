//! `webtty wait`: until a text shows, nothing more is written, or the shell exits.

use std::time::Duration;

use webtty_protocol::rest::ExitInfo;
use webtty_protocol::wait::{Met, Wait};

use crate::choice;
use crate::cli::programs::WaitArgs;
use crate::context::Context;
use crate::failure::{FAILURE, Failure, TIMEOUT, USAGE};
use crate::output::print;

/// The longest wait that the daemon takes.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) async fn run(context: &Context, args: WaitArgs) -> Result<u8, Failure> {
    if args.text.is_none() && args.idle.is_none() && !args.exit {
        let failure = Failure::new(USAGE, "there is nothing to wait for");
        return Err(failure.hint("give --text, --idle or --exit"));
    }
    let client = context.client().await?;
    let id = choice::here_or_only(&client, args.id, "its id").await?;
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let wish = Wait {
        text: args.text,
        from: args.from,
        idle_ms: args.idle.map(ms),
        exit: args.exit,
        timeout_ms: Some(ms(args.timeout.unwrap_or(A_DAY))),
    };
    let waited = client.wait(&id, &wish).await;
    let waited = waited.map_err(|error| Failure::from(error).of_session(&id))?;
    if args.json {
        let json = serde_json::to_string(&waited).expect("text and numbers are JSON");
        print(&format!("{json}\n"))?;
    }
    match waited.met {
        Met::Text | Met::Idle => Ok(0),
        Met::Timeout => Err(Failure::new(TIMEOUT, "the time is over")),
        Met::Exit if args.exit => Ok(code_of(waited.exit.as_ref())),
        Met::Exit => Err(Failure::plain("the shell has exited before")),
    }
}

/// The exit code of a shell that has waited for it.
fn code_of(exit: Option<&ExitInfo>) -> u8 {
    let Some(exit) = exit else { return FAILURE };
    let by_signal = || {
        let name = exit.signal.as_deref()?;
        let signal: nix::sys::signal::Signal = name.parse().ok()?;
        u8::try_from(128 + signal as i32).ok()
    };
    let code = exit
        .code
        .map(|code| u8::try_from(code & 0xff).unwrap_or(FAILURE));
    code.or_else(by_signal).unwrap_or(FAILURE)
}
