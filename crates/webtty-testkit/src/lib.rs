//! What the tests share: a daemon on any free port, viewers, raw connections.
//!
//! Everything here panics on failure with words that say what was waited for: it is for tests
//! only. Nothing sleeps; every wait is for a fact and has a limit.

mod daemon;
mod hub;
mod raw;
mod raw_socket;
mod viewer;
mod wait;

pub use daemon::TestDaemon;
pub use hub::TestHub;
pub use raw::{Answer, RawConnection, request};
pub use raw_socket::{RawFrame, RawSocket, client_frame, client_frame_header};
pub use viewer::TestViewer;
pub use wait::{LIMIT, within};
