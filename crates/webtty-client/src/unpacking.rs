//! Snapshots that come compressed (RFC 1951), unpacked as they come.

use bytes::Bytes;
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush};

use crate::error::Error;

/// What is unpacked at a time, in bytes. A few bytes may unpack to a thousand times as many, and a
/// terminal takes no more than this at once.
const PIECE_BYTES: usize = 32 * 1024;

/// One snapshot on its way.
pub(crate) struct Unpacking {
    state: Box<InflateState>,
    /// How many compressed bytes are still to come.
    left: u64,
    /// What has come and is not unpacked.
    packed: Bytes,
    /// There may be another piece, also when all of what has come was taken for the last one.
    may_be_more: bool,
}

/// A piece of it.
#[derive(Debug, PartialEq)]
pub(crate) struct Piece {
    pub(crate) bytes: Bytes,
    /// How many compressed bytes it took.
    pub(crate) packed: u64,
}

impl Unpacking {
    /// Of a snapshot of so many compressed bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        Self {
            state: InflateState::new_boxed(DataFormat::Raw),
            left: bytes,
            packed: Bytes::new(),
            may_be_more: false,
        }
    }

    /// A frame has come. Gives what of it belongs to the output behind the snapshot. All pieces of
    /// the one before it must have been taken.
    pub(crate) fn take(&mut self, mut frame: Bytes) -> Bytes {
        let ours = usize::try_from(self.left).map_or(frame.len(), |left| left.min(frame.len()));
        let rest = frame.split_off(ours);
        self.left -= ours as u64;
        self.packed = frame;
        self.may_be_more = true;
        rest
    }

    /// The next piece of what has come.
    ///
    /// # Errors
    /// What came is not what was said to come.
    pub(crate) fn next(&mut self) -> Result<Option<Piece>, Error> {
        if !self.may_be_more {
            return Ok(None);
        }
        let mut bytes = vec![0; PIECE_BYTES];
        let done = inflate(&mut self.state, &self.packed, &mut bytes, MZFlush::None);
        match done.status {
            Ok(_) | Err(MZError::Buf) => {}
            Err(_) => return Err(broken()),
        }
        let packed = self.packed.split_to(done.bytes_consumed).len() as u64;
        self.may_be_more = done.bytes_written > 0 || packed > 0;
        if self.may_be_more {
            bytes.truncate(done.bytes_written);
            let bytes = bytes.into();
            return Ok(Some(Piece { bytes, packed }));
        }
        // Its end has come before what was said to be its last byte.
        if self.packed.is_empty() {
            Ok(None)
        } else {
            Err(broken())
        }
    }

    /// Has all of it come? Then nothing is left once there is no next piece.
    pub(crate) fn is_over(&self) -> bool {
        self.left == 0
    }
}

fn broken() -> Error {
    Error::VersionSkew {
        what: "a snapshot cannot be unpacked".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::compress_to_vec;

    use super::*;

    /// Takes it in frames of so many bytes. Gives what it unpacks to, the compressed bytes that were
    /// counted, and what came behind it.
    fn unpacked(packed: &[u8], behind: &[u8], frame: usize) -> (Vec<u8>, u64, Vec<u8>) {
        let mut unpacking = Unpacking::new(packed.len() as u64);
        let (mut seen, mut counted, mut rest) = (Vec::new(), 0, Vec::new());
        for frame in [packed, behind].concat().chunks(frame) {
            rest.extend_from_slice(&unpacking.take(Bytes::copy_from_slice(frame)));
            while let Some(piece) = unpacking.next().expect("it is whole") {
                assert!(piece.bytes.len() <= PIECE_BYTES);
                seen.extend_from_slice(&piece.bytes);
                counted += piece.packed;
            }
        }
        assert!(unpacking.is_over());
        (seen, counted, rest)
    }

    #[test]
    fn a_snapshot_is_the_same_however_it_is_cut() {
        let lines: String = (0..20_000).map(|n| format!("line {n}\r\n")).collect();
        let blank = " ".repeat(1_000_000);
        for text in [lines.as_str(), blank.as_str(), "few"] {
            let packed = compress_to_vec(text.as_bytes(), 1);
            for frame in [1, 7, 1000, 61_440] {
                let (seen, counted, rest) = unpacked(&packed, b"live", frame);
                assert!(seen == text.as_bytes(), "{} of {}", seen.len(), text.len());
                assert_eq!(
                    (counted, rest.as_slice()),
                    (packed.len() as u64, &b"live"[..])
                );
            }
        }
    }

    #[test]
    fn what_is_no_snapshot_is_said_to_be_none() {
        let mut unpacking = Unpacking::new(100);
        unpacking.take(Bytes::from_static(&[0xff; 50]));
        let found = std::iter::repeat_with(|| unpacking.next()).find(Result::is_err);
        assert!(matches!(found, Some(Err(Error::VersionSkew { .. }))));
    }

    #[test]
    fn bytes_behind_the_end_that_still_count_as_its_own_are_no_piece() {
        let mut packed = compress_to_vec(b"text", 1);
        packed.extend_from_slice(b"more");
        let mut unpacking = Unpacking::new(packed.len() as u64);
        unpacking.take(packed.into());
        assert_eq!(
            unpacking.next().expect("a piece").map(|it| it.bytes),
            Some(Bytes::from_static(b"text"))
        );
        assert!(unpacking.next().is_err());
    }
}
