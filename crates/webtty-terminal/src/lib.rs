//! The terminal state: bytes in, screen and snapshot out.
