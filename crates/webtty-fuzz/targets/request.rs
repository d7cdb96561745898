//! What a stranger sends over TCP: the head of a request through the gate and the table of paths,
//! and a body if there is one. There is no way in without a key, so nothing may change, no answer
//! may be a failure of the daemon, and none may open a socket.
#![cfg_attr(feature = "libfuzzer", no_main)]

#[path = "../common/target.rs"]
mod target;

use std::sync::LazyLock;

use webtty_daemon::fuzzing::Daemon;

static DAEMON: LazyLock<Daemon> = LazyLock::new(Daemon::new);

target::target!(|input: &[u8]| {
    let answer = DAEMON.answer(input);
    if answer.is_empty() {
        return;
    }
    assert!(answer.starts_with(b"HTTP/1."), "no HTTP answer");
    let status = String::from_utf8_lossy(&answer[9..12]).into_owned();
    assert!(!status.starts_with('5') && status != "101", "{status}");
    let is_cross_origin = b"access-control-";
    let head = answer.to_ascii_lowercase();
    let head = head
        .split(|&byte| byte == b'\n')
        .take_while(|line| line.len() > 1);
    let mut cross_origin = head.filter(|line| line.starts_with(is_cross_origin));
    assert_eq!(cross_origin.next(), None);
});
