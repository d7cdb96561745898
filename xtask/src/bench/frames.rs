//! WebSocket frames (RFC 6455), read as they come and without a copy, so that what is measured
//! is the daemon and not the one who measures it.

/// Opcodes, as far as they are of interest.
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

/// Part of a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    pub(crate) opcode: u8,
    pub(crate) bytes: &'a [u8],
    /// The message ends with it.
    pub(crate) last: bool,
}

/// Where in the stream of a server's frames we are.
#[derive(Default)]
pub(crate) struct Frames {
    header: [u8; 10],
    have: usize,
    /// Payload bytes of the current frame that are still to come.
    left: u64,
    in_payload: bool,
    fin: bool,
    opcode: u8,
    /// What a continuation frame continues.
    message: u8,
}

impl Frames {
    /// The next piece in what was read; nothing when all of it is used.
    pub(crate) fn next<'a>(&mut self, input: &mut &'a [u8]) -> Option<Piece<'a>> {
        if !self.in_payload && !self.read_header(input) {
            return None;
        }
        if input.is_empty() && self.left > 0 {
            return None;
        }
        let count = usize::try_from(self.left).unwrap_or(usize::MAX);
        let (bytes, rest) = input.split_at(count.min(input.len()));
        *input = rest;
        self.left -= bytes.len() as u64;
        self.in_payload = self.left > 0;
        Some(Piece {
            opcode: self.opcode,
            bytes,
            last: self.fin && !self.in_payload,
        })
    }

    fn read_header(&mut self, input: &mut &[u8]) -> bool {
        loop {
            let needed = match (self.have, self.header[1] & 0x7f) {
                (0 | 1, _) => 2,
                (_, 126) => 4,
                (_, 127) => 10,
                _ => 2,
            };
            if self.have == needed {
                break;
            }
            let Some((&byte, rest)) = input.split_first() else {
                return false;
            };
            self.header[self.have] = byte;
            self.have += 1;
            *input = rest;
        }
        let long = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0, |sum, &byte| sum << 8 | u64::from(byte))
        };
        self.left = match self.header[1] & 0x7f {
            126 => long(&self.header[2..4]),
            127 => long(&self.header[2..10]),
            short => short.into(),
        };
        self.fin = self.header[0] & 0x80 != 0;
        self.opcode = match self.header[0] & 0x0f {
            0 => self.message,
            opcode => opcode,
        };
        if self.opcode < CLOSE {
            self.message = self.opcode;
        }
        self.have = 0;
        self.in_payload = true;
        true
    }
}

/// A client's frame. Its mask is zero, which masks nothing and costs nothing.
pub(crate) fn from_client(opcode: u8, payload: &[u8]) -> Vec<u8> {
    frame(opcode, payload, true)
}

/// A server's frame.
pub(crate) fn from_server(opcode: u8, payload: &[u8]) -> Vec<u8> {
    frame(opcode, payload, false)
}

fn frame(opcode: u8, payload: &[u8], masked: bool) -> Vec<u8> {
    let mask_bit = if masked { 0x80 } else { 0 };
    let mut frame = Vec::with_capacity(payload.len() + 14);
    frame.push(0x80 | opcode);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(short @ 0..126), _) => frame.push(mask_bit | short),
        (_, Ok(medium)) => {
            frame.push(mask_bit | 126);
            frame.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            frame.push(mask_bit | 127);
            frame.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    if masked {
        frame.extend_from_slice(&[0; 4]);
    }
    frame.extend_from_slice(payload);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_every_length_are_read_in_pieces_of_any() {
        let payloads = [0, 1, 125, 126, 65_535, 65_536].map(|len| vec![7; len]);
        let stream: Vec<u8> = payloads
            .iter()
            .flat_map(|payload| from_server(BINARY, payload))
            .collect();
        for size in [1, 3, 1000, stream.len()] {
            let mut frames = Frames::default();
            let mut lengths = vec![0];
            for mut input in stream.chunks(size) {
                while let Some(piece) = frames.next(&mut input) {
                    assert_eq!(piece.opcode, BINARY);
                    *lengths.last_mut().unwrap() += piece.bytes.len();
                    if piece.last {
                        lengths.push(0);
                    }
                }
            }
            assert_eq!(lengths, [0, 1, 125, 126, 65_535, 65_536, 0], "by {size}");
        }
    }

    #[test]
    fn a_message_in_two_frames_ends_once() {
        let mut input: &[u8] = &[0x01, 1, b'a', 0x80, 1, b'b'];
        let mut frames = Frames::default();
        let piece = |bytes, last| Piece {
            opcode: TEXT,
            bytes,
            last,
        };
        assert_eq!(frames.next(&mut input), Some(piece(b"a", false)));
        assert_eq!(frames.next(&mut input), Some(piece(b"b", true)));
        assert_eq!(frames.next(&mut input), None);
    }
}
