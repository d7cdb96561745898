//! The `webtty` command.

fn main() {}
