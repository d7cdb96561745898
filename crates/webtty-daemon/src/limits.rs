//! A number on every wait and size of a connection, each with its reason.

use std::time::Duration;

use webtty_core::limits::{OUTPUT_BLOCK_BYTES, OUTPUT_LOG_BYTES};

/// How long a client may take to send a whole request head. A head is one packet.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// How long it may take to send a JSON body, in which there is at most 64 KiB: 2 KiB a second.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a connection may stay open between requests: a page asks again within that or not
/// for long.
pub const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// The longest target of a request, path and query, in bytes.
pub const MAX_TARGET_BYTES: usize = 4 * 1024;

/// How long a client has to read why it is not served.
pub const GOODBYE_TIMEOUT: Duration = Duration::from_millis(500);

/// The largest request head, in bytes.
pub const MAX_HEAD_BYTES: usize = 16 * 1024;

/// The most headers of a request.
pub const MAX_HEADERS: usize = 64;

/// The largest file of the owner's own pages, in bytes: it is read whole for each request.
pub const MAX_PAGE_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// The largest message a client without the v1 protocol may send on a PTY socket, in bytes: its
/// page sends a paste as one message.
pub const MAX_PLAIN_PTY_MESSAGE_BYTES: usize = 1024 * 1024;

/// What a socket's reader starts with, in bytes. Clients mostly send single keys.
pub const SOCKET_READ_BUFFER_BYTES: usize = 4 * 1024;

/// The most that may wait inside the WebSocket library, in bytes: its answer to a ping or a
/// close, of at most 127.
pub const SOCKET_ANSWER_BYTES: usize = 256;

/// The most that may wait to be written of such answers, in bytes: some thirty of the longest, and
/// hundreds of those that browsers and libraries ask for.
pub const SOCKET_ANSWERS_BYTES: usize = 4 * 1024;

/// The most payload of one frame of output, or of events gathered for one write, in bytes: a block
/// of the output log.
pub const FRAME_BYTES: usize = OUTPUT_BLOCK_BYTES;

/// How long a viewer whose window has less room than a piece of output takes is waited for before it
/// is sent a part of it: clients acknowledge far more often, unless they wait for a full window.
pub const ROOM_PATIENCE: Duration = Duration::from_millis(20);

/// How long who follows a PTY stays awake for the echo of a key: a program that does nothing but wait
/// for keys takes some 25 µs.
pub const ECHO_WAIT: Duration = Duration::from_micros(40);

/// From how large a payload on a frame that many sockets are sent is written into a file, in bytes:
/// less is copied sooner than its pages are counted.
pub const FRAME_FILE_LEAST_BYTES: usize = 16 * 1024;

/// The socket for which that is done. Writing it there costs about what two copies do, and most
/// frames are for one socket, or for a few.
pub const FRAME_FILE_SOCKETS: u32 = 4;

/// What one such file holds, in bytes: four of the largest frames. Its memory is given back as a
/// whole, after the last of them has been sent.
pub const FRAME_FILE_BYTES: usize = 256 * 1024;

/// How many such files there are at most: 16 MB, and a descriptor each. A socket that stops in the
/// middle of a frame keeps one; where there is none left, frames are copied.
pub const FRAME_FILES: usize = 64;

/// How many frames are remembered, of all sessions together: what a session's log holds of the
/// largest, since those who want every byte may be that far apart. Some 9 MB that the logs may have
/// let go of meanwhile.
pub const FRAMES_KEPT: usize = OUTPUT_LOG_BYTES.div_ceil(OUTPUT_BLOCK_BYTES) + 8;

/// How long a frame is remembered that no further socket is sent: most others are sent it at the
/// same moment.
pub const FRAMES_KEPT_FOR: Duration = Duration::from_secs(1);

/// How much may be on its way to a viewer of which nothing is known yet, in bytes, and to one that is
/// near: two of the largest frames, so that one is written while the other is processed.
pub const FIRST_IN_FLIGHT_BYTES: u64 = 128 * 1024;

/// How much may be on its way at least, over the slowest line, in bytes: an eighth of it is a frame,
/// for which there should not be more headers than bytes.
pub const LEAST_IN_FLIGHT_BYTES: u64 = 8 * 1024;

/// How long what a viewer is sent may wait on the line beyond the time that the way there and back takes:
/// about what people do not feel, and enough for a line to be never idle.
pub const LINE_QUEUE: Duration = Duration::from_millis(100);

/// From how long a way there and back on a line is what makes somebody wait: on one machine it is the
/// processors.
pub const NEAR: Duration = Duration::from_millis(5);

/// How long a viewer may acknowledge nothing before it is sent more: some clients acknowledge only
/// when more has gathered. Twice the longest that it should take, if that is longer.
pub const FLOW_PATIENCE: Duration = Duration::from_millis(500);

/// From how many bytes on a snapshot is compressed for who asks for that: less fits into a few packets.
pub const PACKED_FROM_BYTES: usize = 4 * 1024;

/// How far a viewer may be behind before it is brought to the present by a picture of the screen, in
/// bytes: about what a snapshot with its scrollback takes, which it gets afterwards.
pub const LAG_BYTES: u64 = 1024 * 1024;

/// The same after such a picture, until it has kept up for [`HISTORY_PAUSE`], in bytes. It has shown
/// that it cannot take what comes, and sees what the shell does now sooner the less it is behind.
pub const CHASE_LAG_BYTES: u64 = 128 * 1024;

/// What may be on its way to it meanwhile, in bytes, rather than a whole window: nothing is lost
/// by less, since what does not go is left out by the next picture.
pub const CHASE_WINDOW_BYTES: u64 = 128 * 1024;

/// How long after such a picture the next one comes at the earliest: thirty pictures a second.
pub const CHASE_PAUSE: Duration = Duration::from_millis(33);

/// How long the next one waits for the last to have been acknowledged: some clients acknowledge
/// only when more has gathered.
pub const CHASE_PATIENCE: Duration = Duration::from_millis(250);

/// How long a viewer must have kept up again before it is given the scrollback that it has missed:
/// who falls behind once more would get it in vain.
pub const HISTORY_PAUSE: Duration = Duration::from_millis(250);

/// The same at most, after the scrollback has put it behind again and again; and how soon after it a
/// viewer is behind for that to be the reason.
pub const HISTORY_PAUSE_MOST: Duration = Duration::from_secs(10);

/// How long it must have typed nothing before it is given it: a page may take a second or two for
/// that, and shows what it types meanwhile only afterwards.
pub const TYPING_PAUSE: Duration = Duration::from_secs(1);

/// How long a socket may take nothing of what waits for it.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// How many times that a viewer may acknowledge nothing once the shell has ended and its window is
/// full: a page in the background may be let run only once a minute.
pub const LAST_ACKS_WRITE_TIMEOUTS: u32 = 12;

/// How long after a session has been forgotten its rooms may take to hear of its end.
pub const LAST_WORDS_TIMEOUT: Duration = Duration::from_secs(2);

/// How often a silent event stream says that it is alive: proxies cut after 30 or 60 s.
pub const STREAM_KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How often a socket's peer is asked whether it is there.
pub const PING_INTERVAL: Duration = Duration::from_secs(30);

/// How long it has to answer.
pub const PONG_TIMEOUT: Duration = Duration::from_secs(15);

/// How many pings and pongs a peer may send at once, and a second after that: browsers send none
/// of their own, and other clients one every some seconds.
pub const CONTROL_FRAMES_AT_ONCE: u32 = 20;

/// How many a second after that.
pub const CONTROL_FRAMES_A_SECOND: u32 = 10;

/// How long the list of sessions rests between two looks where it changes all the time: a person
/// sees no more than twenty pictures a second of it, and a program that sets its title without
/// end costs nobody anything.
pub const DIRECTORY_PAUSE: Duration = Duration::from_millis(50);

/// How much rest may be put off, so that the steps of a session's life are told one by one: this
/// is room for twenty of them at once.
pub const DIRECTORY_BURST: Duration = Duration::from_secs(1);

/// How long what a viewer types after its loan of control has ended is dropped, before it closes
/// its socket: the news of the end, and a key pressed before it came, may take that long.
pub const LOST_CONTROL_GRACE: Duration = Duration::from_secs(5);

/// Programs that run for requests at one time, in all: each has three pipes and processes of its own.
pub const MAX_COMMANDS: usize = 64;

/// Those of one session: more than a page or a script starts at once.
pub const MAX_COMMANDS_PER_SESSION: usize = 16;

/// What is read of such a program's output at once, in bytes, and so the most that one line of the
/// answer holds: some 200 KB where every byte is a control character. A pipe has 64 KiB.
pub const EXECUTE_READ_BYTES: usize = 32 * 1024;

/// Lines of such a program's output that wait for its client: each of its two streams keeps room
/// for one before it is read, so that neither waits for the other, and one may say nothing.
pub const EXECUTE_LINES: usize = 3;

/// How long such a program may read nothing of its input before its client is asked whether it is
/// there.
pub const EXECUTE_STUCK: Duration = Duration::from_secs(1);

/// How long what a request types may wait for a program that reads nothing.
pub const INPUT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a request waits for something to happen when it does not say.
pub const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// How long it waits at most.
pub const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest text that is waited for, in bytes: more than a line of a wide terminal.
pub const MAX_WAIT_TEXT_BYTES: usize = 4096;

/// How long a screen rests between two looks for a text while it changes all the time. What scrolls
/// by meanwhile is found in the output.
pub const SCREEN_LOOK: Duration = Duration::from_millis(50);

/// The largest file that is put beside a session, in bytes: a picture of a large screen, a log.
pub const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;

/// All files of one session, in bytes.
pub const MAX_FILE_BYTES_PER_SESSION: u64 = 256 * 1024 * 1024;

/// The most files of one session: an afternoon of pictures.
pub const MAX_FILES_PER_SESSION: usize = 256;

/// How many files of one name a session may have, each with a number of its own: all of them.
pub const MAX_SAME_NAMES: u32 = 256;

/// The longest name of such a file, in bytes; its path stands in a command line.
pub const MAX_FILE_NAME_BYTES: usize = 100;

/// How often the hub's room `daemon` tells how the daemon is.
pub const HEALTH_INTERVAL: Duration = Duration::from_secs(5);

/// Messages from other connections that may wait for one of the hub; each is at most 64 KiB.
pub const HUB_MAILBOX: usize = 16;

/// What a client of the hub may have asked for and not been answered, before it is not read any
/// further.
pub const HUB_REQUESTS: usize = 16;

/// How many times in a row a connection of the hub may be told that it has missed events, without
/// catching up between, before it is closed. Who is too slow by that much does better to come
/// back with fewer rooms.
pub const HUB_LAGS: u32 = 3;

/// How long a socket's peer has to answer a close.
pub const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// How long sockets have to hear that the daemon stops, before sessions are ended.
pub const STOP_SOCKETS_TIMEOUT: Duration = Duration::from_millis(200);

/// How long a graceful stop may take in all.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// How long to wait before accepting again when there was no descriptor for a connection.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The most connections at one time. Each needs a descriptor and some kilobytes.
pub const MAX_CONNECTIONS: usize = 4096;

/// The most connections at one time from one address other than loopback: a household of pages,
/// each with some sockets.
pub const MAX_CONNECTIONS_PER_ADDRESS: usize = 64;

/// Descriptors that connections leave to shells, files and the daemon itself: one in this many.
pub const SPARE_DESCRIPTORS: usize = 4;

/// How many refused credentials of one address are answered at once: somebody pastes an old link
/// again and again.
pub const REFUSALS_AT_ONCE: u32 = 4;

/// How many a minute after that.
pub const REFUSALS_A_MINUTE: u32 = 12;

/// How many addresses are remembered for that. What comes from more at a time is an attack.
pub const MAX_RATED_ADDRESSES: usize = 16 * 1024;

/// How many lines a second one publisher from another machine may send: more than a person's tool
/// has to say, and less than what keeps a processor busy. It is slowed down, and loses nothing.
pub const PUBLISHED_LINES_A_SECOND: u32 = 10_000;

/// How many connections are told at one time that there is no place for them. More are closed
/// without a word.
pub const MAX_REFUSALS: usize = 32;

/// After how many seconds of silence the system asks a TCP peer whether it is there, and how
/// often it asks again.
pub const TCP_KEEP_ALIVE_SECONDS: u32 = 30;

/// How many such questions go unanswered before the peer is taken for gone.
pub const KEEP_ALIVE_PROBES: u32 = 3;

/// The most keys alive.
pub const MAX_KEYS: usize = 1024;

/// The most tokens of one key; the oldest go. A link opened on more devices than this is a link
/// gone astray.
pub const MAX_TOKENS_PER_KEY: usize = 256;
