//! Questions that programs ask their terminal, and what they want its clipboard to hold, taken out
//! of what an attached terminal is shown.
//!
//! The daemon answers them, once, whoever watches. The terminal around this command would answer
//! them too, and its answer would be typed into the shell. The forms are those of ECMA-48,
//! xterm's control sequences and the kitty keyboard protocol. The clipboard is left to programs
//! only where the daemon's settings let them have it.

/// The longest question that is recognised, in bytes. What is longer is shown as it is.
const MAX_BYTES: usize = 4096;

const ESCAPE: u8 = 0x1b;
const BELL: u8 = 0x07;
const ENQUIRY: u8 = 0x05;

/// Takes questions out of a stream, however it is cut.
#[derive(Debug, Default)]
pub(crate) struct QueryFilter {
    /// A sequence that has begun and not ended.
    held: Vec<u8>,
    /// May programs set the clipboard?
    clipboard: bool,
    /// A string that is too long to be held goes by, and is not shown.
    dropping: Dropping,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Dropping {
    #[default]
    No,
    Yes,
    /// An escape has come, which may begin its end.
    Escape,
}

impl QueryFilter {
    /// From now on programs may set the clipboard, or may not.
    pub(crate) fn let_clipboard(&mut self, may: bool) {
        self.clipboard = may;
    }

    /// Adds what is to be shown of `bytes` to `out`. Gives how many bytes were taken out for
    /// good.
    pub(crate) fn feed(&mut self, bytes: &[u8], out: &mut impl Extend<u8>) -> usize {
        bytes.iter().map(|&byte| self.push(byte, out)).sum()
    }

    /// Is the stream between two sequences, so that another one may stand here?
    pub(crate) fn is_between(&self) -> bool {
        self.held.is_empty() && self.dropping == Dropping::No
    }

    fn push(&mut self, byte: u8, out: &mut impl Extend<u8>) -> usize {
        if self.dropping != Dropping::No {
            return self.drop(byte);
        }
        if self.held.is_empty() {
            match byte {
                ESCAPE => self.held.push(byte),
                ENQUIRY => return 1,
                _ => out.extend([byte]),
            }
            return 0;
        }
        if byte == ESCAPE && !is_string(&self.held) {
            // The sequence was broken off by another one.
            out.extend(self.held.drain(..));
        }
        if byte != b'\\' && self.held.len() > 2 && self.held.ends_with(&[ESCAPE]) {
            // So was a string, unless it is its end.
            let begun = self.held.len() - 1;
            out.extend(self.held.drain(..begun));
        }
        self.held.push(byte);
        if is_complete(&self.held) || self.held.len() > MAX_BYTES {
            let sets = !self.clipboard && is_clipboard(&self.held);
            if sets && !is_complete(&self.held) {
                self.dropping = Dropping::Yes;
            }
            if sets || is_query(&self.held) {
                return self.held.drain(..).count();
            }
            out.extend(self.held.drain(..));
        }
        0
    }
}

impl QueryFilter {
    /// Takes a byte of a string that goes by. Gives how many were taken out for good.
    fn drop(&mut self, byte: u8) -> usize {
        let ended = match (self.dropping, byte) {
            (Dropping::Escape, b'\\') | (_, BELL | 0x18 | 0x1a) => true,
            (Dropping::Escape, _) if byte != ESCAPE => {
                // Broken off by another sequence, which the escape begins.
                self.dropping = Dropping::No;
                self.held.extend([ESCAPE, byte]);
                return 0;
            }
            _ => false,
        };
        let held = usize::from(self.dropping == Dropping::Escape);
        self.dropping = match (ended, byte) {
            (true, _) => Dropping::No,
            (_, ESCAPE) => Dropping::Escape,
            _ => Dropping::Yes,
        };
        let holds = usize::from(self.dropping == Dropping::Escape);
        1 + held - holds
    }
}

/// Is it OSC 52, which sets the clipboard or asks for it?
fn is_clipboard(held: &[u8]) -> bool {
    held.starts_with(b"\x1b]") && number(&held[2..]) == b"52"
}

/// The number that a string begins with, without leading zeros.
fn number(string: &[u8]) -> &[u8] {
    let zeros = string.iter().take_while(|&&byte| byte == b'0').count();
    let rest = &string[zeros..];
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    &rest[..digits]
}

/// Does it begin a string, OSC or DCS and their like, which ends with BEL or ST?
fn is_string(held: &[u8]) -> bool {
    matches!(held.get(1), Some(b']' | b'P' | b'_' | b'^' | b'X'))
}

fn is_complete(held: &[u8]) -> bool {
    let (Some(kind), Some(&last)) = (held.get(1), held.last()) else {
        return false;
    };
    match kind {
        b'[' => held.len() > 2 && (0x40..=0x7e).contains(&last),
        _ if is_string(held) => {
            let osc_end = *kind == b']' && last == BELL;
            let cancelled = matches!(last, 0x18 | 0x1a);
            osc_end || cancelled || held.len() > 2 && held.ends_with(b"\x1b\\")
        }
        // An escape with intermediate bytes ends with its final one.
        _ => (0x30..=0x7e).contains(&last),
    }
}

fn is_query(sequence: &[u8]) -> bool {
    match sequence[1] {
        b'Z' => true,
        b'[' => is_csi_query(
            &sequence[2..sequence.len() - 1],
            sequence[sequence.len() - 1],
        ),
        b']' => is_color_query(&sequence[2..]),
        b'P' => sequence[2..].starts_with(b"$q") || sequence[2..].starts_with(b"+q"),
        _ => false,
    }
}

/// `body` is what stands between `CSI` and the final byte.
fn is_csi_query(body: &[u8], last: u8) -> bool {
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
        // The kitty keyboard flags.
        b'u' => prefix == b'?',
        // Reports about the window.
        b't' => {
            let first = body.split(|&byte| byte == b';').next().unwrap_or_default();
            matches!(
                first,
                b"11" | b"13" | b"14" | b"15" | b"16" | b"18" | b"19" | b"20" | b"21"
            )
        }
        // DECRQCRA.
        b'y' => body.ends_with(b"*"),
        _ => false,
    }
}

/// OSC 4, 10 to 19 and 52 ask with a `?` in the place of a value.
fn is_color_query(string: &[u8]) -> bool {
    let string = string
        .strip_suffix(b"\x1b\\")
        .or(string.strip_suffix(&[BELL]))
        .unwrap_or(string);
    let parts = string.split(|&byte| byte == b';').skip(1);
    let number = number(string);
    let asks = matches!(number, b"4" | b"5" | b"52") || (number.len() == 2 && number[0] == b'1');
    asks && parts.into_iter().any(|part| part == b"?")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> Vec<u8> {
        let (mut filter, mut out) = (QueryFilter::default(), Vec::new());
        let taken = filter.feed(bytes, &mut out);
        assert_eq!(out.len() + taken + filter.held.len(), bytes.len());
        out
    }

    #[test]
    fn questions_are_taken_out_however_they_are_cut() {
        let questions: [&[u8]; 18] = [
            b"\x1b]52;c;?\x07",
            b"\x1b]011;?\x07",
            b"\x1b[c",
            b"\x1b[>0c",
            b"\x1b[=c",
            b"\x1b[5n",
            b"\x1b[?6n",
            b"\x1b[?2026$p",
            b"\x1b[>0q",
            b"\x1b[?u",
            b"\x1b[14t",
            b"\x1b[x",
            b"\x1bZ",
            b"\x1b]11;?\x07",
            b"\x1b]4;1;?\x1b\\",
            b"\x1bP+q544e\x1b\\",
            b"\x1bP$qm\x1b\\",
            b"\x05",
        ];
        for question in questions {
            let text = [b"a", question, b"b"].concat();
            assert_eq!(shown(&text), b"ab", "{}", question.escape_ascii());
            for cut in 0..text.len() {
                let (mut filter, mut out) = (QueryFilter::default(), Vec::new());
                filter.feed(&text[..cut], &mut out);
                filter.feed(&text[cut..], &mut out);
                assert_eq!(out, b"ab", "{} cut at {cut}", question.escape_ascii());
            }
        }
    }

    #[test]
    fn programs_set_the_clipboard_only_where_they_may() {
        let long = [b"\x1b]52;c;".as_slice(), &[b'A'; 9000]].concat();
        let sets: [Vec<u8>; 5] = [
            b"\x1b]52;c;aGVsbG8=\x07".to_vec(),
            b"\x1b]052;;aGVsbG8=\x1b\\".to_vec(),
            [&long[..], b"\x07"].concat(),
            [&long[..], b"\x1b\\"].concat(),
            [&long[..], b"\x18"].concat(),
        ];
        for sequence in sets {
            let text = [b"a", &sequence[..], b"b"].concat();
            for cut in [0, 1, 3, 9, sequence.len() - 1, sequence.len(), text.len()] {
                let mut filter = QueryFilter::default();
                let mut out = Vec::new();
                let taken =
                    filter.feed(&text[..cut], &mut out) + filter.feed(&text[cut..], &mut out);
                assert_eq!((out.as_slice(), taken), (b"ab".as_slice(), sequence.len()));
                assert!(filter.is_between());
            }
            let mut filter = QueryFilter::default();
            filter.let_clipboard(true);
            let mut out = Vec::new();
            filter.feed(&text, &mut out);
            assert_eq!(out, text);
        }
        let mut filter = QueryFilter::default();
        let mut out = Vec::new();
        filter.feed(&[&long[..], b"\x1b[1mx"].concat(), &mut out);
        assert_eq!(out, b"\x1b[1mx", "one that is broken off");
    }

    #[test]
    fn everything_else_is_shown_as_it_is() {
        let others: [&[u8]; 15] = [
            "é漢".as_bytes(),
            b"\x1b[31m",
            b"\x1b[2J\x1b[H",
            b"\x1b[!p",
            b"\x1b[4 q",
            b"\x1b[>4;1m",
            b"\x1b[>4n",
            b"\x1b[=1u\x1b[<u\x1b[>1u",
            b"\x1b[22;0t",
            b"\x1b]0;title?\x07",
            b"\x1b]11;#ffffff\x07",
            b"\x1b]8;;http://a/?;?\x1b\\link\x1b]8;;\x1b\\",
            b"\x1b(0\x1b7\x1b8\x1bM",
            b"\x1b[3\x1b[1m",
            b"\x1b]0;cut\x1b[1mshort",
        ];
        for other in others {
            assert_eq!(shown(other), other, "{}", other.escape_ascii());
        }
        let long = [b"\x1b]0;".as_slice(), &[b'x'; 2 * MAX_BYTES], b"\x07"].concat();
        assert_eq!(shown(&long), long);
    }
}
