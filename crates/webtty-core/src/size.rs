//! How large a terminal is: which of the windows on it decides.
//!
//! Pure: windows come, act and go, and the outcome is a [`Shape`]. A viewer that may not type has
//! no window here, so it never counts.

use webtty_protocol::SizePolicy;
pub use webtty_terminal::Metrics;

/// A terminal's size in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Width in columns.
    pub cols: u16,
    /// Height in rows.
    pub rows: u16,
}

/// What a client has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// In cells.
    pub size: Size,
    /// How large its cells are, when it said so.
    pub metrics: Option<Metrics>,
}

/// A terminal's size, and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The size, and that of a cell.
    pub window: Window,
    /// The connection whose window has that size, when it is of one in particular.
    pub by: Option<u64>,
    /// Who decides.
    pub policy: SizePolicy,
    /// Who typed last or, before anyone has, attached first; none once that one has left.
    pub driver: Option<u64>,
}

/// The controllers of a session, their windows, and what follows from them.
#[derive(Debug)]
pub struct Sizing {
    shape: Shape,
    /// In the order in which they attached.
    controllers: Vec<Controller>,
    /// Who typed last or, before anyone has, attached first.
    driver: Option<u64>,
    /// Counts what controllers do.
    acts: u64,
}

#[derive(Debug)]
struct Controller {
    client: u64,
    /// None while it has not said how large it is.
    window: Option<Window>,
    /// When it last attached, resized or typed, by the count of acts.
    acted: u64,
}

impl Sizing {
    /// A terminal of this size, on which no window is open.
    pub fn new(policy: SizePolicy, size: Size) -> Self {
        Self {
            shape: Shape {
                window: Window {
                    size,
                    metrics: None,
                },
                by: None,
                policy,
                driver: None,
            },
            controllers: Vec::new(),
            driver: None,
            acts: 0,
        }
    }

    /// The outcome.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// A controller is about to attach and to start the shell: where nobody else has a window,
    /// the shell begins in this one.
    pub fn expect(&mut self, window: Window) {
        if self.controllers.is_empty() && self.shape.policy != SizePolicy::Fixed {
            self.shape.window = window;
        }
    }

    /// A controller attached, with a window of a size that may not be known.
    pub fn join(&mut self, client: u64, window: Option<Window>) {
        self.acts += 1;
        self.controllers.push(Controller {
            client,
            window,
            acted: self.acts,
        });
        self.driver.get_or_insert(client);
        self.settle();
    }

    /// A controller left. While nobody else is to decide, the terminal keeps its size, so that
    /// nothing moves under those who stay.
    pub fn leave(&mut self, client: u64) {
        self.controllers.retain(|other| other.client != client);
        if self.driver == Some(client) {
            self.driver = None;
        }
        self.settle();
    }

    /// A controller's window has this size now.
    pub fn resize(&mut self, client: u64, window: Window) {
        self.acts += 1;
        let acted = self.acts;
        let Some(controller) = self.find(client) else {
            return;
        };
        controller.window = Some(window);
        controller.acted = acted;
        self.driver.get_or_insert(client);
        self.settle();
    }

    /// A controller typed, and so drives.
    pub fn typed(&mut self, client: u64) {
        let acts = self.acts;
        let drives = self.driver == Some(client);
        let Some(controller) = self.find(client) else {
            return;
        };
        if drives && controller.acted == acts {
            // Nobody did anything since, and this comes with every key.
            return;
        }
        controller.acted = acts + 1;
        self.acts += 1;
        self.driver = Some(client);
        self.settle();
    }

    /// Someone else decides from now on. `fixed` is the size that the policy of that name holds
    /// to: the present one when not given.
    pub fn set_policy(&mut self, policy: SizePolicy, fixed: Option<Size>) {
        self.shape.policy = policy;
        if let Some(size) = fixed.filter(|_| policy == SizePolicy::Fixed) {
            self.shape.window.size = size;
        }
        self.settle();
    }

    fn find(&mut self, client: u64) -> Option<&mut Controller> {
        self.controllers
            .iter_mut()
            .find(|controller| controller.client == client)
    }

    /// Draws the conclusion from who is here.
    fn settle(&mut self) {
        let (size, by) = match self.shape.policy {
            SizePolicy::Driver => (self.window_of(self.driver).map(|w| w.size), self.driver),
            SizePolicy::Latest => self.latest(),
            SizePolicy::Smallest => self.smallest(),
            SizePolicy::Fixed => (None, None),
        };
        if let Some(size) = size {
            self.shape.window.size = size;
        }
        self.shape.by = by;
        self.shape.driver = self.driver;
        // Where the size is of no window in particular, programs are told of the driver's cells.
        if let Some(window) = self.window_of(by.or(self.driver)) {
            self.shape.window.metrics = window.metrics;
        }
    }

    fn latest(&self) -> (Option<Size>, Option<u64>) {
        let sized = self.controllers.iter().filter(|one| one.window.is_some());
        let latest = sized.max_by_key(|one| one.acted);
        (
            latest.and_then(|one| one.window).map(|window| window.size),
            latest.map(|one| one.client),
        )
    }

    fn smallest(&self) -> (Option<Size>, Option<u64>) {
        let sizes = || {
            let window = |one: &Controller| one.window.map(|window| (one.client, window.size));
            self.controllers.iter().filter_map(window)
        };
        let cols = sizes().map(|(_, size)| size.cols).min();
        let rows = sizes().map(|(_, size)| size.rows).min();
        let smallest = cols.zip(rows).map(|(cols, rows)| Size { cols, rows });
        let whose = sizes().find(|&(_, size)| Some(size) == smallest);
        (smallest, whose.map(|(client, _)| client))
    }

    fn window_of(&self, client: Option<u64>) -> Option<Window> {
        let controller = self
            .controllers
            .iter()
            .find(|one| Some(one.client) == client);
        controller?.window
    }
}

/// Is this input of a person who works, and so drives? A report of the focus by itself, `CSI I` or
/// `CSI O` (xterm's control sequences, mode 1004), is not: it comes from every look at another window.
pub fn is_typing(input: &[u8]) -> bool {
    !matches!(input, b"\x1b[I" | b"\x1b[O")
}

#[cfg(test)]
mod tests;
