//! Input made to be as dear as it can be: every sequence the engine knows, again and again, on
//! screens prepared to make it dear.

/// What one piece of input may hold.
pub(crate) const BYTES: usize = 64 * 1024;

/// Sizes from the largest to the smallest, columns and rows.
pub(crate) const SIZES: [(u16, u16); 5] = [(1000, 500), (80, 24), (2, 500), (1000, 1), (2, 1)];

/// `CSI` sequences that take a count or a place: what comes before the number and after it.
const COUNTED: &[(&str, &str)] = &[
    ("", "@"),
    ("", "A"),
    ("", "B"),
    ("", "C"),
    ("", "D"),
    ("", "E"),
    ("", "F"),
    ("", "G"),
    ("", "H"),
    ("", "I"),
    ("", "J"),
    ("?", "J"),
    ("", "K"),
    ("?", "K"),
    ("", "L"),
    ("", "M"),
    ("", "P"),
    ("", "S"),
    ("", "T"),
    ("", "X"),
    ("", "Z"),
    ("", "b"),
    ("", "d"),
    ("", "e"),
    ("", "g"),
    ("", "r"),
    ("", " @"),
    ("", " A"),
    ("", "'}"),
    ("", "'~"),
    ("", " q"),
    ("", "\"q"),
    (">", "u"),
    ("<", "u"),
];

/// Everything else, each as short as it comes.
const FIXED: &[&str] = &[
    "x",
    "xx",
    "中",
    "\u{301}",
    "e\u{301}",
    "😀\u{200D}",
    "\t",
    "\r",
    "\n",
    "\x08",
    "\x07",
    "\x0e",
    "\x0f",
    "\u{84}",
    "\u{85}",
    "\u{88}",
    "\x1b7",
    "\x1b8",
    "\x1b=",
    "\x1bD",
    "\x1bE",
    "\x1bH",
    "\x1bM",
    "\x1bc",
    "\x1bn",
    "\x1b#8",
    "\x1b%G",
    "\x1b(0",
    "\x1b)A",
    "\x1b[!p",
    "\x1b[s",
    "\x1b[u",
    "\x1b[c",
    "\x1b[6n",
    "\x1b[18t",
    "\x1b[22t",
    "\x1b[23t",
    "\x1b[?1$p",
    "\x1b[4h",
    "\x1b[4l",
    "\x1b[20h",
    "\x1b[?6h",
    "\x1b[?6l",
    "\x1b[?7l",
    "\x1b[?7h",
    "\x1b[?45h",
    "\x1b[?47h",
    "\x1b[?47l",
    "\x1b[?1049h",
    "\x1b[?1049l",
    "\x1b[?2026h",
    "\x1b[m",
    "\x1b[1m",
    "\x1b[41m",
    "\x1b[42m",
    "\x1b[4:3m",
    "\x1b[38;5;9;48;5;7m",
    "\x1b[2;499r",
    "\x1b[1;250r",
    "\x1b]2;t\x07",
    "\x1b]4;1;?\x07",
    "\x1b]4;1;#123\x07",
    "\x1b]104\x07",
    "\x1b]8;;a\x07",
    "\x1b]8;id=1;b\x07",
    "\x1bP$qm\x1b\\",
    "\x1bP+q544e\x1b\\",
];

/// Input of another kind each time, so that nothing can be found again.
pub(crate) fn changing() -> Vec<(String, Vec<u8>)> {
    let made = |name: &str, each: &dyn Fn(usize) -> String| {
        let mut bytes = Vec::with_capacity(BYTES + 64);
        for i in 0.. {
            bytes.extend(each(i).bytes());
            if bytes.len() >= BYTES - 16 {
                break;
            }
        }
        // Strings are carried out at their end only, and only if they are not too long.
        bytes.truncate(BYTES - 4);
        bytes.extend(b"\x1b\\");
        (name.to_owned(), bytes)
    };
    let rgb = |i: usize| format!("{};{};{}", i >> 8 & 255, i & 255, i >> 16);
    vec![
        made("ever new colours", &|i| format!("\x1b[38;2;{}mx", rgb(i))),
        made("ever new backgrounds", &|i| {
            format!("\x1b[48;2;{}m\x1b[J", rgb(i))
        }),
        made("ever new backgrounds and columns", &|i| {
            format!("\x1b[48;2;{}m\x1b[ A", rgb(i))
        }),
        made("ever new links", &|i| format!("\x1b]8;;{i}\x07x")),
        made("ever new links with ids", &|i| {
            format!("\x1b]8;id={i};b\x07x")
        }),
        made("ever new titles", &|i| format!("\x1b]2;{i}\x07\x1b[22t")),
        made("ever new palette", &|i| {
            format!("\x1b]4;{};#{:03x}\x07", i % 256, i % 4096)
        }),
        made("ever new margins", &|i| {
            format!("\x1b[1;{}r\x1b[ A", 2 + i % 499)
        }),
        made("margins and line ends", &|i| {
            format!("\x1b[{};500r\x1b[500H\n\n", 2 + i % 400)
        }),
        made("marks upon marks", &|i| {
            if i % 40 == 0 { "x" } else { "\u{301}" }.into()
        }),
        made("many parameters", &|_| format!("\x1b[{}m", "1;".repeat(40))),
        made("a long string", &|_| {
            "\x1b]2;".to_owned() + &"y".repeat(BYTES - 5)
        }),
        made("a long list of colours", &|i| {
            if i == 0 { "\x1b]4;" } else { "0;?;" }.into()
        }),
        made("a long list of questions", &|i| {
            if i == 0 { "\x1bP+q" } else { "544e;" }.into()
        }),
        made("an empty list of questions", &|i| {
            if i == 0 { "\x1bP+q" } else { ";" }.into()
        }),
    ]
}

/// Every sequence by itself.
pub(crate) fn atoms() -> Vec<String> {
    let numbers = ["", "2", "999"];
    let counted = COUNTED
        .iter()
        .flat_map(|(before, after)| numbers.map(|number| format!("\x1b[{before}{number}{after}")));
    let fixed = FIXED.iter().map(|&text| text.to_owned());
    fixed.chain(counted).collect()
}

/// 64 KB of one text again and again.
pub(crate) fn repeated(unit: &str) -> Vec<u8> {
    let mut bytes = unit.repeat(BYTES.div_ceil(unit.len())).into_bytes();
    bytes.truncate(BYTES);
    bytes
}

/// States to start from, by name.
pub(crate) fn states(cols: u16, rows: u16) -> Vec<(&'static str, Vec<u8>)> {
    let cells = usize::from(cols) * usize::from(rows);
    let pattern = |each: &str| each.repeat(cells).into_bytes();
    let with = |before: &str, then: Vec<u8>, after: &str| {
        [before.as_bytes(), &then, after.as_bytes()].concat()
    };
    // Behind it, a tab goes to the last column.
    let tabs = "\x1b[3g";
    vec![
        ("fresh", Vec::new()),
        ("full", with(tabs, pattern("ab"), "")),
        (
            "full, inserting",
            with(tabs, pattern("ab"), "\x1b[4h\x1b[H"),
        ),
        (
            "full, margins",
            with(tabs, pattern("ab"), "\x1b[2r\x1b[999;1H"),
        ),
        (
            "every cell protected but some",
            with(tabs, pattern("\x1b[1\"qa\x1b[0\"qb"), ""),
        ),
        (
            "marks in every cell",
            with(tabs, pattern("e\u{301}"), "\x1b[4h\x1b[H"),
        ),
        (
            "both screens full",
            with(
                tabs,
                pattern("ab"),
                &format!("\x1b[?47h{}\x1b[3g", "cd".repeat(cells / 2)),
            ),
        ),
    ]
}
