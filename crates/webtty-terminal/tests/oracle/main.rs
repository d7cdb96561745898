//! The engine against xterm.js. Needs Node and the packages beside this file, so it runs only
//! when asked: `cargo xtask oracle`.

mod compare;
mod driver;
mod features;
#[path = "../common/mixes.rs"]
mod mixes;
mod recordings;

use compare::Outcome;
use driver::{Oracle, Script, Step};
use mixes::{Random, mix};

/// Cuts of a script: every byte of every step if they are few, else evenly spread.
fn cuts(script: &Script, most: usize) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    for (i, step) in script.steps.iter().enumerate() {
        match step {
            Step::Feed(bytes) => all.extend((1..=bytes.len()).map(|byte| (i, byte))),
            Step::Resize(..) => all.push((i, 0)),
        }
    }
    let every = all.len().div_ceil(most).max(1);
    // The middle of each stretch: a cut at the very end would leave nothing to follow.
    all.into_iter().skip(every / 2).step_by(every).collect()
}

fn check(scripts: &[Script], most_cuts: usize, outcomes: &mut Vec<(String, Outcome)>) {
    let mut oracle = Oracle::start();
    for script in scripts {
        let mut outcome = compare::raw(&mut oracle, script);
        for (step, byte) in cuts(script, most_cuts) {
            if !matches!(outcome, Outcome::Exact) {
                break;
            }
            outcome = compare::snapshot(&mut oracle, script, step, byte);
        }
        outcomes.push((script.name.clone(), outcome));
    }
}

fn report(outcomes: &[(String, Outcome)]) -> usize {
    let mut wrong = 0;
    for (name, outcome) in outcomes {
        match outcome {
            Outcome::Exact => {}
            Outcome::Failed(error) => println!("xterm.js failed: {name}: {error}"),
            Outcome::Differs(what) => {
                wrong += 1;
                println!("{name}: {what}");
            }
        }
    }
    println!("{} scripts, {wrong} differ", outcomes.len());
    wrong
}

#[test]
#[ignore = "needs Node; run by `cargo xtask oracle`"]
fn every_code_point_is_as_wide_as_in_the_browser() {
    let check = std::process::Command::new("node")
        .args(["width.mjs", "--check"])
        .current_dir(driver::folder())
        .status();
    assert!(check.expect("node runs").success());
}

#[test]
#[ignore = "needs Node; run by `cargo xtask oracle`"]
fn single_features_are_exact() {
    let mut outcomes = Vec::new();
    check(&features::all(), 40, &mut outcomes);
    assert_eq!(report(&outcomes), 0);
}

/// Mixes with resizes between them.
fn generated(seeds: std::ops::Range<u64>) -> Vec<Script> {
    let script = |seed| {
        let mut random = Random::new(seed);
        let size = (3 + random.below(30) as u16, 1 + random.below(9) as u16);
        let mut now = size;
        let mut steps = Vec::new();
        for _ in 0..1 + random.below(3) {
            if !steps.is_empty() && random.below(3) == 0 {
                now = (2 + random.below(40) as u16, 1 + random.below(9) as u16);
                steps.push(Step::Resize(now.0, now.1));
            }
            let (cols, rows) = (usize::from(now.0), usize::from(now.1));
            steps.push(Step::Feed(mix(&mut random, 40, cols, rows)));
        }
        Script {
            name: format!("mix {seed}"),
            size,
            steps,
        }
    };
    seeds.map(script).collect()
}

/// Seeds of mixes that differed before something was mended.
const ONCE_WRONG: &[u64] = &[10280, 10742, 11592, 16210, 16243, 16753, 17728, 20909];

/// `FIRST..END`.
fn range(text: &str) -> std::ops::Range<u64> {
    let (first, end) = text.split_once("..").expect("FIRST..END");
    first.parse().expect("a seed")..end.parse().expect("a seed")
}

#[test]
#[ignore = "needs Node; run by `cargo xtask oracle`"]
fn generated_mixes_are_exact_raw_and_nearly_always_by_snapshot() {
    let seeds = match std::env::var("ORACLE_MIXES") {
        Ok(text) => range(&text),
        Err(_) if quick() => 0..1000,
        Err(_) => 0..10_000,
    };
    let total = seeds.end - seeds.start;
    let mut scripts = generated(seeds);
    for &seed in ONCE_WRONG {
        scripts.extend(generated(seed..seed + 1));
    }
    let mut outcomes = Vec::new();
    check(&scripts, 1, &mut outcomes);
    let wrong = report(&outcomes);
    let raw = outcomes.iter().filter(|(_, outcome)| match outcome {
        Outcome::Differs(what) => what.starts_with("raw"),
        _ => false,
    });
    assert_eq!(raw.count(), 0, "the engine itself differs");
    // What is out of a snapshot's reach is named in docs/terminal.md.
    assert!(wrong as u64 * 1000 <= total, "{wrong} of {total}");
}

#[test]
#[ignore = "needs Node; run by `cargo xtask oracle`"]
fn recordings_are_exact() {
    let mut outcomes = Vec::new();
    check(
        &recordings::all(),
        if quick() { 4 } else { 60 },
        &mut outcomes,
    );
    assert_eq!(report(&outcomes), 0);
}

/// The part that runs with every change.
fn quick() -> bool {
    std::env::var_os("ORACLE_QUICK").is_some()
}
