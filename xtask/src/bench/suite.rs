//! The benches of a running daemon: one of them, or all with a table.

use std::time::Instant;

use anyhow::Result;

use super::daemon::Launcher;
use super::figure::{Figure, TABLE_HEAD};
use super::proc::raise_file_limit;
use super::{drain, echo, events, fanout, far, hold, interrupt, join, memory};

type Measure = fn(&Launcher) -> Result<Vec<Figure>>;

const SUITE: &[(&str, Measure)] = &[
    ("drain", drain::measure),
    ("fanout", fanout::measure),
    ("echo", echo::measure),
    ("interrupt", interrupt::measure),
    ("join", join::measure),
    ("far", far::measure),
    ("hold", hold::measure),
    ("memory", memory::measure),
    ("events", events::measure),
];

/// Runs one bench, or all of them.
pub(crate) fn run(wanted: Option<&str>) -> Result<()> {
    raise_file_limit()?;
    let launcher = Launcher::build()?;
    let mut rows = Vec::new();
    for (name, measure) in SUITE {
        if wanted.is_some_and(|wanted| wanted != *name) {
            continue;
        }
        let began = Instant::now();
        let figures = measure(&launcher)?;
        eprintln!("{name}: {:.0} s", began.elapsed().as_secs_f64());
        for figure in &figures {
            figure.print();
            rows.push(figure.row(name));
        }
    }
    if wanted.is_none() {
        println!("\n{TABLE_HEAD}\n{}", rows.join("\n"));
    }
    Ok(())
}
