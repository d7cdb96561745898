//! `webtty start`: a daemon in the background.

use crate::cli::StartArgs;
use crate::context::Context;
use crate::daemon;
use crate::failure::{Failure, USAGE};
use crate::output::{print, say};

pub(crate) async fn run(context: &Context, StartArgs {}: StartArgs) -> Result<u8, Failure> {
    if let Context::Remote { .. } = context {
        return Err(Failure::new(
            USAGE,
            "a daemon at a URL cannot be started from here",
        ));
    }
    let running = daemon::ensure(context).await?;
    if !running.started {
        say(&format!(
            "the daemon already runs, process {}",
            running.health.pid
        ));
    }
    print(&format!("{}\n", running.health.url))?;
    Ok(0)
}
