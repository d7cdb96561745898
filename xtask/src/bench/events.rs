//! The event channel: many events to many subscribers, and how late a single one comes.

use std::io::Write;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use anyhow::Result;

use super::consumer::{EventCount, Stopwatch};
use super::daemon::{Daemon, Launcher};
use super::event_flood::{events, figures, plain, publish, write_chunk};
use super::event_stall;
use super::figure::{Aim, Figure, Unit};
use super::frames::{TEXT, from_server};
use super::http::{begin_chunked, end_chunked};
use super::plain_loop;
use super::socket::{Socket, read_all_until};
use super::stats::percentiles;

const RUNS: usize = 3;
/// How many events a second are published when it is the latency that counts, for how many
/// seconds at once, and how often.
const PACE: usize = 1000;
const PACED_SECONDS: usize = 1;
const PACED_RUNS: usize = 5;
const HUB_SUBSCRIBERS: usize = 50;
const PACED_SUBSCRIBERS: usize = 10;

pub(crate) fn measure(launcher: &Launcher) -> Result<Vec<Figure>> {
    let daemon = launcher.start()?;
    let session = daemon.session(&["/bin/cat".to_owned()])?;
    let mut figures = Vec::new();
    for (subscribers, aim) in [(50, Aim::Share(0.5)), (1, Aim::ShareOr(0.5, 500_000.0))] {
        figures.extend(measure_flood(&daemon, &session, subscribers, aim)?);
    }
    figures.extend(measure_hub(&daemon, &session)?);
    figures.extend(measure_latency(&daemon, &session)?);
    figures.extend(event_stall::measure(launcher)?);
    Ok(figures)
}

fn measure_flood(
    daemon: &Daemon,
    session: &str,
    subscribers: usize,
    aim: Aim,
) -> Result<Vec<Figure>> {
    let events = events();
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        bare.push(plain(&events, subscribers)?);
        let mut sockets = daemon.subscribers(session, subscribers, EventCount::default)?;
        ours.push(publish(daemon, session, &events, &mut sockets)?);
    }
    let who = match subscribers {
        1 => "one subscriber".to_owned(),
        many => format!("{many} subscribers"),
    };
    Ok(figures(&who, aim, &ours, &bare))
}

fn measure_hub(daemon: &Daemon, session: &str) -> Result<Vec<Figure>> {
    let events = events();
    // As long as those of the daemon, whatever their numbers and times are.
    let frame = |(number, event): (usize, &String)| {
        format!(
            r#"{{"type":"event","payload":{{"room":"session/{session}/events","seq":{number},"event":{{"kind":"published","ts":1700000000000,"at":0,"data":{event}}}}}}}"#
        )
    };
    let texts: Vec<String> = events.iter().enumerate().map(frame).collect();
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        bare.push(plain(&texts, HUB_SUBSCRIBERS)?);
        let mut sockets = daemon.hub_subscribers(session, HUB_SUBSCRIBERS)?;
        ours.push(publish(daemon, session, &events, &mut sockets)?);
    }
    let who = format!("{HUB_SUBSCRIBERS} connections of the hub");
    Ok(figures(&who, Aim::Share(0.5), &ours, &bare))
}

fn measure_latency(daemon: &Daemon, session: &str) -> Result<Vec<Figure>> {
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..PACED_RUNS {
        bare.push(paced_loop()?);
        ours.push(paced_events(daemon, session)?);
    }
    let figure = |name: &str, percent, aim| {
        let of = |runs: &[Vec<f64>]| percentiles(runs, percent);
        Figure::of_pairs(Unit::Microseconds, &of(&ours), &of(&bare))
            .what(format!(
                "1,000 events a second to 10 subscribers, latency: {name}"
            ))
            .against("a loop that writes to 10 sockets")
            .aim(aim)
            .meaning("from the publisher's write to the subscriber's read")
    };
    Ok(vec![
        figure("median", 50.0, Aim::None),
        figure("99th percentile", 99.0, Aim::Most(2000.0)),
    ])
}

fn paced_events(daemon: &Daemon, session: &str) -> Result<Vec<f64>> {
    let began = Instant::now();
    let sockets = daemon.subscribers(session, PACED_SUBSCRIBERS, || Stopwatch::new(began))?;
    let mut body = begin_chunked(&daemon.unix, &format!("/s/{session}/publish"))?;
    paced(sockets, |last| {
        write_chunk(&mut body, (Stopwatch::event(began) + "\n").as_bytes())?;
        if last {
            end_chunked(body.try_clone()?)
        } else {
            Ok(())
        }
    })
}

fn paced_loop() -> Result<Vec<f64>> {
    let began = Instant::now();
    let (mut writers, readers) = plain_loop::pairs(PACED_SUBSCRIBERS)?;
    let sockets = readers.into_iter();
    let sockets = sockets.map(|link| Socket::over(link, Stopwatch::new(began)));
    paced(sockets.collect(), |_| {
        let frame = from_server(TEXT, Stopwatch::event(began).as_bytes());
        for writer in &mut writers {
            writer.write_all(&frame)?;
        }
        Ok(())
    })
}

/// Sends at the pace while all subscribers read, and gives each delivery's microseconds.
fn paced(
    mut sockets: Vec<Socket<Stopwatch>>,
    mut send: impl FnMut(bool) -> Result<()> + Send,
) -> Result<Vec<f64>> {
    const COUNT: usize = PACE * PACED_SECONDS;
    thread::scope(|scope| {
        let sending = thread::Builder::new()
            .name("paced publisher".to_owned())
            .spawn_scoped(scope, move || -> Result<()> {
                let mut due = Instant::now();
                for number in 1..=COUNT {
                    sleep(due.saturating_duration_since(Instant::now()));
                    due += Duration::from_secs(1) / PACE as u32;
                    send(number == COUNT)?;
                }
                Ok(())
            })?;
        read_all_until(&mut sockets, |stopwatch| {
            stopwatch.microseconds.len() == COUNT
        })?;
        sending.join().expect("the publisher does not panic")
    })?;
    let all = sockets.iter();
    Ok(all
        .flat_map(|socket| socket.consumer.microseconds.iter().copied())
        .collect())
}
