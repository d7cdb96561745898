//! The file of keys: what is taken for one can be used as a start and a login use it.
#![cfg_attr(feature = "libfuzzer", no_main)]

#[path = "../common/target.rs"]
mod target;

target::target!(|input: &[u8]| {
    webtty_daemon::fuzzing::keys_file(input);
});
