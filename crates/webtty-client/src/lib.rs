//! A client of the daemon over a Unix socket or HTTP.
