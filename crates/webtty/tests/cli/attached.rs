//! Sessions shown in a terminal: a real one, made by the test.

use std::fs::File;
use std::os::fd::AsFd;
use std::process::Stdio;

use nix::pty::{Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{Termios, tcgetattr};
use nix::unistd::Pid;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use webtty_protocol::rest::{ChangeSession, SessionState};

use crate::harness::{Home, assert_fails, finish, soon};

/// A terminal, and the command that runs in it.
pub(crate) struct Terminal {
    child: Child,
    keyboard: tokio::fs::File,
    screen: tokio::fs::File,
    shown: String,
    /// The command's side, kept open so that its settings can be read.
    tty: File,
    before: Termios,
}

impl Terminal {
    pub(crate) fn new(mut command: Command, cols: u16, rows: u16) -> Self {
        let size = Winsize {
            ws_row: rows,
            ws_col: cols,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let pair = openpty(&size, None).expect("a terminal");
        let tty = File::from(pair.slave);
        let before = tcgetattr(tty.as_fd()).expect("a terminal");
        let side = || Stdio::from(tty.try_clone().expect("cloned"));
        command.stdin(side()).stdout(side());
        let master = File::from(pair.master);
        let keyboard = master.try_clone().expect("cloned");
        Self {
            child: command.spawn().expect("spawned"),
            keyboard: tokio::fs::File::from_std(keyboard),
            screen: tokio::fs::File::from_std(master),
            shown: String::new(),
            tty,
            before,
        }
    }

    pub(crate) async fn type_keys(&mut self, keys: &str) {
        self.keyboard
            .write_all(keys.as_bytes())
            .await
            .expect("typed");
        self.keyboard.flush().await.expect("typed");
    }

    /// Waits until something is shown, and forgets what came up to it.
    pub(crate) async fn until(&mut self, text: &str) {
        self.until_all(&[text]).await;
        let at = self.shown.find(text).expect("it is shown") + text.len();
        self.shown.drain(..at);
    }

    /// Waits until all of these are shown, in any order.
    async fn until_all(&mut self, texts: &[&str]) {
        let mut buffer = [0; 4096];
        while !texts.iter().all(|text| self.shown.contains(text)) {
            let reading = soon(self.screen.read(&mut buffer));
            let read = reading.await.expect("the terminal is there");
            self.shown
                .push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
    }

    /// Waits until the command has taken the terminal.
    async fn until_raw(&self) {
        soon(async {
            while tcgetattr(self.tty.as_fd()).expect("a terminal") == self.before {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    /// Waits for the command's end; its exit code and what it said.
    pub(crate) async fn end(self) -> (Option<i32>, String) {
        let after = {
            let said = finish(self.child).await;
            let after = tcgetattr(self.tty.as_fd()).expect("a terminal");
            assert_eq!(after, self.before, "the terminal is given back as it was");
            said
        };
        (after.code, after.stderr)
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id().expect("it runs")).expect("a pid");
        kill(Pid::from_raw(pid), signal).expect("sent");
    }
}

pub(crate) fn run(home: &Home, args: &[&str]) -> Terminal {
    Terminal::new(home.command(args), 100, 30)
}

#[tokio::test]
async fn the_exit_code_of_run_is_the_commands() {
    let home = Home::new();
    for (script, code, words) in [
        ("exit 7", 7, "exit 7"),
        ("echo fine", 0, "exit 0"),
        ("kill -KILL $$", 137, "killed by SIGKILL"),
    ] {
        let terminal = run(&home, &["run", "--", "sh", "-c", script]);
        let (got, said) = terminal.end().await;
        assert_eq!(got, Some(code), "{script}: {said}");
        assert!(said.contains("has your shell"), "{said}");
        assert!(said.contains(&format!("ended: {words}]")), "{said}");
    }
}

#[tokio::test]
async fn what_is_typed_reaches_the_session_and_its_output_the_screen() {
    let home = Home::new();
    let mut terminal = run(&home, &["run", "-n", "a"]);
    terminal.until("/s/a#k=wk_").await;
    terminal.type_keys("echo $((6*7)); stty size\r").await;
    terminal.until("42").await;
    terminal.until("30 100").await;
    terminal.type_keys("exit 3\r").await;
    assert_eq!(terminal.end().await.0, Some(3));
}

#[tokio::test]
async fn a_large_paste_arrives_whole() {
    let home = Home::new();
    let script = "stty raw -echo; echo ready; head -c 300000 | cksum";
    let mut terminal = run(&home, &["run", "--", "sh", "-c", script]);
    terminal.until("ready").await;
    let text: String = (0..300_000u32)
        .map(|n| char::from(b'a' + (n % 26) as u8))
        .collect();
    let file = home.path().join("paste");
    std::fs::write(&file, &text).expect("written");
    terminal.type_keys(&text).await;
    let sum = std::process::Command::new("cksum")
        .stdin(File::open(&file).expect("opened"))
        .output()
        .expect("cksum runs");
    let sum = String::from_utf8_lossy(&sum.stdout);
    terminal.until(sum.trim()).await;
    assert_eq!(terminal.end().await.0, Some(0));
}

#[tokio::test]
async fn a_paste_that_nobody_reads_can_be_left() {
    let home = Home::new();
    let script = "stty raw -echo; echo ready; exec sleep 1000";
    home.session("a", &["sh", "-c", script]).await;
    let paste = "x".repeat(1_000_000);
    let mut terminal = run(&home, &["attach", "a"]);
    terminal.until("ready").await;
    soon(terminal.type_keys(&paste)).await;
    soon(terminal.type_keys("\x1cd")).await;
    let (code, said) = terminal.end().await;
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("[detached from a, which has not read"),
        "{said}"
    );

    let mut terminal = run(&home, &["attach", "a"]);
    terminal.until("ready").await;
    soon(terminal.type_keys(&paste)).await;
    terminal.signal(Signal::SIGTERM);
    let (code, said) = terminal.end().await;
    assert_eq!(code, Some(143), "{said}");
}

#[tokio::test]
async fn detaching_leaves_the_session_and_takes_the_modes_back() {
    let home = Home::new();
    let script = "echo go; read go; printf '\\033[?1049h\\033[?25l\\033[?1002hready'; cat";
    let mut terminal = run(&home, &["run", "-n", "a", "--", "sh", "-c", script]);
    terminal.until("go").await;
    terminal.type_keys("\r").await;
    terminal.until("ready").await;
    terminal.type_keys("\x1cd").await;
    terminal
        .until_all(&["\x1b[?25h", "\x1b[?1002l", "\x1b[?1049l"])
        .await;
    let (code, said) = terminal.end().await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("[detached from a]"), "{said}");
    home.until("a", |info| info.viewers == 0).await;
    home.until("a", |info| info.state == SessionState::Running)
        .await;

    let mut again = run(&home, &["a"]);
    again.until("ready").await;
    again.type_keys("\x1c\x1c").await;
    let (code, said) = again.end().await;
    assert_eq!(code, Some(131), "Ctrl-\\ reached cat, as SIGQUIT: {said}");
}

#[tokio::test]
async fn a_new_window_size_reaches_the_session() {
    let home = Home::new();
    let script = "trap 'stty size' WINCH; echo ready; while :; do sleep 0.01; done";
    let mut terminal = run(&home, &["run", "-n", "a", "--", "sh", "-c", script]);
    terminal.until("ready").await;
    let stty = std::process::Command::new("stty")
        .args(["cols", "77", "rows", "22"])
        .stdin(terminal.tty.try_clone().expect("cloned"))
        .status();
    assert!(stty.expect("stty runs").success());
    // The kernel tells only processes that the terminal controls.
    terminal.signal(Signal::SIGWINCH);
    terminal.until("22 77").await;
    home.until("a", |info| (info.cols, info.rows) == (77, 22))
        .await;
    terminal.type_keys("\x1cd").await;
    assert_eq!(terminal.end().await.0, Some(0));
}

#[tokio::test]
async fn who_only_looks_does_not_type() {
    let home = Home::new();
    home.session("a", &["sh", "-c", "echo ready; read line; echo got $line"])
        .await;
    let mut looking = run(&home, &["attach", "--view", "a"]);
    looking.until("ready").await;
    looking.type_keys("looker\r").await;
    looking.signal(Signal::SIGWINCH);
    let mut typing = run(&home, &["attach", "a"]);
    typing.until("ready").await;
    home.ok(&["mv", "a", "b"]).await;
    typing.type_keys("typist\r").await;
    looking.until("got typist").await;
    for terminal in [looking, typing] {
        let (code, said) = terminal.end().await;
        assert_eq!(code, Some(0), "{said}");
        assert!(
            said.contains("[b ended: exit 0]"),
            "its newest name: {said}"
        );
    }
}

#[tokio::test]
async fn programs_reach_the_clipboard_only_where_their_session_lets_them() {
    let home = Home::new();
    // With a control in it, broken off by two escapes, in its C1 form, and whole.
    let script = "while read go; do \
        printf '\\033\\r]52;c;cg==\\a\\033]0;x\\033\\033]52;c;cg==\\a\\302\\23552;c;cg==\\a'; \
        printf '\\033]52;c;c3RvbGVu\\a<%s>' $go; done";
    let run_in = async |id: &str, option: &[&str]| {
        let words = [
            &["run", "-d", "-n", id],
            option,
            &["--", "sh", "-c", script],
        ]
        .concat();
        home.ok(&words).await;
    };
    let set = "\x1b]52;c;c3RvbGVu\x07";
    let says = async |id: &str, sets: bool| {
        let mut terminal = run(&home, &["attach", id]);
        terminal.until_raw().await;
        terminal.type_keys("done\r").await;
        terminal.until_all(&["<done>"]).await;
        assert_eq!(terminal.shown.contains(set), sets, "{:?}", terminal.shown);
        assert_eq!(
            terminal.shown.contains("52;c"),
            sets,
            "{:?}",
            terminal.shown
        );
        terminal
    };
    run_in("off", &[]).await;
    let mut terminal = says("off", false).await;
    let wish = ChangeSession {
        clipboard: Some(true),
        ..ChangeSession::default()
    };
    let off = "off".parse().expect("an id");
    let changed = home.client().change_session(&off, &wish).await;
    assert!(changed.expect("changed").clipboard);
    terminal.type_keys("more\r").await;
    terminal.until_all(&[&format!("{set}<more>")]).await;
    terminal.type_keys("\x1cd").await;
    assert_eq!(terminal.end().await.0, Some(0));
    run_in("let", &["--clipboard"]).await;
    says("let", true).await;

    let settings = home.path().join(".config/webtty/config.json");
    std::fs::create_dir_all(settings.parent().expect("a directory")).expect("made");
    std::fs::write(&settings, r#"{"clipboard": true}"#).expect("written");
    run_in("on", &[]).await;
    says("on", true).await;
    run_in("not", &["--clipboard=no"]).await;
    says("not", false).await;
}

#[tokio::test]
async fn signals_end_the_command_and_not_the_session() {
    let home = Home::new();
    home.session("a", &["sleep", "1000"]).await;
    for (signal, code) in [
        (Signal::SIGTERM, 143),
        (Signal::SIGHUP, 129),
        (Signal::SIGINT, 130),
    ] {
        let terminal = run(&home, &["attach", "a"]);
        terminal.until_raw().await;
        terminal.signal(signal);
        let (got, said) = terminal.end().await;
        assert_eq!(got, Some(code), "{said}");
        home.until("a", |info| info.viewers == 0).await;
    }
    home.until("a", |info| info.state == SessionState::Running)
        .await;
}

#[tokio::test]
async fn signals_end_the_display_of_keys_in_order() {
    let home = Home::new();
    for (signal, code) in [(Signal::SIGTERM, 143), (Signal::SIGHUP, 129)] {
        let mut terminal = run(&home, &["key"]);
        terminal.until_raw().await;
        terminal.type_keys("x").await;
        terminal.until("\"x\"").await;
        terminal.signal(signal);
        let (got, said) = terminal.end().await;
        assert_eq!(got, Some(code), "{said}");
    }
}

#[tokio::test]
async fn a_lost_daemon_is_said_and_the_terminal_given_back() {
    let home = Home::new();
    home.session("a", &["sleep", "1000"]).await;
    let terminal = run(&home, &["attach", "a"]);
    terminal.until_raw().await;
    kill(home.daemon().expect("it runs"), Signal::SIGKILL).expect("sent");
    let (code, said) = terminal.end().await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("[connection lost"), "{said}");
}

#[tokio::test]
async fn inside_a_session_attaching_is_refused() {
    let home = Home::new();
    home.session("a", &["sleep", "1000"]).await;
    for (args, hint) in [
        (vec!["attach", "a"], "detach"),
        (vec!["run", "-n", "b"], "webtty run -d"),
    ] {
        let mut command = home.command(&args);
        command.env("WEBTTY_SESSION", "a");
        let (code, said) = Terminal::new(command, 80, 24).end().await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("inside the session a"), "{said}");
        assert!(said.contains(hint), "{said}");
    }
    let mut command = home.command(&["run", "-d", "-n", "c", "--", "true"]);
    command.env("WEBTTY_SESSION", "a");
    let said = finish(command.spawn().expect("spawned")).await;
    assert_eq!(said.code, Some(0), "{said:?}");
}

#[tokio::test]
async fn attaching_needs_a_terminal_and_a_session() {
    let home = Home::new();
    home.session("a", &["sleep", "1000"]).await;
    assert_fails(&home.run(&["attach", "a"]).await, 1, "terminal", "");
    let (code, said) = run(&home, &["attach", "nope"]).end().await;
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("no such session: nope"), "{said}");
}
