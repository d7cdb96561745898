//! The settings file: what is taken for one is within its bounds and can be written again.
#![cfg_attr(feature = "libfuzzer", no_main)]

#[path = "../common/target.rs"]
mod target;

target::target!(|input: &[u8]| {
    webtty_daemon::fuzzing::settings(input);
});
