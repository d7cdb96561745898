//! The event channel: many events to many subscribers, and how late a single one comes.

use std::fs::File;
use std::io::Write;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::consumer::{EventCount, Stopwatch};
use super::daemon::{Daemon, Launcher};
use super::figure::{Aim, Figure, Unit};
use super::frames::{TEXT, from_server};
use super::http::{begin_chunked, end_chunked};
use super::plain_loop::{self, WRITE_BYTES};
use super::proc::cpu;
use super::socket::{Socket, read_all_until};
use super::stats::percentiles;

const EVENTS: usize = 100_000;
const RUNS: usize = 3;
/// How many events a second are published when it is the latency that counts, for how many
/// seconds at once, and how often.
const PACE: usize = 1000;
const PACED_SECONDS: usize = 1;
const PACED_RUNS: usize = 5;
const PACED_SUBSCRIBERS: usize = 10;

/// Deliveries a second and CPU nanoseconds for each.
struct Delivery {
    speed: f64,
    cost: f64,
}

pub(crate) fn measure(launcher: &Launcher) -> Result<Vec<Figure>> {
    let daemon = launcher.start()?;
    let session = daemon.session(&["/bin/cat".to_owned()])?;
    let mut figures = Vec::new();
    for (subscribers, aim) in [(50, Aim::Share(0.5)), (1, Aim::ShareOr(0.5, 500_000.0))] {
        figures.extend(measure_flood(&daemon, &session, subscribers, aim)?);
    }
    figures.extend(measure_latency(&daemon, &session)?);
    Ok(figures)
}

fn measure_flood(
    daemon: &Daemon,
    session: &str,
    subscribers: usize,
    aim: Aim,
) -> Result<Vec<Figure>> {
    let events: Vec<String> = (0..EVENTS).map(event).collect();
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        bare.push(loop_over(&events, subscribers)?);
        ours.push(publish(daemon, session, &events, subscribers)?);
    }
    let speeds = |runs: &[Delivery]| runs.iter().map(|run| run.speed).collect::<Vec<_>>();
    let costs = |runs: &[Delivery]| runs.iter().map(|run| run.cost).collect::<Vec<_>>();
    let who = match subscribers {
        1 => "one subscriber".to_owned(),
        many => format!("{many} subscribers"),
    };
    Ok(vec![
        Figure::of_pairs(Unit::PerSecond, &speeds(&ours), &speeds(&bare))
            .what(format!("100,000 events to {who}: deliveries"))
            .against("a loop that writes the same frames in 64 KB pieces")
            .aim(aim)
            .meaning("how many events a tool can send before it is slowed down"),
        Figure::of_pairs(Unit::Nanoseconds, &costs(&ours), &costs(&bare))
            .what(format!("100,000 events to {who}: CPU for each delivery"))
            .against("that loop's")
            .meaning("checking, numbering and storing an event, and framing it"),
    ])
}

/// What a tool would publish.
fn event(number: usize) -> String {
    format!(
        r#"{{"type":"progress","step":{number},"of":{EVENTS},"file":"src/module_{}.rs"}}"#,
        number % 977
    )
}

fn publish(
    daemon: &Daemon,
    session: &str,
    events: &[String],
    subscribers: usize,
) -> Result<Delivery> {
    let mut sockets = daemon.subscribers(session, subscribers, EventCount::default)?;
    let lines = events.join("\n") + "\n";
    let path = format!("/s/{session}/publish");
    let mut body = begin_chunked(&daemon.unix, &path)?;
    let spent = cpu(daemon.pid())?;
    let began = Instant::now();
    thread::scope(|scope| {
        let publishing = thread::Builder::new()
            .name("publisher".to_owned())
            .spawn_scoped(scope, move || {
                for piece in lines.as_bytes().chunks(WRITE_BYTES) {
                    write_chunk(&mut body, piece)?;
                }
                end_chunked(body)
            })?;
        read_all_until(&mut sockets, |count| count.events == EVENTS)?;
        publishing.join().expect("the publisher does not panic")
    })?;
    let deliveries = (EVENTS * subscribers) as f64;
    Ok(Delivery {
        speed: deliveries / began.elapsed().as_secs_f64(),
        cost: (cpu(daemon.pid())? - spent) / deliveries,
    })
}

fn write_chunk(body: &mut File, piece: &[u8]) -> Result<()> {
    let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
    chunk.extend_from_slice(piece);
    chunk.extend_from_slice(b"\r\n");
    body.write_all(&chunk).context("publishing")
}

fn loop_over(events: &[String], subscribers: usize) -> Result<Delivery> {
    let frames: Vec<u8> = events
        .iter()
        .flat_map(|event| from_server(TEXT, event.as_bytes()))
        .collect();
    let writes: Vec<Vec<u8>> = frames.chunks(WRITE_BYTES).map(<[u8]>::to_vec).collect();
    let done = |count: &EventCount| count.events == EVENTS;
    let cost = plain_loop::write_to_all(subscribers, &writes, EventCount::default, done)?;
    let deliveries = (EVENTS * subscribers) as f64;
    Ok(Delivery {
        speed: deliveries / cost.elapsed.as_secs_f64(),
        cost: cost.cpu / deliveries,
    })
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
