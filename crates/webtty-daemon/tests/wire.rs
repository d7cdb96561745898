//! The daemon over real sockets: what a client sends, what it gets.

#![allow(
    clippy::large_futures,
    reason = "a test's future may be as large as its story"
)]

#[path = "wire/access.rs"]
mod access;
#[path = "wire/backlog.rs"]
mod backlog;
#[path = "wire/bad_frames.rs"]
mod bad_frames;
#[path = "wire/bad_requests.rs"]
mod bad_requests;
#[path = "wire/clipboard.rs"]
mod clipboard;
#[path = "wire/compat.rs"]
mod compat;
#[path = "wire/control.rs"]
mod control;
#[path = "wire/description.rs"]
mod description;
#[path = "wire/events.rs"]
mod events;
#[path = "wire/execute.rs"]
mod execute;
#[path = "wire/files.rs"]
mod files;
#[path = "wire/flow.rs"]
mod flow;
#[path = "wire/frames.rs"]
mod frames;
#[path = "wire/gate.rs"]
mod gate;
#[path = "wire/hub_client.rs"]
mod hub_client;
#[path = "wire/hub_limits.rs"]
mod hub_limits;
#[path = "wire/hub_roles.rs"]
mod hub_roles;
#[path = "wire/hub_rooms.rs"]
mod hub_rooms;
#[path = "wire/hub_slow.rs"]
mod hub_slow;
#[path = "wire/invariants.rs"]
mod invariants;
#[path = "wire/life.rs"]
mod life;
#[path = "wire/limits.rs"]
mod limits;
#[path = "wire/other_user.rs"]
mod other_user;
#[path = "wire/programs.rs"]
mod programs;
#[path = "wire/proxy.rs"]
mod proxy;
#[path = "wire/rest.rs"]
mod rest;
#[path = "wire/screens.rs"]
mod screens;
#[path = "wire/sizes.rs"]
mod sizes;
#[path = "wire/tls.rs"]
mod tls;
#[path = "wire/typing.rs"]
mod typing;
#[path = "wire/viewers.rs"]
mod viewers;
