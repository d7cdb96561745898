//! The terminal engine: output, new sizes, snapshots and replies in any order.
#![no_main]

#[path = "../../webtty-terminal/tests/common/trial.rs"]
mod trial;

libfuzzer_sys::fuzz_target!(|input: &[u8]| trial::run(input));
