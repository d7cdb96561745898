//! Sessions without a network: shells in PTYs, what they wrote, what was published beside them.
//!
//! Nothing here knows HTTP, and nothing here is async: the daemon's tasks wait on the
//! [`watch`](tokio::sync::watch) channels and descriptors handed out and then call plain methods.
//! Output and events are each stored once, in a bounded log; whoever reads holds a position, so
//! memory does not grow with readers.
//!
//! The modules stand in reading order.

mod activity;
pub mod clock;
pub mod directory;
pub mod environment;
pub mod event_log;
pub mod finding;
pub mod handover;
mod holders;
mod house;
pub mod json_lines;
pub mod limits;
pub mod output_log;
pub mod pasting;
pub mod presence;
pub mod processes;
pub mod program;
mod pty;
pub mod registry;
mod rendering;
mod screen;
pub mod session;
pub mod shortage;
pub mod size;
mod spec;
mod status;
mod title;

pub use pty::{Descriptor, Trickle, Turn};
pub use registry::Registry;
pub use rendering::View;
pub use screen::{Rendered, ScreenSnapshot};
pub use session::Session;
