//! Hyperlinks, by number, bounded in number and in bytes.

use std::collections::HashMap;

/// Links kept at once; beyond it, a new link is text without a link.
pub(crate) const MAX_LINKS: usize = 4096;
/// Bytes of one address; a longer link is no link.
pub(crate) const MAX_ADDRESS: usize = 2048;
/// Bytes of the `id` parameter.
const MAX_ID: usize = 256;

/// One link.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Link {
    /// The `id` parameter; cells with equal id and address belong together.
    pub(crate) id: Option<String>,
    pub(crate) address: String,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Links {
    links: HashMap<u32, Link>,
    numbers: HashMap<Link, u32>,
    last: u32,
    /// Links asked for since unused ones were last forgotten.
    asked: usize,
}

impl Links {
    pub(crate) fn get(&self, number: u32) -> Option<&Link> {
        self.links.get(&number)
    }

    fn is_full(&self) -> bool {
        self.links.len() >= MAX_LINKS
    }

    /// Whether it is time to look for unused ones: looking takes long, so not at every link.
    pub(crate) fn wants_sweep(&mut self) -> bool {
        self.asked += 1;
        self.is_full() && self.asked > MAX_LINKS / 2
    }

    /// The number for a link: a new one, or that of an equal one, so that a link takes one place
    /// however often it is opened. `None` if the link is too long or there are too many.
    pub(crate) fn register(&mut self, link: Link) -> Option<u32> {
        if link.address.len() > MAX_ADDRESS || link.id.as_ref().is_some_and(|id| id.len() > MAX_ID)
        {
            return None;
        }
        if let Some(&number) = self.numbers.get(&link) {
            return Some(number);
        }
        if self.is_full() {
            return None;
        }
        self.last = (1..=u32::MAX)
            .map(|step| self.last.wrapping_add(step))
            .find(|number| *number != 0 && !self.links.contains_key(number))?;
        self.numbers.insert(link.clone(), self.last);
        self.links.insert(self.last, link);
        Some(self.last)
    }

    /// Forgets the links that are not `used`.
    pub(crate) fn retain(&mut self, used: impl Fn(u32) -> bool) {
        self.asked = 0;
        self.links.retain(|&number, _| used(number));
        self.numbers.retain(|_, number| used(*number));
    }
}
