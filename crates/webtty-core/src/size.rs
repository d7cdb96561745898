//! Whose window a terminal has the size of.
//!
//! The policy is `driver`: the controller who typed last. Before anyone has typed it is who
//! attached first. A viewer that may not type never counts, and who joins changes nothing for
//! those who are there.

/// A terminal's size in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Width in columns.
    pub cols: u16,
    /// Height in rows.
    pub rows: u16,
}

/// The controllers of a session and their windows.
#[derive(Debug, Default)]
pub struct DriverPolicy {
    windows: Vec<(u64, Size)>,
    driver: Option<u64>,
}

impl DriverPolicy {
    /// A controller attached with a window of this size. Gives the size the terminal should
    /// have from now on, if that is another matter than before.
    pub fn join(&mut self, client: u64, size: Size) -> Option<Size> {
        self.windows.push((client, size));
        if self.driver.is_some() {
            return None;
        }
        self.driver = Some(client);
        Some(size)
    }

    /// A controller left. The terminal keeps its size, so that nothing moves under those who
    /// stay; the next to type or resize drives.
    pub fn leave(&mut self, client: u64) {
        self.windows.retain(|&(other, _)| other != client);
        if self.driver == Some(client) {
            self.driver = None;
        }
    }

    /// A controller's window changed.
    pub fn resize(&mut self, client: u64, size: Size) -> Option<Size> {
        let window = self
            .windows
            .iter_mut()
            .find(|(other, _)| *other == client)?;
        window.1 = size;
        if *self.driver.get_or_insert(client) == client {
            Some(size)
        } else {
            None
        }
    }

    /// A controller typed, and so drives.
    pub fn typed(&mut self, client: u64) -> Option<Size> {
        if self.driver == Some(client) {
            return None;
        }
        let &(_, size) = self.windows.iter().find(|(other, _)| *other == client)?;
        self.driver = Some(client);
        Some(size)
    }

    /// The connection whose size the terminal has.
    pub fn driver(&self) -> Option<u64> {
        self.driver
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Size = Size {
        cols: 200,
        rows: 50,
    };
    const PHONE: Size = Size { cols: 40, rows: 20 };

    #[test]
    fn a_phone_that_joins_changes_nothing_until_it_types() {
        let mut policy = DriverPolicy::default();
        assert_eq!(policy.join(1, WIDE), Some(WIDE));
        assert_eq!(policy.join(2, PHONE), None);
        assert_eq!(policy.resize(2, PHONE), None);
        assert_eq!(policy.typed(1), None, "already the driver");
        assert_eq!(policy.typed(2), Some(PHONE));
        assert_eq!(policy.resize(1, WIDE), None);
        assert_eq!(policy.typed(1), Some(WIDE));
    }

    #[test]
    fn when_the_driver_leaves_the_next_to_act_drives() {
        let mut policy = DriverPolicy::default();
        policy.join(1, WIDE);
        policy.join(2, PHONE);
        policy.leave(1);
        assert_eq!(policy.driver(), None);
        assert_eq!(policy.resize(2, PHONE), Some(PHONE));
        assert_eq!(policy.typed(9), None, "not a controller");
    }
}
