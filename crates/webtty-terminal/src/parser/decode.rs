//! UTF-8 as xterm.js reads it: what is invalid vanishes, and so does the byte order mark.

/// The start of a slice, decoded.
pub(crate) enum Decoded {
    /// A code point and how many bytes it took.
    Char(u32, usize),
    /// This many bytes are to be skipped.
    Invalid(usize),
    /// The slice ends inside a character.
    Incomplete,
}

/// Decodes the first character of a slice that is not empty.
pub(crate) fn next(bytes: &[u8]) -> Decoded {
    let first = bytes[0];
    let len = match first {
        0..0x80 => return Decoded::Char(u32::from(first), 1),
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0..0xF8 => 4,
        _ => return Decoded::Invalid(1),
    };
    let mut code = u32::from(first) & (0x7F >> len);
    for i in 1..len {
        match bytes.get(i) {
            None => return Decoded::Incomplete,
            Some(&byte) if byte & 0xC0 == 0x80 => code = code << 6 | u32::from(byte & 0x3F),
            Some(_) => return Decoded::Invalid(i),
        }
    }
    let valid = match len {
        2 => code >= 0x80,
        3 => code >= 0x800 && !(0xD800..0xE000).contains(&code) && code != 0xFEFF,
        _ => (0x1_0000..0x11_0000).contains(&code),
    };
    if valid {
        Decoded::Char(code, len)
    } else {
        Decoded::Invalid(len)
    }
}

/// Decodes printable characters from the start of a slice: those beyond ASCII, and a single one
/// of ASCII between two of them. Stops at anything else, and when `codes` is full; returns how
/// many there were and what comes after them.
pub(crate) fn run<'a>(bytes: &'a [u8], codes: &mut [u32]) -> (usize, &'a [u8]) {
    let mut rest = bytes;
    for (n, slot) in codes.iter_mut().enumerate() {
        let (code, after) = match *rest {
            [a @ 0xC2..0xE0, b, ref after @ ..] if b & 0xC0 == 0x80 => {
                (u32::from(a & 0x1F) << 6 | u32::from(b & 0x3F), after)
            }
            [a @ 0xE0..0xF0, b, c, ref after @ ..] if b & 0xC0 == 0x80 && c & 0xC0 == 0x80 => {
                let code = u32::from(a & 0x0F) << 12 | u32::from(b & 0x3F) << 6;
                let code = code | u32::from(c & 0x3F);
                if code < 0x800 || (0xD800..0xE000).contains(&code) || code == 0xFEFF {
                    return (n, rest);
                }
                (code, after)
            }
            [a @ 0x20..0x7F, 0x80..=0xFF, ..] if n > 0 => (u32::from(a), &rest[1..]),
            [0xF0..=0xFF, ..] => match next(rest) {
                Decoded::Char(code, len) => (code, &rest[len..]),
                _ => return (n, rest),
            },
            _ => return (n, rest),
        };
        if (0x80..0xA0).contains(&code) {
            return (n, rest);
        }
        *slot = code;
        rest = after;
    }
    (codes.len(), rest)
}

/// The first bytes of a character whose last have not come yet.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Utf8 {
    bytes: [u8; 4],
    len: usize,
}

impl Utf8 {
    pub(crate) fn pending(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    /// Keeps what [`next`] found incomplete: at most three bytes.
    pub(crate) fn keep(&mut self, bytes: &[u8]) {
        self.len = bytes.len().min(3);
        self.bytes[..self.len].copy_from_slice(&bytes[..self.len]);
    }

    /// One more byte; the character once it is complete.
    pub(crate) fn push(&mut self, byte: u8) -> Option<Decoded> {
        self.bytes[self.len] = byte;
        self.len += 1;
        match next(&self.bytes[..self.len]) {
            Decoded::Incomplete => None,
            decoded => {
                self.len = 0;
                Some(decoded)
            }
        }
    }
}
