//! Frames as a server writes them: whole messages, not masked (RFC 6455 section 5.2).

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Binary,
    Close,
    Ping,
}

impl Kind {
    fn opcode(self) -> u8 {
        match self {
            Self::Text => 0x1,
            Self::Binary => 0x2,
            Self::Close => 0x8,
            Self::Ping => 0x9,
        }
    }
}

/// Appends the header of a frame with `len` bytes of payload; at most ten bytes.
pub(super) fn write_header(kind: Kind, len: usize, into: &mut Vec<u8>) {
    const FINAL: u8 = 0x80;
    into.push(FINAL | kind.opcode());
    if let Ok(len @ ..=125) = u8::try_from(len) {
        into.push(len);
    } else if let Ok(len) = u16::try_from(len) {
        into.push(126);
        into.extend_from_slice(&len.to_be_bytes());
    } else {
        into.push(127);
        into.extend_from_slice(&(len as u64).to_be_bytes());
    }
}

/// Appends a whole frame.
pub(super) fn write_frame(kind: Kind, payload: &[u8], into: &mut Vec<u8>) {
    write_header(kind, payload.len(), into);
    into.extend_from_slice(payload);
}

/// The payload of a close: a code, and words of which as many are kept as there is room for.
pub(super) fn close_payload(code: u16, reason: &str) -> Vec<u8> {
    // A close frame holds at most 125 bytes, two of them the code.
    let mut end = reason.len().min(123);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend_from_slice(&reason.as_bytes()[..end]);
    payload
}

#[cfg(test)]
mod tests {
    use hyper_tungstenite::tungstenite::protocol::frame::FrameHeader;
    use hyper_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

    use super::*;

    #[test]
    fn headers_are_those_of_the_library_at_every_width() {
        for len in [0, 1, 125, 126, 127, 65_535, 65_536, 70_000] {
            let mut ours = Vec::new();
            write_header(Kind::Binary, len, &mut ours);
            let header = FrameHeader {
                opcode: OpCode::Data(Data::Binary),
                ..FrameHeader::default()
            };
            let mut theirs = Vec::new();
            header.format(len as u64, &mut theirs).expect("to memory");
            assert_eq!(ours, theirs, "{len} bytes");
        }
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let payload = close_payload(4001, &"é".repeat(80));
        assert_eq!(payload.len(), 2 + 122);
        assert!(std::str::from_utf8(&payload[2..]).is_ok());
        assert_eq!(payload[..2], 4001_u16.to_be_bytes());
    }
}
