//! Numbers of the command line, each with its reason.

use std::time::Duration;

/// How long a daemon may take from being started to listening. It only opens files and sockets.
pub(crate) const START_TIMEOUT: Duration = Duration::from_secs(15);

/// How long a daemon that another process is starting may take to listen, before it is tried
/// again to start one: the other may have been ending.
pub(crate) const OTHER_TIMEOUT: Duration = Duration::from_millis(500);

/// For how long it is tried again.
pub(crate) const RACE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a daemon may take to be gone. It gives itself five seconds.
pub(crate) const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Between two looks whether a daemon has come or gone: a person does not see it, a processor
/// does not feel it.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How many tasks of the daemon run before it looks for what has arrived. One that serves a
/// viewer takes some five microseconds, and a look less than one.
pub(crate) const TASKS_BEFORE_EVENTS: u32 = 8;

/// A daemon's log is begun anew when it is larger than this at a start.
pub(crate) const MAX_LOG_BYTES: u64 = 10 * 1000 * 1000;

/// How much of the end of the log is shown when a start fails.
pub(crate) const SHOWN_LOG_LINES: usize = 5;

/// How far back the end of the log is looked for.
pub(crate) const SHOWN_LOG_BYTES: u64 = 4096;

/// How long the link of `run` lets people in: a working week and its weekend.
pub(crate) const RUN_KEY_SECONDS: u64 = 7 * 24 * 60 * 60;

/// How long the link that `serve` prints on a terminal lets people in: a working day.
pub(crate) const SERVE_KEY_SECONDS: u64 = 24 * 60 * 60;

/// How long the link of `open` lets a browser in: enough for one to start on a slow machine, and
/// for a person to copy the link elsewhere.
pub(crate) const OPEN_KEY_SECONDS: u64 = 5 * 60;

/// Output of a session that waits for this terminal. The daemon keeps half a megabyte in flight.
pub(crate) const MAX_WAITING_BYTES: usize = 1024 * 1024;

/// What is read from the keyboard at once: a paste comes in pieces of a terminal's own size.
pub(crate) const INPUT_BYTES: usize = 16 * 1024;

/// What is typed and waits for a shell that reads nothing. Within it the keys that detach are found
/// behind a paste; a larger one waits in the terminal, and then only a signal ends this.
pub(crate) const MAX_TYPED_BYTES: usize = 4 * 1024 * 1024;

/// How long saying goodbye may take before the terminal is given back regardless.
pub(crate) const GOODBYE_TIMEOUT: Duration = Duration::from_secs(1);

/// The fewest descriptors that are not too few for the daemon: a household of pages, and shells.
pub(crate) const FEWEST_DESCRIPTORS: u64 = 1024;

/// The fewest pseudo-terminals the system should have left.
pub(crate) const FEWEST_TERMINALS: u64 = 16;

/// How long a shell may take to start and end. One with much to set up takes a second.
pub(crate) const DOCTOR_SHELL_TIMEOUT: Duration = Duration::from_secs(5);

/// How long before a certificate's end it should have been renewed: what renews them by itself does
/// so a month before.
pub(crate) const CERTIFICATE_WARNING: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// The longest that a key to everything should last.
pub(crate) const LONGEST_ADMIN_KEY: Duration = Duration::from_secs(31 * 24 * 60 * 60);

/// Events printed with one write when many come at once.
pub(crate) const MAX_PRINT_BYTES: usize = 64 * 1024;

/// The largest token file. A token is far smaller; a wrong file is often larger.
pub(crate) const MAX_TOKEN_FILE_BYTES: u64 = 4096;

/// How long after a byte of a key press another may come and be of the same: a connection from
/// afar divides one, a person's fingers take longer.
pub(crate) const KEY_PAUSE: Duration = Duration::from_millis(50);
