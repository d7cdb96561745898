//! A pump between a PTY of the test's own and a listener that does as it is told.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::pty::openpty;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};

use super::super::reader::Trickle;
use super::*;
use crate::limits::{FLOOD_TELL_BYTES, QUIET_TIME};

const LIMIT: Duration = Duration::from_secs(60);
/// No process has this id.
const NOBODY: u32 = i32::MAX as u32;

/// Holds the PTY for as many looks as it is told, and counts what it is given.
#[derive(Default)]
struct Listener {
    looks_held: AtomicUsize,
    bytes: AtomicUsize,
    outputs: AtomicUsize,
    untold: AtomicUsize,
    most_untold: AtomicUsize,
    exited: AtomicBool,
    given_while_held: AtomicBool,
}

impl Sink for Listener {
    fn output(&self, bytes: &[u8]) {
        self.bytes.fetch_add(bytes.len(), Ordering::Relaxed);
        self.outputs.fetch_add(1, Ordering::Relaxed);
        let untold = self.untold.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len();
        self.most_untold.fetch_max(untold, Ordering::Relaxed);
        if self.looks_held.load(Ordering::Relaxed) > 0 {
            self.given_while_held.store(true, Ordering::Relaxed);
        }
    }
    fn tell(&self) {
        self.untold.store(0, Ordering::Relaxed);
    }
    fn is_held(&self, _: usize) -> bool {
        let one_less = |looks: usize| looks.checked_sub(1);
        let order = Ordering::Relaxed;
        self.looks_held.fetch_update(order, order, one_less).is_ok()
    }
    fn exited(&self, _: ExitInfo) {
        self.exited.store(true, Ordering::Relaxed);
    }
    fn gone(&self) {}
}

/// A PTY of its own: the program's side, the pump of the other, and who follows it.
fn pump(listener: &Arc<Listener>) -> (File, Arc<Shared>, Pump, Trickle) {
    let pair = openpty(None, None).expect("a PTY");
    let mut modes = tcgetattr(&pair.slave).expect("modes");
    cfmakeraw(&mut modes);
    tcsetattr(&pair.slave, SetArg::TCSANOW, &modes).expect("raw");
    fcntl(&pair.master, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).expect("set");
    let shared = Arc::new(Shared::new().expect("a pipe"));
    let sink: Arc<dyn Sink> = Arc::<Listener>::clone(listener);
    let reader = Arc::new(SharedReader::new(pair.master.into(), Arc::clone(&sink)));
    let trickle = Trickle::new(Arc::clone(&reader), Arc::clone(&shared));
    let pump = Pump::new(NOBODY, Arc::clone(&shared), sink, reader);
    (pair.slave.into(), shared, pump, trickle)
}

/// Runs it to its end, beside something else.
fn run(pump: Pump, meanwhile: impl FnOnce()) {
    let (say, hear) = mpsc::sync_channel(1);
    let thread = thread::Builder::new().spawn(move || {
        pump.run();
        let _ = say.send(());
    });
    meanwhile();
    hear.recv_timeout(LIMIT).expect("it ended");
    thread.expect("a thread").join().expect("no panic");
}

#[test]
fn who_is_waited_for_is_waited_for_at_the_end_too() {
    let listener = Arc::new(Listener::default());
    let (mut program, shared, pump, _) = pump(&listener);
    program.write_all(b"last words").expect("written");
    listener.looks_held.store(20, Ordering::Relaxed);
    shared.report_exit(UNKNOWN_EXIT);
    run(pump, || {});
    assert_eq!(listener.bytes.load(Ordering::Relaxed), 10);
    assert!(!listener.given_while_held.load(Ordering::Relaxed));
}

#[test]
fn an_end_is_told_though_somebody_writes_on() {
    let listener = Arc::new(Listener::default());
    let (mut program, shared, pump, _) = pump(&listener);
    let told = Arc::clone(&listener);
    let writer = thread::Builder::new().spawn(move || {
        // Faster than it is read, until the PTY is no more.
        while program.write_all(&[b'y'; 4096]).is_ok() && !told.exited.load(Ordering::Relaxed) {}
    });
    run(pump, || shared.report_exit(UNKNOWN_EXIT));
    assert!(listener.exited.load(Ordering::Relaxed));
    assert_eq!(listener.untold.load(Ordering::Relaxed), 0);
    writer.expect("a thread").join().expect("no panic");
}

#[test]
fn what_trickles_after_much_is_not_gathered_for_long() {
    let listener = Arc::new(Listener::default());
    let (mut program, shared, pump, _) = pump(&listener);
    run(pump, || {
        program.write_all(&[b'x'; 4000]).expect("written");
        for _ in 0..4000 {
            program.write_all(b"x").expect("written");
            thread::sleep(Duration::from_micros(50));
        }
        shared.report_exit(UNKNOWN_EXIT);
    });
    assert_eq!(listener.bytes.load(Ordering::Relaxed), 8000);
    // Two hundred milliseconds of it at the least, told of every two.
    let outputs = listener.outputs.load(Ordering::Relaxed);
    assert!(outputs > 10, "told of {outputs} times");
}

#[test]
fn of_a_flood_some_is_told_of_at_a_time_and_all_in_the_end() {
    let listener = Arc::new(Listener::default());
    let (mut program, shared, pump, _) = pump(&listener);
    let bytes = 20 * FLOOD_TELL_BYTES + 1;
    run(pump, || {
        program.write_all(&vec![b'x'; bytes]).expect("written");
        shared.report_exit(UNKNOWN_EXIT);
    });
    assert_eq!(listener.bytes.load(Ordering::Relaxed), bytes);
    assert_eq!(listener.untold.load(Ordering::Relaxed), 0);
    let most = listener.most_untold.load(Ordering::Relaxed);
    assert!(most <= FLOOD_TELL_BYTES + PTY_READ_BYTES, "{most} bytes");
}

/// Waits until something is so.
fn eventually(what: &str, so: impl Fn() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < LIMIT, "{what}");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn little_is_read_by_who_follows_and_much_by_the_thread() {
    let listener = Arc::new(Listener::default());
    let (mut program, shared, pump, trickle) = pump(&listener);
    let read = || listener.bytes.load(Ordering::Relaxed);
    let turn = trickle.turn();
    run(pump, || {
        program.write_all(b"key").expect("written");
        eventually("the follower reads a key", || {
            trickle.read();
            read() == 3
        });
        assert_eq!(*turn.borrow(), Turn::Follower);
        program.write_all(&[b'x'; 4000]).expect("written");
        eventually("much ends the follower's turn", || {
            trickle.read();
            *turn.borrow() == Turn::Thread
        });
        program.write_all(&[b'y'; 4000]).expect("written");
        eventually("the thread reads the rest", || read() == 8003);
        eventually("the follower's turn comes again", || {
            *turn.borrow() == Turn::Follower
        });
        program.write_all(b"last words").expect("written");
        shared.report_exit(UNKNOWN_EXIT);
    });
    assert_eq!(read(), 8013);
    assert_eq!(*turn.borrow(), Turn::Over);
    assert_eq!(trickle.read(), None);
}

#[test]
fn who_no_longer_follows_leaves_the_reading_to_the_thread() {
    let listener = Arc::new(Listener::default());
    let (mut program, shared, pump, trickle) = pump(&listener);
    run(pump, || {
        program.write_all(b"key").expect("written");
        drop(trickle);
        eventually("the thread reads", || {
            listener.bytes.load(Ordering::Relaxed) == 3
        });
        shared.report_exit(UNKNOWN_EXIT);
    });
}

#[test]
fn who_follows_waits_for_those_who_are_waited_for() {
    let listener = Arc::new(Listener::default());
    let (mut program, shared, pump, trickle) = pump(&listener);
    listener.looks_held.store(20, Ordering::Relaxed);
    program.write_all(b"key").expect("written");
    trickle.read();
    assert_eq!(*trickle.turn().borrow(), Turn::Thread);
    run(pump, || {
        eventually("one of the two reads", || {
            trickle.read();
            listener.bytes.load(Ordering::Relaxed) == 3
        });
        shared.report_exit(UNKNOWN_EXIT);
    });
    assert!(!listener.given_while_held.load(Ordering::Relaxed));
}

#[test]
fn the_turn_is_not_left_before_all_have_been_told() {
    let listener = Arc::new(Listener::default());
    let (mut program, _, pump, trickle) = pump(&listener);
    listener.looks_held.store(1, Ordering::Relaxed);
    program.write_all(b"key").expect("written");
    trickle.read();
    assert_eq!(*trickle.turn().borrow(), Turn::Thread);
    let mut reader = pump.reader.lock();
    reader.read(Gather::OneRead);
    thread::sleep(QUIET_TIME);
    assert_eq!(reader.settle(false), Turn::Thread, "three bytes are untold");
    assert!(reader.due(false).is_some_and(|due| due <= Instant::now()));
    reader.tell_when_due();
    assert_eq!(reader.settle(false), Turn::Follower);
}
