//! The terminal engine: output, new sizes, snapshots and replies in any order.
#![cfg_attr(feature = "libfuzzer", no_main)]

#[path = "../common/target.rs"]
mod target;
#[path = "../common/trial.rs"]
mod trial;

target::target!(|input: &[u8]| { trial::run(input) });
