//! One subscriber among fifty that never reads: what the others lose by it, and what it costs.

use anyhow::{Result, ensure};

use super::consumer::EventCount;
use super::daemon::{Daemon, Launcher};
use super::event_flood::{events, publish};
use super::figure::{Aim, Figure, Unit};
use super::proc::resident;
use super::socket::Socket;
use super::stats::median;

const OTHERS: usize = 50;
const RUNS: usize = 3;
/// Enough to fill every buffer on the way many times.
const SOME: usize = 20_000;
/// How many times they are published for one figure: once takes a moment only.
const FLOODS: usize = 9;

/// Deadlines of a tenth of the usual: what comes after them is what is measured.
const SETTINGS: &str = r#"{"shell": "/bin/sh",
    "limits": {"writeTimeoutMs": 1000, "subscriberWindowMs": 1000}}"#;

pub(crate) fn measure(launcher: &Launcher) -> Result<Vec<Figure>> {
    let daemon = launcher.start_with(SETTINGS)?;
    let session = daemon.session(&["/bin/cat".to_owned()])?;
    let events = &events()[..SOME];
    let (mut beside, mut alone) = (Vec::new(), Vec::new());
    let mut grown: f64 = 0.0;
    for _ in 0..RUNS {
        let mut sockets = daemon.subscribers(&session, OTHERS, EventCount::default)?;
        // The first flood makes room in every buffer, and is not counted.
        publish(&daemon, &session, events, &mut sockets)?;
        alone.push(usual_speed(&daemon, &session, events, &mut sockets)?);
        let before = resident(daemon.pid())?;
        let _stalled = daemon.subscriber(&session, EventCount::default())?;
        daemon.until_subscribers(&session, OTHERS + 1)?;
        // Its deadline comes within these: they are read to the end, so nobody loses any.
        for _ in 0..20 {
            publish(&daemon, &session, events, &mut sockets)?;
            grown = grown.max(resident(daemon.pid())? - before);
            if daemon.subscribers_of(&session)? == OTHERS {
                break;
            }
        }
        ensure!(
            daemon.subscribers_of(&session)? == OTHERS,
            "the one that never reads is still waited for"
        );
        beside.push(usual_speed(&daemon, &session, events, &mut sockets)?);
        drop(sockets);
        daemon.until_subscribers(&session, 0)?;
    }
    Ok(vec![
        Figure::of_pairs(Unit::PerSecond, &beside, &alone)
            .what("20,000 events to 50 subscribers, after a stalled one's deadline: deliveries")
            .against("the 50 before it came")
            .aim(Aim::Share(0.95))
            .meaning("what one who never reads costs the others in the end"),
        Figure::of_aim(Unit::Kilobytes, grown / 1e3, 16_000.0)
            .what("memory that the daemon holds more while one of 51 never reads")
            .meaning("nothing is queued for who does not take it"),
    ])
}

/// Deliveries a second, of several floods.
fn usual_speed(
    daemon: &Daemon,
    session: &str,
    events: &[String],
    sockets: &mut [Socket<EventCount>],
) -> Result<f64> {
    let flood = |_| Ok(publish(daemon, session, events, sockets)?.speed);
    let speeds = (0..FLOODS).map(flood).collect::<Result<Vec<_>>>()?;
    Ok(median(&speeds))
}
