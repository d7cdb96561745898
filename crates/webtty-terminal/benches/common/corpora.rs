//! Output of each kind that a terminal sees, always the same.

pub(crate) const COLS: usize = 80;
pub(crate) const ROWS: usize = 24;
/// What a read of a PTY brings at most, about.
const PIECE: usize = 16 * 1024;

/// Output of one kind.
pub(crate) struct Corpus {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// How much of it comes at once.
    pub(crate) piece: usize,
}

fn repeated(size: usize, mut next: impl FnMut(usize) -> String) -> Vec<u8> {
    let mut out = Vec::with_capacity(size + 4096);
    let mut i = 0;
    while out.len() < size {
        out.extend_from_slice(next(i).as_bytes());
        i += 1;
    }
    out
}

const WORDS: &str =
    "the quick brown fox jumps over the lazy dog and runs away from all the others ";

fn line(i: usize) -> String {
    let length = 20 + i * 37 % 58;
    format!("{}\r\n", &WORDS[..length])
}

fn redraw(i: usize) -> String {
    let mut out = String::from("\x1b[H");
    for row in 0..ROWS {
        let text = &WORDS[(i + row) % 20..][..40];
        out += &format!(
            "\x1b[{};1H\x1b[3{}m{text}\x1b[0;7m {i:6} \x1b[m\x1b[K",
            row + 1,
            row % 8
        );
    }
    out
}

/// Every kind, of about `size` bytes.
pub(crate) fn corpora(size: usize) -> Vec<Corpus> {
    let make = |name, bytes, piece| Corpus { name, bytes, piece };
    let color = |i: usize| {
        format!(
            "\x1b[3{}m{}\x1b[1;4{}m{}\x1b[m\r\n",
            i % 8,
            &WORDS[..30],
            i % 7,
            &WORDS[30..50]
        )
    };
    let unicode = |i: usize| format!("日本語のテキスト {i} émoji 😀 Привет мир ─│┌ 한국어\r\n");
    let long = |_| WORDS.repeat(50);
    let region = |i: usize| format!("\x1b[5;20r\x1b[20;1H\n{}\x1b[5;1H\x1bM{i}", &WORDS[..60]);
    vec![
        make("plain text", repeated(size, line), PIECE),
        make("colours", repeated(size, color), PIECE),
        make("full-screen redraw", repeated(size, redraw), PIECE),
        make("unicode", repeated(size, unicode), PIECE),
        make("long lines", repeated(size, long), PIECE),
        make("scroll regions", repeated(size, region), PIECE),
        make("plain backlog", repeated(size * 4, line), 1 << 20),
    ]
}
