//! A number on every queue, size and wait of a session, each with its reason.

use std::time::Duration;

use crate::size::Metrics;

/// Output kept for each session, in bytes: a minute of a busy build, and what a viewer may be
/// behind before it needs a snapshot.
pub const OUTPUT_LOG_BYTES: usize = 8 * 1024 * 1024;

/// One block of the output log, in bytes. A sealed block is shared with every viewer that sends
/// it; smaller blocks mean more frames, larger ones more memory for an idle session. With a
/// frame's header it fits what Linux sends through loopback as one piece, just below 64 KB: a few
/// bytes more and each block would cost two.
pub const OUTPUT_BLOCK_BYTES: usize = 60 * 1024;

/// The most output from which a screen begins anew that has lost some, in bytes: some ten thousand
/// lines.
pub const RESTART_BYTES: u64 = 1024 * 1024;

/// How long a reader that wants every byte may keep the PTY waiting before it is asked what it
/// has taken meanwhile.
pub const HOLD_CHECK: Duration = Duration::from_millis(250);

/// What such a reader must take in that time, in bytes, to go on being waited for: no shell is
/// ever slowed below 4 MiB a second by who watches it.
pub const HOLD_MIN_BYTES: u64 = 1024 * 1024;

/// How often a PTY that is kept waiting looks whether it may go on.
pub const HOLD_POLL: Duration = Duration::from_millis(1);

/// Lines of scrollback that a session's screen keeps for who joins.
pub const SCROLLBACK_LINES: usize = 10_000;

/// What they may take, in bytes; ordinary ones take a tenth of it.
pub const SCROLLBACK_BYTES: usize = 16 * 1024 * 1024;

/// A cell's size in pixels, where no window has said how large its cells are: those of the font of
/// the VGA's text mode, which programs that draw pictures are used to.
pub const UNKNOWN_CELL: Metrics = Metrics {
    cell_width: 8,
    cell_height: 16,
};

/// The most pieces of one style in the lines above the screen that one answer about the screen
/// gives: each may take a hundred bytes, so that an answer stays below some twenty megabytes.
/// Ordinary lines have a few, and all of them fit.
pub const RENDERED_HISTORY_RUNS: usize = 200_000;

/// Answers to a program's questions that may wait for it to read them, in bytes. One that asks
/// and does not listen gets no more.
pub const REPLY_BYTES: usize = 64 * 1024;

/// What is read of a PTY before anybody is told of it, in bytes: a block. More at once would by
/// itself put who is just catching up behind again.
pub const PTY_READ_BYTES: usize = OUTPUT_BLOCK_BYTES;

/// How much of it one system call takes in a flood, in bytes: half of what Linux keeps ready for
/// it. The kernel's worker fills the half that has been taken while the other one is being taken;
/// who takes all at once lets it wait for as long, and then waits for it.
pub const PTY_PIECE_BYTES: usize = 2 * 1024;

/// More than a PTY ever holds of what nobody has read yet, in bytes: Linux keeps 64 KB, and 4 KB in
/// its line discipline.
pub const PTY_HOLDS_BYTES: usize = 128 * 1024;

/// How much a program writes at once before it is taken to be in the middle of more, in bytes:
/// what a key brings back is less.
pub const FLOOD_BYTES: usize = 2 * 1024;

/// Of how much viewers are told at a time while it writes on without a pause, in bytes: four blocks,
/// some 3 ms of the fastest program. They are written one after the other then, and whoever writes
/// them, and whoever reads them, takes a processor from the program a quarter as often.
pub const FLOOD_TELL_BYTES: usize = 4 * OUTPUT_BLOCK_BYTES;

/// How long it may then pause before viewers are told of what it has written so far. Telling
/// them less often, of more, is what leaves it the machine.
pub const FLOOD_PAUSE: Duration = Duration::from_micros(250);

/// The most that a key is, or a few typed at once, in bytes.
pub const KEY_BYTES: usize = 64;

/// How long nothing must have come before viewers who did not type are told of little output.
/// Nobody sees it, and what comes in between needs no waking of its own.
pub const TELL_PAUSE: Duration = Duration::from_millis(2);

/// How long they wait at most while little comes all the time: one picture of a screen that shows
/// sixty a second.
pub const TELL_LATEST: Duration = Duration::from_millis(16);

/// How long nothing must have come from a PTY for its thread to leave the reading to who follows
/// it: longer than a program in the middle of much output pauses.
pub const QUIET_TIME: Duration = Duration::from_millis(20);

/// How long a picture of a screen is as good as a new one for viewers who do not keep up.
pub const PICTURE_TIME: Duration = Duration::from_millis(10);

/// Output from which on a screen looks at what has gathered before it takes it in, in bytes. To take
/// in coloured text takes twenty times as long as to look at it; a full-screen program's picture is
/// less than this.
pub const SCREEN_BUSY_BYTES: u64 = 128 * 1024;

/// How long it lets output gather then. Lines that leave the scrollback before anybody looks need
/// not be taken in at all. A program that asks its terminal in the middle of so much output hears
/// that much later.
pub const SCREEN_REST: Duration = Duration::from_millis(20);

/// How much of what has gathered is looked at in one go by who brings more, in bytes: twice what is
/// brought, so that what could not be looked at for a while is made up for without the program having
/// to wait.
pub const LOOK_ON_BYTES: u64 = 2 * OUTPUT_BLOCK_BYTES as u64;

/// What a screen leaves for later at most, in bytes: half of what the log keeps, so that the PTY
/// need not wait for it. Ten thousand lines of it take a processor some 40 ms.
pub const SCREEN_UNFED_BYTES: u64 = 4 * 1024 * 1024;

/// Input of one client waiting for the shell, in bytes; its socket is not read beyond it.
pub const CLIENT_INPUT_BYTES: usize = 256 * 1024;

/// Events kept for each session, by number.
pub const EVENT_LOG_EVENTS: usize = 4096;

/// Events kept for each session, in bytes.
pub const EVENT_LOG_BYTES: usize = 4 * 1024 * 1024;

/// How long a piece of events written down for one subscriber must be to be sent to others while
/// there are more events, in bytes: shorter ones would only make more writes.
pub const SHARED_PIECE_BYTES: usize = 8 * 1024;

/// How many pieces of events are kept written down, of all forms together: plain, with an envelope,
/// and for the hub, where a rename makes another. Of each there are several, because a subscriber
/// that comes a piece too late would write down one of its own, and from then on be at other
/// events than all the rest. At most 60 KiB each, or one event.
pub const SHARED_PIECES: usize = 16;

/// How long a subscriber that is behind may keep publishers waiting before it is asked what it
/// has taken meanwhile: what a socket may take to accept anything at all.
pub const SUBSCRIBER_WINDOW: Duration = Duration::from_secs(10);

/// What such a subscriber must take in that time, in events, to go on being waited for: no
/// publisher is slowed below some hundred events a second by who listens.
pub const SUBSCRIBER_LEAST_EVENTS: u64 = 1024;

/// How often a publisher that waits looks whether it may go on, if nothing else tells it.
pub const PUBLISHER_POLL: Duration = Duration::from_millis(250);

/// The most viewers of a session that may ask to type at one time: more than anyone answers.
pub const MAX_CONTROL_REQUESTS: usize = 8;

/// How long one who asks to type waits for an answer. Who could give it is away by then.
pub const CONTROL_REQUEST_TIME: Duration = Duration::from_secs(2 * 60);

/// How long a viewer waits between two requests: each is shown to people who are at work.
pub const CONTROL_REQUEST_PAUSE: Duration = Duration::from_secs(5);

/// The most viewers of a session that have been let type at one time: a group around a table.
/// Who lets more people in makes a link for them.
pub const MAX_CONTROL_LOANS: usize = 16;

/// The most sessions at one time. Each may have a shell with children of its own.
pub const MAX_SESSIONS: usize = 256;

/// How many sessions that are gone the directory remembers the end of, for those who watch the
/// list and have not looked since: as many as there may be sessions.
pub const LAST_WORDS: usize = MAX_SESSIONS;

/// How long a session made with a command stays readable after the command has ended.
pub const RETAIN_EXITED: Duration = Duration::from_secs(5 * 60);

/// How long processes have to leave after SIGHUP before they get SIGTERM.
pub const HANGUP_GRACE: Duration = Duration::from_millis(500);

/// How long processes have to leave after SIGTERM before they get SIGKILL.
pub const TERM_GRACE: Duration = Duration::from_secs(2);

/// How often a session that is ending looks whether its processes are gone.
pub const END_POLL: Duration = Duration::from_millis(10);

/// How long a process in SIGKILL may take to leave before it is given up as unkillable (it waits
/// in the kernel, on a dead network file system, say).
pub const KILL_GRACE: Duration = Duration::from_millis(400);
