//! `webtty doctor`: what is wrong with this installation, what to do about it, and who can reach
//! what.

mod daemon;
mod files;
mod report;
mod system;

use webtty_client::{Client, Endpoint};

use super::serve;
use crate::cli::DoctorArgs;
use crate::context::{Context, is_no_daemon};
use crate::failure::{FAILURE, Failure, USAGE, with_causes};
use crate::output::print;
use crate::places;
use report::{Finding, Report};

pub(crate) async fn run(context: &Context, args: &DoctorArgs) -> Result<u8, Failure> {
    let Context::Local { socket } = context else {
        let message = "doctor looks at this machine; it takes no --url";
        return Err(Failure::new(USAGE, message));
    };
    let settings = places::settings_path(args.config.as_deref())?;
    let state = places::state_directory()?;
    let mut report = Report::default();
    report.add(files::runtime(socket));
    report.add(files::state(&state));
    report.add(files::settings(&settings));
    if let Err(why) = serve::would_refuse(socket, args.config.as_deref()) {
        let advice = "mend what it says; a daemon that runs keeps the last valid settings";
        report.add([Finding::new("settings", why, advice)]);
    } else {
        report.add(system::shell(serve::shell_of(&settings)).await);
    }
    report.add(system::descriptors());
    report.add(system::terminals());
    let client = Client::new(Endpoint::Unix(socket.clone()));
    match client.health().await {
        Ok(health) => {
            let keys = client.keys().await.unwrap_or_default();
            report.add(daemon::health(&health));
            report.add(daemon::keys(&keys));
            report.exposure = daemon::exposure(socket, &health, &keys);
            report.daemon = Some(health);
        }
        Err(error) if is_no_daemon(&error) => {}
        Err(error) => {
            let advice = "`webtty stop` and `webtty start`, or look into its log";
            let what = format!(
                "the daemon does not answer as it should: {}",
                with_causes(&error)
            );
            report.add([Finding::new("daemon", what, advice)]);
        }
    }
    print(&if args.json {
        report.json()
    } else {
        report.text()
    })?;
    Ok(if report.is_fine() { 0 } else { FAILURE })
}
