//! What crosses a wire: ids, REST bodies, WebSocket messages, close codes, limits.
//!
//! Nothing here does I/O. Both ends of every connection, the Rust client, the page and the
//! published JSON Schemas take their shapes from this crate, so a change of it is a change of
//! the protocol. `docs/protocol.md` says in words what the types say here.
//!
//! The modules stand in reading order.

pub mod close;
pub mod config;
pub mod control;
pub mod error;
pub mod events;
pub mod execute;
pub mod hub;
pub mod id;
pub mod input;
pub mod key_names;
pub mod limits;
pub mod live;
pub mod names;
pub mod presence;
pub mod pty;
pub mod rest;
pub mod role;
pub mod room;
pub mod runtime;
pub mod schema;
pub mod screen;
pub mod size;
pub mod wait;

pub use close::Close;
pub use error::{ErrorBody, ErrorCode};
pub use id::{InvalidSessionId, SessionId};
pub use role::Role;
pub use room::Room;
pub use size::SizePolicy;
