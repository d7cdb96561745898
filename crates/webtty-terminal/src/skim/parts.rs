//! A block of output looked at as a whole: which of its bytes are parts of lines, found without a
//! branch for each of them. Of coloured text every second byte is where something else begins, and
//! a processor that guesses wrong there loses more time than all else takes.
//!
//! Bit i of a mask stands for byte i.

use wide::i8x16;

/// Bytes of a block.
pub(super) const BLOCK: usize = 64;

const LANES: usize = 16;

/// What the bytes at the start of a block are that are parts of lines, each of them whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts {
    /// How many bytes.
    pub(super) len: usize,
    /// Text of one column each: printable ASCII.
    pub(super) text: u64,
    /// Line feeds.
    pub(super) feeds: u64,
    /// Carriage returns. The last byte is one only if no line feed comes next.
    pub(super) returns: u64,
    /// The ends of sequences that erase in a line.
    pub(super) erasures: u64,
}

impl Parts {
    pub(super) fn of(block: &[u8; BLOCK]) -> Self {
        let found = Found::of(block);
        let sequences = Sequences::of(block, &found);
        let mut wrong = sequences.wrong | found.wrong_controls(block);
        let mut len = sequences.whole;
        if found.high != 0 {
            let characters = Characters::of(block, found.high);
            wrong |= characters.wrong;
            len = len.min(characters.whole);
        }
        if wrong != 0 {
            len = len.min(sequences.start_of(wrong.trailing_zeros(), block));
        }
        // What comes next says what it does.
        if len == BLOCK && block[BLOCK - 1] == b'\r' {
            len -= 1;
        }
        let parts = below(len);
        Self {
            len,
            text: found.text & !sequences.inside & parts,
            feeds: found.feeds & parts,
            returns: found.returns & parts,
            erasures: sequences.erasures & parts,
        }
    }
}

/// Where a block has bytes of each kind.
#[derive(Default)]
struct Found {
    /// From 0x20 to 0x7E.
    text: u64,
    /// Not ASCII.
    high: u64,
    feeds: u64,
    returns: u64,
    escapes: u64,
    brackets: u64,
    /// Digits, colons and semicolons.
    parameters: u64,
    /// The letter that ends SGR.
    ems: u64,
}

impl Found {
    fn of(block: &[u8; BLOCK]) -> Self {
        let mut found = Self::default();
        for (lanes, at) in lanes(block) {
            let is = |byte: u8| mask(lanes.simd_eq(all(byte)), at);
            let text = lanes.simd_gt(all(0x1F)) & !lanes.simd_eq(all(0x7F));
            let parameters = lanes.simd_gt(all(b'0' - 1)) & all(b';' + 1).simd_gt(lanes);
            found.text |= mask(text, at);
            found.high |= mask(lanes, at);
            found.feeds |= is(b'\n');
            found.returns |= is(b'\r');
            found.escapes |= is(0x1B);
            found.brackets |= is(b'[');
            found.parameters |= mask(parameters, at);
            found.ems |= is(b'm');
        }
        found
    }

    /// Control characters that are no part of a line.
    fn wrong_controls(&self, block: &[u8; BLOCK]) -> u64 {
        let others = !(self.text | self.high | self.feeds | self.returns | self.escapes);
        match others {
            0 => 0,
            _ => without(others, block, b'\t'),
        }
    }
}

/// The sequences of a block.
struct Sequences {
    escapes: u64,
    /// Their bytes after ESC.
    inside: u64,
    erasures: u64,
    /// Bytes at which a sequence turns out to be neither SGR nor EL.
    wrong: u64,
    /// So many bytes at the start of the block have no sequence in them that goes on after it.
    whole: usize,
}

impl Sequences {
    fn of(block: &[u8; BLOCK], found: &Found) -> Self {
        let escapes = found.escapes;
        if escapes == 0 {
            return Self {
                escapes,
                inside: 0,
                erasures: 0,
                wrong: 0,
                whole: BLOCK,
            };
        }
        let second = escapes << 1;
        let third = second << 1;
        // A one that is added to the first of many is carried to the place after the last.
        let carried = found.parameters.wrapping_add(third & found.parameters);
        let ends = (carried | third) & !found.parameters;
        let last = escapes.ilog2() as usize;
        let others = ends & !found.ems;
        let mut sequences = Self {
            escapes,
            inside: second | (found.parameters & !carried) | ends,
            erasures: 0,
            wrong: second & !found.brackets,
            whole: if ends >> last == 0 { last } else { BLOCK },
        };
        if others != 0 {
            let wrong = without(others, block, b'K');
            sequences.erasures = others & !wrong;
            sequences.wrong |= wrong;
        }
        sequences
    }

    /// Where the sequence or the character begins to which the byte at `at` belongs, or would.
    fn start_of(&self, at: u32, block: &[u8; BLOCK]) -> usize {
        let before = below(at as usize);
        let at = at as usize;
        if self.inside >> at & 1 == 1 {
            return (self.escapes & before).checked_ilog2().unwrap_or(0) as usize;
        }
        let lead = block[..at].iter().rposition(|&byte| byte & 0xC0 != 0x80);
        let is_lead = |&start: &usize| at - start < 4 && block[start] >= 0xC0;
        lead.filter(is_lead).unwrap_or(at)
    }
}

/// The characters of a block that are not ASCII.
struct Characters {
    /// Bytes at which it is no UTF-8, or a control.
    wrong: u64,
    /// So many bytes at the start of the block have no character in them that goes on after it.
    whole: usize,
}

impl Characters {
    /// The places of [well-formed UTF-8](https://www.unicode.org/versions/latest/), table 3-7.
    fn of(block: &[u8; BLOCK], high: u64) -> Self {
        let (mut two, mut three, mut four) = (0, 0, 0);
        let (mut from_90, mut from_a0, mut from_c0) = (0, 0, 0);
        let (mut c2, mut e0, mut ed, mut f0, mut f4) = (0, 0, 0, 0, 0);
        for (lanes, at) in lanes(block) {
            let is = |byte: u8| mask(lanes.simd_eq(all(byte)), at);
            // Among bytes that are not ASCII, the order is the same with a sign.
            let from = |byte: u8| mask(lanes.simd_gt(all(byte - 1)), at) & high;
            from_90 |= from(0x90);
            from_a0 |= from(0xA0);
            from_c0 |= from(0xC0);
            two |= from(0xC2) & !from(0xE0);
            three |= from(0xE0) & !from(0xF0);
            four |= from(0xF0) & !from(0xF5);
            c2 |= is(0xC2);
            e0 |= is(0xE0);
            ed |= is(0xED);
            f0 |= is(0xF0);
            f4 |= is(0xF4);
        }
        let leads = two | three | four;
        let wanted = leads << 1 | (three | four) << 2 | four << 3;
        let following = high & !from_c0;
        // C1 controls, what has a shorter form, surrogates, and what is beyond Unicode.
        let too_low = (c2 | e0) << 1 & !from_a0 | f0 << 1 & !from_90;
        let too_high = ed << 1 & from_a0 | f4 << 1 & from_90;
        let wrong = (following ^ wanted) | (from_c0 & !leads) | too_low | too_high;
        let open = two & !below(BLOCK - 1) | three & !below(BLOCK - 2) | four & !below(BLOCK - 3);
        let whole = match open {
            0 => BLOCK,
            _ => open.trailing_zeros() as usize,
        };
        Self { wrong, whole }
    }
}

/// A block's bytes, some at a time, with the place of the first of them.
fn lanes(block: &[u8; BLOCK]) -> impl Iterator<Item = (i8x16, usize)> {
    let (lanes, _) = block.as_chunks::<LANES>();
    let signed = |bytes: &[u8; LANES]| i8x16::from(bytes.map(u8::cast_signed));
    lanes.iter().map(signed).zip((0..).step_by(LANES))
}

fn all(byte: u8) -> i8x16 {
    i8x16::splat(byte.cast_signed())
}

/// The highest bit of each lane, at its place in a block.
fn mask(lanes: i8x16, at: usize) -> u64 {
    u64::from(lanes.to_bitmask()) << at
}

/// Those of `places` at which there is another byte.
fn without(places: u64, block: &[u8; BLOCK], byte: u8) -> u64 {
    let mut others = places;
    let mut left = places;
    while left != 0 {
        let place = left.trailing_zeros();
        if block[place as usize] == byte {
            others &= !(1 << place);
        }
        left &= left - 1;
    }
    others
}

/// The places of the first `len` bytes, of at most [`BLOCK`].
fn below(len: usize) -> u64 {
    match len {
        BLOCK => u64::MAX,
        _ => (1 << len) - 1,
    }
}
