//! Sessions without a network: PTY, output log, event channel, registry.
