//! The command line from outside: what is typed, what comes out, and with which exit code.

mod attached;
mod config;
mod control;
mod doctor;
mod events;
mod exhaustion;
mod harness;
mod inheritance;
mod lifecycle;
mod programs;
mod remote;
mod sessions;
mod share;
mod skew;
mod tls;
