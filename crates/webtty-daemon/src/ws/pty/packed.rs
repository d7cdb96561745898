//! Snapshots compressed. A line to somewhere else takes longer to carry one than a processor takes to
//! pack it: ten thousand lines of a log are 800 KB, or 60 KB after a millisecond.

use bytes::Bytes;
use miniz_oxide::deflate::compress_to_vec;

use crate::limits::PACKED_FROM_BYTES;

/// The fastest there is: the next one takes two to five times as long for a fifth less.
const LEVEL: u8 = 1;

/// These bytes compressed (RFC 1951), or none where that is not worth it.
pub(super) fn packed(bytes: &[u8]) -> Option<Bytes> {
    if bytes.len() < PACKED_FROM_BYTES {
        return None;
    }
    let packed = compress_to_vec(bytes, LEVEL);
    (packed.len() < bytes.len()).then(|| packed.into())
}

#[cfg(test)]
mod tests {
    use miniz_oxide::inflate::decompress_to_vec;

    use super::*;

    #[test]
    fn what_is_large_becomes_smaller_and_is_the_same_again() {
        let lines: String = (0..1000)
            .map(|n| format!("\x1b[3{}mline {n}\r\n", n % 8))
            .collect();
        let packed = packed(lines.as_bytes()).expect("it is large");
        assert!(packed.len() < lines.len() / 3, "{}", packed.len());
        let unpacked = decompress_to_vec(&packed).expect("it is whole");
        assert_eq!(unpacked, lines.as_bytes());
    }

    #[test]
    fn what_is_small_or_does_not_shrink_stays_as_it_is() {
        assert_eq!(packed(&vec![b' '; PACKED_FROM_BYTES - 1]), None);
        assert!(packed(&vec![b' '; PACKED_FROM_BYTES]).is_some());
        let mut state = 1_u32;
        let noise = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        assert_eq!(
            packed(&noise.take(PACKED_FROM_BYTES).collect::<Vec<_>>()),
            None
        );
    }
}
