//! A client of the daemon over a Unix socket, HTTP or HTTPS.
//!
//! [`Endpoint`] says where the daemon is and [`Client`] speaks to it: one method for each REST
//! path, a streamed [`publish`](Client::publish) and [`execute`](Client::execute), the two WebSockets of a session as
//! [`Events`] and [`Attachment`], and the hub as [`Hub`] or, coming back by itself, as
//! [`LastingHub`]. Nothing is spawned: the connection of a request is driven by the future that
//! waits for its answer, so dropping that future ends the connection.
//!
//! ```no_run
//! # async fn example() -> Result<(), webtty_client::Error> {
//! use webtty_client::{Client, Endpoint};
//!
//! let client = Client::new(Endpoint::Unix("/run/user/1000/webtty/daemon.sock".into()));
//! for session in client.sessions().await? {
//!     println!("{} {:?}", session.id, session.state);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The modules stand in reading order.

mod endpoint;
mod secret;
mod trust;

mod client;

mod attach;
mod events;
mod hub;
mod lasting;
mod programs;
mod publish;
mod socket;
mod unpacking;

mod exchange;
mod transport;

mod error;
mod limits;

#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;

pub use attach::{AttachInput, AttachOptions, AttachOutput, Attachment, Received};
pub use client::Client;
pub use endpoint::{Endpoint, HttpUrl};
pub use error::{Closed, Error};
pub use events::{EventMessage, Events, EventsOptions};
pub use hub::{Hub, HubReceived};
pub use lasting::{HubNews, LastingHub};
pub use programs::Execution;
pub use publish::Published;
pub use secret::{Credential, InvalidCredential, Token};
pub use socket::{Frame, Socket};
pub use trust::{Fingerprint, Trust};
