//! The settings file: what is taken for one is within its bounds and can be written again.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    webtty_daemon::fuzzing::settings(input);
});
