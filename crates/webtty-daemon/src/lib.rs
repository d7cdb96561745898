//! The daemon: sockets, HTTP, WebSockets and authentication over [`webtty_core`].
//!
//! Start-up is three steps: a [`Config`] of plain data, [`Server::bind`], which reserves
//! everything and knows the addresses, and [`Server::run`], which serves until its future says
//! stop and then drains under a deadline.
//!
//! A request crosses [`gate`] (who asks, from where, with what credential), then [`router`]
//! (which endpoint), then one of [`routes`]; a socket goes on to live in [`ws`]. The modules
//! stand in reading order.

pub mod limits;

mod app;
mod base_path;
mod body;
mod config;
mod connections;
mod description;
mod envelope;
mod error;
mod execution;
mod files;
mod frame_files;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod gate;
mod handover;
mod health;
mod http;
mod hub;
mod keys;
mod lifetime;
mod link;
mod pace;
mod proxy;
mod query;
mod rate;
mod router;
mod routes;
mod runtime_dir;
mod secret;
mod server;
mod settings;
mod shares;
mod sites;
mod tasks;
mod theme;
mod timer;
mod tls;
mod trickle;
mod ws;

pub use config::{Auth, Config, Network, Tls, TrustProxy};
pub use router::{Needs, routes};
pub use server::{BindError, Outcome, Server};
pub use settings::{
    ListenerSettings, SettingsError, check_settings_text, effective_settings, settings_schema,
};
