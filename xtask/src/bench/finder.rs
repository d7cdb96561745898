//! Finds a text in a stream that comes in pieces.

use memchr::memmem;

/// Looks for one text at a time.
#[derive(Default)]
pub(crate) struct Finder {
    wanted: Vec<u8>,
    /// The end of what was seen: the text may begin there.
    seam: Vec<u8>,
    found: bool,
}

impl Finder {
    /// From here on, looks for this.
    pub(crate) fn look_for(&mut self, wanted: &str) {
        self.wanted = wanted.as_bytes().to_vec();
        self.seam.clear();
        self.found = false;
    }

    pub(crate) fn found(&self) -> bool {
        self.found
    }

    pub(crate) fn feed(&mut self, piece: &[u8]) {
        if self.found || self.wanted.is_empty() {
            return;
        }
        let keep = self.wanted.len() - 1;
        self.seam.extend_from_slice(&piece[..keep.min(piece.len())]);
        self.found = memmem::find(&self.seam, &self.wanted).is_some()
            || memmem::find(piece, &self.wanted).is_some();
        if piece.len() >= keep {
            self.seam.clear();
            self.seam.extend_from_slice(&piece[piece.len() - keep..]);
        } else {
            let gone = self.seam.len().saturating_sub(keep);
            self.seam.drain(..gone);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_across_every_cut() {
        let stream = b"some text <end-1> more";
        for size in 1..=stream.len() {
            let mut finder = Finder::default();
            finder.look_for("<end-1>");
            stream.chunks(size).for_each(|piece| finder.feed(piece));
            assert!(finder.found(), "in pieces of {size}");
            finder.look_for("<end-2>");
            stream.chunks(size).for_each(|piece| finder.feed(piece));
            assert!(!finder.found(), "in pieces of {size}");
        }
    }
}
