//! Output nobody wrote: sequences, text and broken bytes in any order, from a seed.

/// A small generator of numbers: the same seed, the same mix, on every machine.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

const WORDS: &[&str] = &[
    "a",
    "hello ",
    "world",
    "x",
    "  ",
    "0123456789",
    "中",
    "文字 ",
    "한국",
    "é",
    "e\u{301}",
    "😀",
    "👩\u{200D}💻",
    "❤\u{FE0F}",
    "\u{301}",
    "─│",
    "the quick brown fox jumps over ",
    "q",
    "lqk",
];

const FINALS: &[u8] = b"@ABCDEFGHIJKLMPSTXZ`abdefg";

const FIXED: &[&str] = &[
    "\x1b[m",
    "\x1b[0;1m",
    "\x1b[4m",
    "\x1b[24m",
    "\x1b[7m",
    "\x1b[27m",
    "\x1b[4:3m",
    "\x1b[59m",
    "\x1b[58;5;7m",
    "\x1b[1\"q",
    "\x1b[\"q",
    "\x1b[?J",
    "\x1b[?1K",
    "\x1b[!p",
    "\x1b7",
    "\x1b8",
    "\x1b[s",
    "\x1b[u",
    "\x1bM",
    "\x1bD",
    "\x1bE",
    "\x1bH",
    "\x1b[3g",
    "\x1b(0",
    "\x1b(B",
    "\x1b)0",
    "\x0e",
    "\x0f",
    "\x1bn",
    "\x1b#8",
    "\x1b[4h",
    "\x1b[4l",
    "\x1b[20h",
    "\x1b[20l",
    "\x1b[?7l",
    "\x1b[?7h",
    "\x1b[?6h",
    "\x1b[?6l",
    "\x1b[?45h",
    "\x1b[?45l",
    "\x1b[?1049h",
    "\x1b[?1049l",
    "\x1b[?47h",
    "\x1b[?47l",
    "\x1b[?25l",
    "\x1b[?25h",
    "\x1b[?1000h",
    "\x1b[?1006h",
    "\x1b[?2004h",
    "\x1b]2;title\x07",
    "\x1b]8;;http://a/b\x07",
    "\x1b]8;;\x07",
    "\x1b]8;id=1;http://c\x1b\\",
    "\x1b]4;5;#123456\x07",
    "\x1b]104\x07",
    "\x1b[r",
    "\x1b=",
    "\x1b>",
    "\x1b[2 q",
    "\x1bc",
];

const CONTROLS: &[&str] = &[
    "\r\n", "\r\n", "\r\n", "\n", "\r", "\x08", "\t", "\x07", "\x0b",
];

const BROKEN: &[&[u8]] = &[
    b"\xff",
    b"\xe4\xb8",
    b"\x1b[",
    b"\x1b]2;x",
    b"\x1b",
    b"\x18",
    b"\x1b[?",
    b"\x1bP1$",
    b"\xc2\x9b",
    b"\x1b[38;5",
    b"\x1b[1;2;3",
    b"\x7f",
    b"\0",
];

fn color(random: &mut Random) -> String {
    match random.below(6) {
        0 => format!("\x1b[3{}m", random.below(8)),
        1 => format!("\x1b[4{}m", random.below(8)),
        2 => format!("\x1b[9{};10{}m", random.below(8), random.below(8)),
        3 => format!("\x1b[38;5;{}m", random.below(256)),
        4 => format!("\x1b[48;2;{};7;9m", random.below(256)),
        _ => "\x1b[39;49m".into(),
    }
}

/// One piece of output.
fn piece(random: &mut Random, cols: usize, rows: usize) -> Vec<u8> {
    match random.below(40) {
        0..14 => random.pick(WORDS).into(),
        14..19 => random.pick(CONTROLS).into(),
        19..23 => color(random).into_bytes(),
        23..27 => {
            let (row, col) = (random.below(rows + 2), random.below(cols + 2));
            format!("\x1b[{row};{col}H").into_bytes()
        }
        27..32 => {
            let last = random.pick(FINALS) as char;
            let n = random.below(5);
            format!("\x1b[{n}{last}").into_bytes()
        }
        32 => {
            let top = random.below(rows.max(1));
            format!("\x1b[{top};{}r", top + random.below(rows.max(1))).into_bytes()
        }
        33 => {
            let kind = random.pick(&[" @", " A", "'}", "'~"]);
            format!("\x1b[{}{kind}", random.below(3)).into_bytes()
        }
        34..38 => random.pick(FIXED).into(),
        38 => random.pick(BROKEN).to_vec(),
        _ => "=".repeat(random.below(2 * cols.max(1))).into_bytes(),
    }
}

/// A mix of up to `pieces` pieces for a screen of this size.
pub(crate) fn mix(random: &mut Random, pieces: usize, cols: usize, rows: usize) -> Vec<u8> {
    let n = 1 + random.below(pieces);
    (0..n).flat_map(|_| piece(random, cols, rows)).collect()
}
