//! Which sequences ask the terminal something or set its clipboard, by their form: those of
//! ECMA-48, xterm's control sequences, the kitty keyboard, graphics and clipboard protocols, and
//! iTerm2's.
//!
//! Terminals differ in what they make of a malformed sequence, so what one of them may take for a
//! question is one here.

/// Strings, which end with ST, or BEL in the case of OSC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StringKind {
    /// OSC.
    System,
    /// DCS, after its final byte.
    Device,
    /// APC.
    Application,
    /// SOS and PM, which nobody reads.
    Other,
}

/// What is done with a string, as far as is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Show,
    Refuse,
    /// More of it has to be seen.
    Wait,
}

/// How much of a string has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Part,
    /// As much as can be held, and not its end.
    TooMuch,
    Whole,
}

/// Judges a string by what has come of it, without what introduces and what ends it. `clipboard`:
/// may programs set it?
pub(crate) fn judge(kind: StringKind, body: &[u8], seen: Seen, clipboard: bool) -> Verdict {
    let text = plain(body);
    let verdict = match kind {
        StringKind::System => judge_system(&text, clipboard),
        StringKind::Application => judge_application(&text),
        StringKind::Device | StringKind::Other => Verdict::Show,
    };
    let asks = || kind == StringKind::System && asks_by_value(&text);
    match (verdict, seen) {
        (Verdict::Wait, Seen::Part) => Verdict::Wait,
        (Verdict::Wait, Seen::Whole) if !asks() => Verdict::Show,
        // Who asks for the clipboard does so in few bytes; this is what it shall hold.
        (Verdict::Wait, Seen::TooMuch) if number(&text) == b"52" && !asks() => Verdict::Show,
        (Verdict::Wait, _) => Verdict::Refuse,
        (verdict, _) => verdict,
    }
}

/// Does it stand between the words of a string?
fn separates(byte: u8) -> bool {
    matches!(byte, b';' | b'=' | b':')
}

fn judge_system(text: &[u8], clipboard: bool) -> Verdict {
    let head_ended = text.contains(&b';');
    match (number(text), text.first()) {
        (b"", Some(first)) if !may_precede_number(*first) => Verdict::Show,
        (b"52", _) if clipboard => Verdict::Wait,
        (b"52", _) if head_ended => Verdict::Refuse,
        // This clipboard's every request is answered.
        (b"5522" | b"60" | b"61", _) if head_ended => Verdict::Refuse,
        (b"1337" | b"50", _) if head_ended => judge_request(text, clipboard),
        (number, _) if head_ended && !may_ask_by_value(number) => Verdict::Show,
        _ => Verdict::Wait,
    }
}

/// iTerm2's requests, which have names.
fn judge_request(text: &[u8], clipboard: bool) -> Verdict {
    let mut words = text.split(|&byte| separates(byte)).skip(1);
    let name = words.next().unwrap_or_default();
    if name.starts_with(b"Report") || name.starts_with(b"RequestUpload") {
        Verdict::Refuse
    } else if name.starts_with(b"Copy") {
        if clipboard {
            Verdict::Show
        } else {
            Verdict::Refuse
        }
    } else if words.next().is_some() {
        Verdict::Show
    } else {
        Verdict::Wait
    }
}

/// Images of the kitty graphics protocol: may one be shown?
fn judge_application(text: &[u8]) -> Verdict {
    let Some(keys) = text.strip_prefix(b"G") else {
        return if text.is_empty() {
            Verdict::Wait
        } else {
            Verdict::Show
        };
    };
    let mut parts = keys.splitn(2, |&byte| byte == b';');
    let keys = parts.next().unwrap_or_default();
    if keys.split(|&byte| byte == b',').any(|key| key == b"a=q") {
        Verdict::Refuse
    } else if parts.next().is_some() {
        Verdict::Show
    } else {
        Verdict::Wait
    }
}

/// Numbers of OSC which ask with a `?` in the place of a value: colours, the font, the clipboard,
/// and notifications.
fn may_ask_by_value(number: &[u8]) -> bool {
    matches!(number, b"4" | b"5" | b"21" | b"50" | b"52" | b"99")
        || (number.len() == 2 && number[0] == b'1')
}

/// `text` is a whole string.
fn asks_by_value(text: &[u8]) -> bool {
    match number(text) {
        b"52" if !text.contains(&b';') => true,
        b"5522" | b"60" | b"61" => true,
        number if may_ask_by_value(number) => text
            .split(|&byte| separates(byte))
            .skip(1)
            .any(|part| part == b"?"),
        _ => false,
    }
}

/// What a terminal may read of a string: some leave out control characters and broken UTF-8.
fn plain(body: &[u8]) -> Vec<u8> {
    let printable = body.iter().filter(|byte| (0x20..0x7f).contains(*byte));
    printable.copied().collect()
}

/// May it stand before the digits of a number, as the functions of the C library read one?
fn may_precede_number(byte: u8) -> bool {
    matches!(byte, b'0' | b' ' | b'+')
}

/// The number that a string begins with, without what may stand before it.
fn number(text: &[u8]) -> &[u8] {
    let before = text.iter().take_while(|&&byte| may_precede_number(byte));
    let rest = &text[before.count()..];
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    &rest[..digits]
}

/// Is a DCS with this head, its parameters and intermediate bytes and `last`, a question, or does
/// it hand what follows on to a terminal further out, past whoever looks for questions?
pub(crate) fn is_device_refused(head: &[u8], last: u8) -> bool {
    let between: Vec<u8> = head
        .iter()
        .copied()
        .filter(|byte| (0x20..0x30).contains(byte))
        .collect();
    match last {
        // DECRQSS, XTGETTCAP.
        b'q' => matches!(between.as_slice(), b"$" | b"+"),
        // XTGETXRES.
        b'Q' => between == b"+",
        // `tmux;`
        b't' => between.is_empty(),
        _ => false,
    }
}

/// Is an escape with these intermediate bytes and `last` a question? `ESC % @` is none; after it
/// some terminals read bytes otherwise than as UTF-8, and find other sequences in them.
pub(crate) fn is_escape_refused(between: &[u8], last: u8) -> bool {
    matches!((between, last), (b"", b'Z') | (b"%", b'@'))
}

/// Is it a question? `body` is what stands between `CSI` and the final byte, without controls.
pub(crate) fn is_control_refused(body: &[u8], last: u8) -> bool {
    let prefix = body.first().copied().unwrap_or_default();
    match last {
        // DA1, DA2, DA3; DECREQTPARM.
        b'c' | b'x' => !body.ends_with(b"$"),
        // DSR, DECXCPR; with `>` it sets a key option.
        b'n' => prefix != b'>',
        // DECRQM.
        b'p' => body.ends_with(b"$"),
        // XTVERSION.
        b'q' => prefix == b'>',
        // The kitty keyboard flags; DECRQTSR; DECRQUPSS.
        b'u' => prefix == b'?' || body.ends_with(b"$") || body.ends_with(b"&"),
        // XTQMODKEYS, XTSMGRAPHICS.
        b'm' | b'S' => prefix == b'?',
        // XTREPORTSGR, DECRQLP.
        b'|' => body.ends_with(b"#") || body.ends_with(b"'"),
        // XTREPORTCOLORS.
        b'R' => body.ends_with(b"#"),
        // DECRQDE.
        b'v' => body.ends_with(b"\""),
        // DECRQPSR.
        b'w' => body.ends_with(b"$"),
        // Reports about the window.
        b't' => matches!(
            number(body),
            [b'1', b'1' | b'3'..=b'6' | b'8' | b'9'] | b"20" | b"21"
        ),
        // DECRQCRA.
        b'y' => body.ends_with(b"*"),
        _ => false,
    }
}
