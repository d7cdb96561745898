//! A screen kept up to date from a log, looked at while more comes.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use webtty_terminal::{Limits, Terminal};

use super::*;
use crate::limits::{SCROLLBACK_BYTES, SCROLLBACK_LINES};
use crate::output_log::Read;

fn screen() -> (Screen, OutputLog) {
    (
        Screen::new(Size { cols: 20, rows: 5 }),
        OutputLog::new(1 << 20),
    )
}

fn text(snapshot: &ScreenSnapshot) -> String {
    let mut terminal = Terminal::new(webtty_terminal::Size::new(20, 5), Limits::default());
    terminal.feed(&snapshot.bytes);
    terminal.describe().join("\n")
}

#[test]
fn a_snapshot_and_what_follows_are_the_whole() {
    let output =
        "\x1b]0;title\x07one\r\n\x1b[31mtwo é\x1b[5;3Hend\x1b[?1049h\x1b[2;2Hhi".as_bytes();
    let (whole, whole_log) = screen();
    whole_log.append(output);
    let expected = text(&whole.snapshot(&whole_log, None));
    for cut in 0..output.len() {
        let (screen, log) = screen();
        log.append(&output[..cut]);
        let ScreenSnapshot { offset, bytes } = screen.snapshot(&log, None);
        assert_eq!(offset, cut as u64);
        log.append(&output[cut..]);
        let Read::Bytes(rest) = log.read(offset, 1 << 20) else {
            panic!("there is more");
        };
        let bytes = [bytes, rest].concat().into();
        let both = ScreenSnapshot { offset, bytes };
        assert_eq!(text(&both), expected, "cut at {cut}");
    }
}

#[test]
fn a_picture_is_shared_by_those_who_want_one_at_the_same_moment_and_no_more() {
    let (screen, log) = screen();
    log.append(b"one");
    let first = screen.picture(&log, 0);
    assert_eq!(first.offset, 3);
    log.append(b"two");
    let later = screen.picture(&log, 4);
    assert_eq!(later.offset, 6, "the first would take who asks back");
    assert_eq!(screen.picture(&log, 0), later);
    let window = Window {
        size: Size { cols: 40, rows: 10 },
        metrics: None,
    };
    screen.resize(window, &log);
    assert_ne!(screen.picture(&log, 0), later, "of another size");
    log.append(b"three");
    std::thread::sleep(PICTURE_TIME);
    assert_eq!(screen.picture(&log, 0).offset, 11);
}

#[test]
fn what_a_snapshot_reads_first_is_still_news() {
    let (screen, log) = screen();
    log.append(b"\x1b]2;a\x07\x1b[c");
    screen.snapshot(&log, None);
    let read_on = || {
        screen
            .lock()
            .read_on(&log, &screen.changes, Need::MayWait)
            .1
    };
    let news = read_on().expect("news");
    assert_eq!(news.title.as_deref(), Some("a"));
    assert!(news.replies.starts_with(b"\x1b[?"), "{:?}", news.replies);
    assert!(read_on().is_none(), "told once");
}

#[test]
fn a_size_counts_from_where_the_output_was() {
    let (screen, log) = screen();
    log.append(b"0123456789");
    let window = Window {
        size: Size { cols: 5, rows: 5 },
        metrics: None,
    };
    screen.resize(window, &log);
    log.append(b"abc");
    let mut expected = Terminal::new(webtty_terminal::Size::new(20, 5), Limits::default());
    expected.feed(b"0123456789");
    expected.resize(webtty_terminal::Size::new(5, 5));
    expected.feed(b"abc");
    let snapshot = screen.snapshot(&log, None);
    assert_eq!(snapshot.bytes, expected.snapshot(History::All));
}

#[test]
fn a_flood_is_looked_at_from_where_a_sequence_ends() {
    for (begun, fed) in [
        ("\x1b[38;2;1", "\x1b[38;2;1;2;3m".len() as u64),
        ("\x1b]0;a title", 61 * 1024),
    ] {
        let log = OutputLog::new(8 << 20);
        let screen = Screen::new(Size { cols: 20, rows: 5 });
        let read_on = || screen.lock().read_on(&log, &screen.changes, Need::MayWait);
        log.append(begun.as_bytes());
        assert!(matches!(read_on().0, Step::Fed { .. }));
        log.append(";2;3m".as_bytes());
        log.append(&b"lines\r\n".repeat(40_000));
        let Step::Fed { to } = read_on().0 else {
            panic!("{begun:?} is to be ended first");
        };
        assert!(to <= fed, "{begun:?}: {to}");
        let begins = matches!(read_on().0, Step::Waiting { needed_from } if needed_from >= to);
        assert_eq!(begins, begun.starts_with("\x1b["));
    }
}

#[test]
fn a_flood_is_looked_at_and_ends_as_if_all_had_been_taken_in() {
    let log = OutputLog::new(8 << 20);
    let screen = Screen::new(Size { cols: 20, rows: 5 });
    let limits = Limits {
        scrollback_lines: SCROLLBACK_LINES,
        scrollback_bytes: SCROLLBACK_BYTES,
    };
    let mut expected = Terminal::new(webtty_terminal::Size::new(20, 5), limits);
    let write = |expected: &mut Terminal, text: &str| {
        log.append(text.as_bytes());
        expected.feed(text.as_bytes());
    };
    let read_on = || screen.lock().read_on(&log, &screen.changes, Need::MayWait);
    let mut waited = 0;
    for number in 0..40_000 {
        write(&mut expected, "\x1b[38;2;1;2;3mcolours\x1b[m and ");
        write(
            &mut expected,
            &format!("number {number}, and so on, and so on\r\n"),
        );
        if number == 30_000 {
            write(
                &mut expected,
                "\x1b]2;half\x07\x1b[c\x1b[3A\x1b[1;4r\x1b[r\x1b[99H",
            );
        }
        if number == 33_000 {
            let size = Size { cols: 30, rows: 5 };
            screen.resize(
                Window {
                    size,
                    metrics: None,
                },
                &log,
            );
            expected.resize(webtty_terminal::Size::new(30, 5));
        }
        // Seldom enough that much has gathered.
        if number % 10_000 == 9_999 {
            let mut step = read_on().0;
            while matches!(step, Step::Fed { .. }) {
                step = read_on().0;
            }
            if let Step::Waiting { needed_from } = step {
                waited = waited.max(needed_from);
            }
        }
    }
    assert!(waited > 0, "some of it was not even needed");
    let snapshot = screen.snapshot(&log, None);
    assert_eq!(snapshot.offset, log.end().offset);
    assert!(snapshot.bytes == expected.snapshot(History::All));
}

#[test]
fn who_brings_output_looks_at_it_while_what_came_before_waits() {
    let log = OutputLog::new(8 << 20);
    let screen = Screen::new(Size { cols: 20, rows: 5 });
    let lines = "\x1b[38;2;1;2;3mwords\x1b[m\r\n".repeat(4000);
    let write = |text: &str| {
        log.append(text.as_bytes());
        screen.written(text.as_bytes(), &log);
    };
    let looked = || screen.lock().looked();
    write(&lines);
    assert_eq!(looked(), None, "nothing waits yet");
    write(&lines);
    let step = screen
        .lock()
        .read_on(&log, &screen.changes, Need::MayWait)
        .0;
    assert!(matches!(step, Step::Waiting { .. }));
    write(&lines);
    assert_eq!(looked(), Some(3 * lines.len() as u64));
    let window = Window {
        size: Size { cols: 30, rows: 5 },
        metrics: None,
    };
    screen.resize(window, &log);
    write(&lines);
    assert_eq!(looked(), Some(3 * lines.len() as u64), "up to the new size");
    let limits = Limits {
        scrollback_lines: SCROLLBACK_LINES,
        scrollback_bytes: SCROLLBACK_BYTES,
    };
    let mut expected = Terminal::new(webtty_terminal::Size::new(20, 5), limits);
    expected.feed(lines.repeat(3).as_bytes());
    expected.resize(webtty_terminal::Size::new(30, 5));
    expected.feed(lines.as_bytes());
    let snapshot = screen.snapshot(&log, None);
    assert!(snapshot.bytes == expected.snapshot(History::All));
}

#[test]
fn who_looks_does_not_wait_for_a_program_that_writes_on() {
    let size = Size {
        cols: 1000,
        rows: 5,
    };
    let screen = Arc::new(Screen::new(size));
    let log = Arc::new(OutputLog::new(1 << 20));
    // Takes far longer to take in than to write.
    let dear = "e\u{301}".repeat(1000) + &"\r\x1b[@".repeat(4000);
    log.append(dear.as_bytes());
    let (say, hear) = mpsc::sync_channel(1);
    let looking = thread::Builder::new().spawn({
        let (screen, log) = (Arc::clone(&screen), Arc::clone(&log));
        move || say.send(screen.snapshot(&log, None).offset)
    });
    let began = Instant::now();
    let offset = loop {
        log.append(dear.as_bytes());
        if let Ok(offset) = hear.try_recv() {
            break offset;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "never came");
    };
    assert!(offset >= dear.len() as u64, "all that was there: {offset}");
    let looked = looking.expect("a thread").join();
    looked.expect("no panic").expect("heard");
}

#[test]
fn a_size_told_late_is_not_the_size_of_what_was_looked_at() {
    let limits = Limits {
        scrollback_lines: SCROLLBACK_LINES,
        scrollback_bytes: SCROLLBACK_BYTES,
    };
    let mut expected = Terminal::new(webtty_terminal::Size::new(20, 5), limits);
    let log = OutputLog::new(8 << 20);
    let screen = Screen::new(Size { cols: 20, rows: 5 });
    let read_on = || {
        screen
            .lock()
            .read_on(&log, &screen.changes, Need::MayWait)
            .0
    };
    // Rows of the narrow screen are eight times those of the wide one.
    let lines = format!("{}\r\n", "words ".repeat(25)).repeat(16_000);
    let window = Window {
        size: Size { cols: 160, rows: 5 },
        metrics: None,
    };
    expected.resize(webtty_terminal::Size::new(160, 5));
    expected.feed(lines.as_bytes());
    log.append(lines.as_bytes());
    assert!(matches!(read_on(), Step::Waiting { .. }));
    screen.changes.resize(0, window);
    log.append(b"more\r\n");
    expected.feed(b"more\r\n");
    let snapshot = screen.snapshot(&log, None);
    assert!(snapshot.bytes == expected.snapshot(History::All));
}

#[test]
fn a_size_that_was_looked_past_is_taken_all_the_same() {
    let log = OutputLog::new(8 << 20);
    let screen = Screen::new(Size { cols: 20, rows: 5 });
    log.append("words\r\n".repeat(200_000).as_bytes());
    let read_on = || {
        screen
            .lock()
            .read_on(&log, &screen.changes, Need::MayWait)
            .0
    };
    assert!(matches!(read_on(), Step::Waiting { .. }));
    // Who resized has seen an end of the log that is no longer its end.
    let size = Size { cols: 30, rows: 5 };
    let window = Window {
        size,
        metrics: None,
    };
    screen.changes.resize(7_000, window);
    let snapshot = screen.snapshot(&log, None);
    assert_eq!(snapshot.offset, log.end().offset);
    assert_eq!(
        screen.lock().terminal.size(),
        webtty_terminal::Size::new(30, 5)
    );
}
