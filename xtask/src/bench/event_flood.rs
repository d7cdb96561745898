//! 100,000 events from one publisher to many subscribers, of whichever kind of socket.

use std::fs::File;
use std::io::Write;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};

use super::consumer::EventCount;
use super::daemon::Daemon;
use super::figure::{Aim, Figure, Unit};
use super::frames::{TEXT, from_server};
use super::http::{begin_chunked, end_chunked};
use super::plain_loop::{self, WRITE_BYTES};
use super::proc::cpu;
use super::socket::{Socket, read_all_until};

/// How many.
pub(crate) const EVENTS: usize = 100_000;

/// Deliveries a second and CPU nanoseconds for each.
pub(crate) struct Delivery {
    pub(crate) speed: f64,
    cost: f64,
}

/// What a tool would publish.
pub(crate) fn events() -> Vec<String> {
    let event = |number: usize| {
        format!(
            r#"{{"type":"progress","step":{number},"of":{EVENTS},"file":"src/module_{}.rs"}}"#,
            number % 977
        )
    };
    (0..EVENTS).map(event).collect()
}

/// Publishes them, and waits until each of these subscribers has them all.
pub(crate) fn publish(
    daemon: &Daemon,
    session: &str,
    events: &[String],
    sockets: &mut [Socket<EventCount>],
) -> Result<Delivery> {
    let lines = events.join("\n") + "\n";
    let path = format!("/s/{session}/publish");
    let mut body = begin_chunked(&daemon.unix, &path)?;
    let goals: Vec<usize> = sockets
        .iter()
        .map(|one| one.consumer.events + events.len())
        .collect();
    let goal = goals.iter().copied().max().unwrap_or_default();
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
        read_all_until(sockets, |count| count.events >= goal)?;
        publishing.join().expect("the publisher does not panic")
    })?;
    let deliveries = (events.len() * sockets.len()) as f64;
    Ok(Delivery {
        speed: deliveries / began.elapsed().as_secs_f64(),
        cost: (cpu(daemon.pid())? - spent) / deliveries,
    })
}

/// A chunk of a request's body.
pub(crate) fn write_chunk(body: &mut File, piece: &[u8]) -> Result<()> {
    let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
    chunk.extend_from_slice(piece);
    chunk.extend_from_slice(b"\r\n");
    body.write_all(&chunk).context("publishing")
}

/// The same texts from a loop that writes to as many sockets.
pub(crate) fn plain(texts: &[String], subscribers: usize) -> Result<Delivery> {
    let frames: Vec<u8> = texts
        .iter()
        .flat_map(|text| from_server(TEXT, text.as_bytes()))
        .collect();
    let writes: Vec<Vec<u8>> = frames.chunks(WRITE_BYTES).map(<[u8]>::to_vec).collect();
    let done = |count: &EventCount| count.events == texts.len();
    let cost = plain_loop::write_to_all(subscribers, &writes, EventCount::default, done)?;
    let deliveries = (texts.len() * subscribers) as f64;
    Ok(Delivery {
        speed: deliveries / cost.elapsed.as_secs_f64(),
        cost: cost.cpu / deliveries,
    })
}

/// Both figures of pairs of such runs.
pub(crate) fn figures(who: &str, aim: Aim, ours: &[Delivery], bare: &[Delivery]) -> Vec<Figure> {
    let speeds = |runs: &[Delivery]| runs.iter().map(|run| run.speed).collect::<Vec<_>>();
    let costs = |runs: &[Delivery]| runs.iter().map(|run| run.cost).collect::<Vec<_>>();
    vec![
        Figure::of_pairs(Unit::PerSecond, &speeds(ours), &speeds(bare))
            .what(format!("100,000 events to {who}: deliveries"))
            .against("a loop that writes the same frames in 64 KB pieces")
            .aim(aim)
            .meaning("how many events a tool can send before it is slowed down"),
        Figure::of_pairs(Unit::Nanoseconds, &costs(ours), &costs(bare))
            .what(format!("100,000 events to {who}: CPU for each delivery"))
            .against("that loop's")
            .meaning("checking, numbering and storing an event, and framing it"),
    ]
}
