//! The engine by itself: what must hold whatever it is fed.

#[path = "common/mixes.rs"]
mod mixes;

use std::collections::BTreeSet;

use mixes::{Random, mix};
use proptest::prelude::*;
use webtty_terminal::{History, Limits, Metrics, Size, Terminal, ansi, html, screen, text};

fn terminal(cols: u16, rows: u16) -> Terminal {
    let limits = Limits {
        scrollback_lines: 50,
        ..Limits::default()
    };
    Terminal::new(Size::new(cols, rows), limits)
}

fn fed(cols: u16, rows: u16, bytes: &[u8]) -> Terminal {
    let mut terminal = terminal(cols, rows);
    terminal.feed(bytes);
    terminal
}

fn screen_text(terminal: &Terminal) -> String {
    text(&terminal.screen()).trim_end().to_owned()
}

/// A reply with its numbers, decimal or hexadecimal, as `#`: what is left is ours or a forgery.
fn form(reply: &[u8]) -> String {
    let mut form = String::new();
    for &byte in reply {
        match byte {
            b'0'..=b'9' | b'A'..=b'F' if form.ends_with('#') => {}
            b'0'..=b'9' | b'A'..=b'F' => form.push('#'),
            // Colours are written in small letters.
            b'a'..=b'f' if form.contains("rgb:") && form.ends_with(['#', ':', '/']) => {
                if !form.ends_with('#') {
                    form.push('#');
                }
            }
            _ => form.push(char::from(byte)),
        }
    }
    form
}

/// Every question there is, and the only forms an answer may have.
fn forms() -> BTreeSet<String> {
    let questions = b"\x1b[c\x1b[>c\x1b[=c\x1b[5n\x1b[6n\x1b[?6n\x1b[?7$p\x1b[4$p\x1bP$q\"q\x1b\\\
        \x1bP$q\"p\x1b\\\x1bP$qr\x1b\\\x1bP$qm\x1b\\\x1bP$q q\x1b\\\x1bP$qz\x1b\\\x1b[>q\x1b[?u\
        \x1bP+q544E\x1b\\\x1bP+q00\x1b\\\x1b[14t\x1b[16t\x1b[18t\x1b]4;1;?\x07\x1b]10;?\x07";
    let mut terminal = fed(20, 6, questions);
    terminal.set_metrics(Some(Metrics {
        cell_width: 8,
        cell_height: 16,
    }));
    terminal.feed(questions);
    let replies = terminal.take_replies();
    replies
        .iter()
        .map(|reply| form(&reply.to_bytes()))
        .collect()
}

/// Strings and sequences around whatever a hostile program may put into them.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let openings: Vec<&[u8]> = vec![
        b"\x1b]0;",
        b"\x1b]2;",
        b"\x1b]4;",
        b"\x1b]4;1;",
        b"\x1b]10;",
        b"\x1b]52;c;",
        b"\x1b]8;;",
        b"\x1b]1337;",
        b"\x1bP$q",
        b"\x1bP+q",
        b"\x1bP",
        b"\x1b_",
        b"\x1b^",
        b"\x1bX",
        b"\x1b[",
        b"\x1b[?",
        b"\x1b[>",
        b"\x1b[=",
        b"\x1b[<",
        b"\x1b",
        b"",
    ];
    let endings: Vec<&[u8]> = vec![
        b"\x07",
        b"\x1b\\",
        b"\x18",
        b";?\x07",
        b"?\x1b\\",
        b"c",
        b"n",
        b"6n",
        b"$p",
        b"q",
        b"t",
        b"21t",
        b"20t",
        b"u",
        b"x",
        b"\x05",
        b"$q\x1b\\",
        b"",
    ];
    let inside = prop_oneof![
        "[ -~]{0,24}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..24),
    ];
    (
        prop::sample::select(openings),
        inside,
        prop::sample::select(endings),
    )
        .prop_map(|(opening, inside, ending)| [opening, &inside, ending].concat())
}

/// Lines of text in colours, and now and then something else.
fn lines(random: &mut Random) -> Vec<u8> {
    #[rustfmt::skip]
    const PARTS: &[&str] = &[
        "\x1b[m", "\x1b[0m", "\x1b[0;1m", "\x1b[31m", "\x1b[48;5;7m", "\x1b[38:2::1:2:3m", "\x1b[4:3m",
        "\x1b[K", "a\x1b[K", "\x1b[1K", "\t", "é", "漢字", "\u{1f600}", "a\u{301}", "\u{a0}", "a\r",
        "a\n", "\r\n\r\n",
    ];
    #[rustfmt::skip]
    const OTHERS: &[&str] = &[
        "\x07", "\x08", "\u{9b}5m", "\u{8d}", "\x1bM", "\x1b[5A", "\x1b]8;;http://a\x07", "\x1b(0",
        "\x0e", "\x1b[2;3r", "\x1b[?7l", "\x1b[4h", "\x1b[20h", "\x1b7", "\x1b8", "\x1b[?47h",
        "\x1b[?47l", "\x1b[3b", "\x1b[2J", "\x1b[c", "\x1b[1;2", "\x1b[=m", "\x0c",
    ];
    let strange = 1 + random.below(1_000);
    let mut bytes = Vec::new();
    while bytes.len() < 10_000 {
        let text = "some words, ".repeat(random.below(5));
        bytes.extend(&text.as_bytes()[..random.below(text.len() + 1)]);
        let among = match random.below(strange) {
            0 => OTHERS,
            _ => PARTS,
        };
        let times = match random.below(40) {
            0 => random.below(200),
            _ => 1,
        };
        bytes.extend(among[random.below(among.len())].repeat(times).as_bytes());
        if random.below(2) == 0 {
            bytes.extend(b"\r\n");
        }
        if random.below(strange) == 0 {
            bytes.push(random.below(256) as u8);
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_reply_to_hostile_output_is_one_of_a_fixed_set(
        pieces in prop::collection::vec(hostile(), 1..40),
    ) {
        let forms = forms();
        let mut terminal = fed(20, 6, &pieces.concat());
        for reply in terminal.take_replies() {
            let bytes = reply.to_bytes();
            prop_assert!(forms.contains(&form(&bytes)), "{}", bytes.escape_ascii());
            prop_assert!(bytes.len() <= 64, "{}", bytes.escape_ascii());
        }
    }
}

#[test]
fn a_question_for_the_clipboard_or_the_title_has_no_answer() {
    let ask =
        b"\x1b]0;evil\x07\x1b]52;c;ZXZpbA==\x07\x1b]52;c;?\x07\x1b]52;;?\x1b\\\x1b[20t\x1b[21t\x05";
    assert!(fed(20, 6, ask).take_replies().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn pieces_of_any_length_give_the_same_state(seed: u64, cut in 1usize..40) {
        let mut random = Random::new(seed);
        let bytes = mix(&mut random, 60, 20, 6);
        // Without wrapping, where a run of text is cut decides over half characters at the
        // edge, there as here.
        prop_assume!(!bytes.windows(5).any(|five| five == b"\x1b[?7l"));
        let whole = fed(20, 6, &bytes);
        let mut pieces = terminal(20, 6);
        for piece in bytes.chunks(cut) {
            pieces.feed(piece);
        }
        prop_assert_eq!(whole.describe(), pieces.describe());
    }

    #[test]
    fn a_backlog_taken_at_once_is_like_one_parsed(seed: u64, cols in 2u16..40, rows in 1u16..8) {
        let mut random = Random::new(seed);
        let mut bytes = mix(&mut random, 6, 20, 6);
        bytes.extend(b"\x1b[m\x1b]8;;\x07\x1b[r\x1b[?6;47l\x1b[?7h\x1b[4l\x0f\x1b(B\x1b[99H");
        while bytes.len() < 9_000 {
            let line = "plain text ".repeat(random.below(9));
            bytes.extend(&line.as_bytes()[..random.below(line.len() + 1)]);
            let strange = random.below(900) == 0;
            bytes.extend(if strange { "\n\tx\r\u{e9}\x07" } else { "\r\n" }.as_bytes());
            if random.below(200) == 0 {
                bytes.extend(vec![b'='; random.below(3_000)]);
            }
        }
        let (mut whole, mut pieces) = (terminal(cols, rows), terminal(cols, rows));
        whole.feed(&bytes);
        for piece in bytes.chunks(1_000) {
            pieces.feed(piece);
        }
        prop_assert_eq!(whole.describe(), pieces.describe());
    }

    #[test]
    fn lines_left_out_leave_nothing_behind(
        seed: u64, cols in 2u16..20, rows in 1u16..8, piece in 1usize..5_000,
    ) {
        let mut random = Random::new(seed);
        let mut before = mix(&mut random, 6, 20, 6);
        before.extend(b"\x1b[u\x1b[r\x1b[?6;47l\x1b[?7h\x1b[4l\x1b[H\x1b[s");
        let bytes = lines(&mut random);
        let mut whole = fed(cols, rows, &before);
        let mut skimmed = whole.clone();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (mut looked, mut left_out) = (0, 0);
            if let Some(mut skim) = skimmed.skim() {
                for offered in (piece..).step_by(piece) {
                    looked += skim.look(&rest[looked..offered.min(rest.len())]);
                    if offered >= rest.len() {
                        break;
                    }
                }
                prop_assert_eq!(skim.looked(), looked as u64);
                let needless = skim.needless();
                left_out = skimmed.leave_out(skim);
                prop_assert_eq!(left_out, needless);
            }
            // What is no part of a line is fed with those that are.
            let (now, later) = rest.split_at((looked + 9).min(rest.len()));
            let (needless, needed) = now.split_at(left_out as usize);
            skimmed.feed(needed);
            // In the same pieces: without wrapping they decide over half characters.
            whole.feed(needless);
            whole.feed(needed);
            rest = later;
        }
        prop_assert_eq!(whole.describe(), skimmed.describe());
        whole.feed(b"\x18\x1b[?1049l");
        skimmed.feed(b"\x18\x1b[?1049l");
        prop_assert_eq!(whole.describe(), skimmed.describe());
        prop_assert_eq!(whole.snapshot(History::All), skimmed.snapshot(History::All));
    }

    #[test]
    fn any_bytes_and_sizes_are_survived(
        steps in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..200), 0u16..30, 0u16..12), 1..12),
    ) {
        let mut terminal = terminal(10, 4);
        for (bytes, cols, rows) in steps {
            terminal.feed(&bytes);
            terminal.resize(Size::new(cols, rows));
            let _ = terminal.snapshot(History::All);
            prop_assert_eq!(terminal.screen().len(), terminal.size().rows());
        }
    }

    #[test]
    fn a_mark_finds_every_changed_row(seed: u64) {
        let mut random = Random::new(seed);
        let mut terminal = fed(20, 6, &mix(&mut random, 30, 20, 6));
        let mark = terminal.mark();
        let before = terminal.screen();
        terminal.feed(&mix(&mut random, 4, 20, 6));
        let changed = terminal.changed_rows(mark);
        for (y, (old, new)) in before.iter().zip(terminal.screen()).enumerate() {
            prop_assert!(*old == new || changed.contains(&y), "row {y}");
        }
    }

    #[test]
    fn no_reply_has_text_of_the_output(seed: u64) {
        let mut random = Random::new(seed);
        let mut bytes = b"\x1b]0;SECRET\x07\x1b]52;c;SECRET\x07".to_vec();
        bytes.extend(mix(&mut random, 20, 20, 6));
        bytes.extend(b"\x1b[21t\x1b[20t\x1b]52;c;?\x07\x1bP$qSECRET\x1b\\\x1bP+qSECRET\x1b\\\x05");
        let mut terminal = fed(20, 6, &bytes);
        for reply in terminal.take_replies() {
            let reply = String::from_utf8(reply.to_bytes()).unwrap();
            prop_assert!(!reply.contains("SECRET"), "{reply:?}");
        }
    }
}

#[test]
fn a_mark_with_nothing_after_it_finds_nothing() {
    let mut terminal = fed(20, 6, b"abc");
    let mark = terminal.mark();
    assert!(terminal.changed_rows(mark).is_empty());
    terminal.feed(b"\x1b[3Hx");
    assert_eq!(terminal.changed_rows(mark), [2]);
}

#[test]
fn wrapped_rows_are_one_line_of_text() {
    let terminal = fed(10, 4, b"0123456789abc  \r\nsecond");
    assert_eq!(screen_text(&terminal), "0123456789abc\nsecond");
    assert!(terminal.screen()[1].wrapped);
}

#[test]
fn what_scrolls_out_can_be_read() {
    let terminal = fed(10, 2, b"1\r\n2\r\n3\r\n4");
    assert_eq!(terminal.history_len(), 2);
    assert_eq!(text(&terminal.lines(0..4)), "1\n2\n3\n4");
}

#[test]
fn the_scrollback_is_bounded_in_bytes() {
    let limits = Limits {
        scrollback_lines: 10_000,
        scrollback_bytes: 20_000,
    };
    let mut terminal = Terminal::new(Size::new(80, 24), limits);
    for i in 0..5_000 {
        terminal.feed(format!("\x1b[3{}mline {i}\r\n", i % 8).as_bytes());
    }
    assert!(terminal.history_bytes() <= 20_000);
    assert!(terminal.history_len() > 100);
}

#[test]
fn ansi_html_and_json_say_the_same() {
    let terminal = fed(
        30,
        2,
        b"\x1b[1;31m<b>\x1b[m \x1b]8;;https://a/?x&y\x07link\x1b]8;;\x07 \x1b]8;;javascript:1\x07no",
    );
    let lines = terminal.screen();
    let again = fed(30, 2, ansi(&lines).as_bytes());
    assert_eq!(again.screen(), lines);
    let page = html(&lines, &Default::default());
    assert!(
        page.contains("&lt;b&gt;") && page.contains("font-weight:bold"),
        "{page}"
    );
    assert!(
        page.contains("href=\"https://a/?x&amp;y\"") && !page.contains("javascript"),
        "{page}"
    );
    let json = serde_json::to_value(screen(&terminal)).unwrap();
    assert_eq!(json["lines"][0]["runs"][0]["text"], "<b>");
    assert_eq!(
        json["lines"][0]["runs"][0]["style"]["foreground"]["indexed"],
        1
    );
    assert_eq!(json["cursor"]["row"], 0);
}

#[test]
fn title_and_bell_are_told_once() {
    let mut terminal = fed(10, 2, b"\x1b]0;one\x07\x07\x07");
    assert_eq!(terminal.take_title_change(), Some("one"));
    assert_eq!(terminal.take_title_change(), None);
    assert_eq!((terminal.take_bells(), terminal.take_bells()), (2, 0));
    terminal.feed(format!("\x1b]2;{}\x07", "ü".repeat(200)).as_bytes());
    assert_eq!(terminal.title().len(), 256);
}

#[test]
fn sizes_are_clamped() {
    let size = Terminal::new(Size::new(0, 0), Limits::default()).size();
    assert_eq!((size.cols(), size.rows()), (2, 1));
    let size = Terminal::new(Size::new(u16::MAX, u16::MAX), Limits::default()).size();
    assert_eq!((size.cols(), size.rows()), (1000, 500));
}

#[test]
fn a_string_of_64_kib_is_taken_and_a_longer_one_is_dropped() {
    let most = 64 * 1024;
    for (length, title) in [(most, "x"), (most + 1, "")] {
        let start = b"\x1b]2;x";
        let rest = vec![b'\x7f'; length - (start.len() - 2)];
        let terminal = fed(10, 2, &[&start[..], &rest, b"\x07"].concat());
        assert_eq!(terminal.title().trim_end_matches('\x7f'), title, "{length}");
    }
}

#[test]
fn links_beyond_the_bound_are_text() {
    let mut terminal = terminal(80, 24);
    for i in 0..20_000 {
        terminal.feed(format!("\x1b]8;;http://a/{i}\x07x").as_bytes());
    }
    terminal.feed(format!("\x1b[m\r\n\x1b]8;;http://{}\x07x", "a".repeat(3000)).as_bytes());
    let last = terminal
        .screen()
        .into_iter()
        .rev()
        .find(|line| !line.runs.is_empty());
    assert_eq!(last.unwrap().runs[0].link, None);
}
