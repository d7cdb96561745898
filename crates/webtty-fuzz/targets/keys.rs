//! The file of keys: what is taken for one can be used as a start and a login use it.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    webtty_daemon::fuzzing::keys_file(input);
});
