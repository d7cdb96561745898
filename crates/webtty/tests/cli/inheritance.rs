//! What shells and programs inherit from a daemon that was itself started in odd surroundings, and
//! how closed to others its files are then.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use nix::libc;
use nix::sys::stat::{Mode, umask};
use tokio::process::{Child, Command};

use crate::harness::{Home, soon};

/// Signals that are ignored where the daemon is started, and those that are blocked there.
const IGNORED: [i32; 12] = [
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGCHLD,
    libc::SIGTSTP,
    libc::SIGTTIN,
    libc::SIGTTOU,
    libc::SIGXFSZ,
    libc::SIGALRM,
    libc::SIGWINCH,
];

const BLOCKED: [i32; 4] = [libc::SIGTERM, libc::SIGUSR1, libc::SIGCHLD, libc::SIGWINCH];

/// Signals 32 and 33, which glibc and musl keep to themselves (nptl(7)).
const OF_THE_C_LIBRARY: u64 = 0b11 << 31;

/// Variables that are nothing of a shell's business.
const SECRETS: [&str; 12] = [
    "WEBTTY_TOKEN",
    "WEBTTY_LOG",
    "WEBTTY_ANYTHING",
    "NOTIFY_SOCKET",
    "LISTEN_FDS",
    "LISTEN_PID",
    "WATCHDOG_USEC",
    "CREDENTIALS_DIRECTORY",
    "STATE_DIRECTORY",
    "MEMORY_PRESSURE_WATCH",
    "SYSTEMD_EXEC_PID",
    "TMUX",
];

/// A daemon in the foreground, started like that.
fn odd_daemon(home: &Home) -> Child {
    let mut command = home.command(&["serve"]);
    for name in SECRETS {
        command.env(name, "warn");
    }
    command.env("MINE", "kept").env("GITHUB_TOKEN", "mine");
    make_odd(&mut command);
    command.spawn().expect("spawned")
}

fn make_odd(command: &mut Command) {
    // SAFETY: only calls that signal-safety(7) allows between fork and exec; no memory of this
    // process is touched.
    unsafe {
        command.pre_exec(|| {
            for descriptor in [3, 7, 100] {
                libc::dup2(2, descriptor);
            }
            for signal in IGNORED.into_iter().chain([libc::SIGRTMIN() + 3]) {
                libc::signal(signal, libc::SIG_IGN);
            }
            let mut blocked = std::mem::zeroed();
            libc::sigemptyset(&raw mut blocked);
            for signal in BLOCKED {
                libc::sigaddset(&raw mut blocked, signal);
            }
            libc::sigprocmask(libc::SIG_BLOCK, &raw const blocked, std::ptr::null_mut());
            Ok(())
        });
    }
}

/// What a shell says about itself, in files of this directory. Its descriptors are listed by
/// another one, since a redirection of its own would be among them; its signals are read by itself,
/// since while it starts a program it may block them all.
const REPORT: &str = "mkdir -p $1; \
    while read -r line; do printf '%s\\n' \"$line\"; done < /proc/$$/status > $1/status; cp /proc/$$/stat $1/stat; \
    cp /proc/$$/environ $1/environ; sh -c 'ls /proc/$PPID/fd > $0/fds' $1; \
    echo $$ > $1/pid; mv $1/pid $1/done";

/// Checks what a process has reported; gives its `/proc/PID/stat` after the name.
fn check(report: &Path) -> Vec<i64> {
    let read = |name: &str| fs::read(report.join(name)).expect("reported");
    let text = |name: &str| String::from_utf8(read(name)).expect("text");
    assert_eq!(text("fds"), "0\n1\n2\n", "descriptors");
    let status = text("status");
    for line in ["SigBlk", "SigIgn"] {
        let value = status
            .lines()
            .find_map(|one| one.strip_prefix(line)?.strip_prefix(":\t"))
            .expect("a line of status");
        let signals = u64::from_str_radix(value, 16).expect("a mask");
        assert_eq!(signals & !OF_THE_C_LIBRARY, 0, "{line} is {value}");
    }
    let environment = read("environ");
    let variables: BTreeMap<String, String> = environment
        .split(|&byte| byte == 0)
        .filter_map(|one| {
            let (name, value) = std::str::from_utf8(one).ok()?.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        })
        .collect();
    for name in SECRETS {
        assert!(!variables.contains_key(name), "{name} is passed on");
    }
    let is = |name: &str| variables.get(name).map(String::as_str);
    assert_eq!(
        (is("MINE"), is("GITHUB_TOKEN")),
        (Some("kept"), Some("mine"))
    );
    assert_eq!(is("WEBTTY_SESSION"), Some("a"));
    let stat = text("stat");
    let (_, rest) = stat.rsplit_once(')').expect("a name");
    rest.split_ascii_whitespace()
        .filter_map(|field| field.parse().ok())
        .collect()
}

async fn until_there(path: &Path) {
    soon(async {
        while !path.exists() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn shells_inherit_three_descriptors_default_signals_and_no_secret() {
    let home = Home::new();
    let mut daemon = odd_daemon(&home);
    until_there(&home.socket()).await;
    let report = home.path().join("shell");
    let into = report.to_string_lossy().into_owned();
    let script = format!("{REPORT}; exec sleep 1000");
    let args = ["run", "-d", "-n", "a", "--", "sh", "-c", &script, "sh"];
    home.ok(&[&args[..], &[&into]].concat()).await;
    until_there(&report.join("done")).await;
    let pid: i64 = fs::read_to_string(report.join("done"))
        .expect("its number")
        .trim()
        .parse()
        .expect("a number");
    // Of proc(5): ppid, pgrp, session, tty_nr, tpgid.
    let stat = check(&report);
    assert_eq!((stat[1], stat[2]), (pid, pid), "it leads its session");
    assert_ne!(stat[3], 0, "it has a terminal");
    assert_eq!(stat[4], pid, "in whose foreground it is");

    let report = home.path().join("program");
    let into = report.to_string_lossy().into_owned();
    home.ok(&["exec", "a", "--", "sh", "-c", REPORT, "sh", &into])
        .await;
    let stat = check(&report);
    assert_eq!(stat[3], 0, "a program beside the shell has no terminal");

    // Blocked where it was started, and taken all the same.
    let pid = i32::try_from(daemon.id().expect("it runs")).expect("a pid");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::SIGTERM)
        .expect("sent");
    soon(daemon.wait()).await.expect("it stops");
}

/// The permissions of what is at this path.
fn mode(path: &Path) -> u32 {
    let metadata = fs::symlink_metadata(path).unwrap_or_else(|_| panic!("{}", path.display()));
    metadata.permissions().mode() & 0o7777
}

#[tokio::test]
async fn files_are_closed_to_others_whatever_the_umask_is() {
    for mask in [0o000, 0o022, 0o277] {
        let home = Home::new();
        let mut command = home.command(&["serve"]);
        // SAFETY: umask(2) may be called between fork and exec (signal-safety(7)).
        unsafe {
            command.pre_exec(move || {
                umask(Mode::from_bits_truncate(mask));
                Ok(())
            });
        }
        let _daemon = command.spawn().expect("spawned");
        until_there(&home.socket()).await;
        let key = webtty_protocol::rest::CreateKey {
            role: webtty_protocol::Role::View,
            session: None,
            ttl_seconds: None,
            uses: None,
            label: None,
        };
        soon(async {
            while home.client().create_key(&key).await.is_err() {
                tokio::task::yield_now().await;
            }
        })
        .await;
        let runtime = home.socket();
        let state = home.path().join(".local/state/webtty");
        assert_eq!(
            mode(runtime.parent().expect("a directory")),
            0o700,
            "{mask:o}"
        );
        assert_eq!(mode(&runtime), 0o600, "{mask:o}");
        assert_eq!(mode(&runtime.with_extension("lock")), 0o600, "{mask:o}");
        assert_eq!(mode(&state), 0o700, "{mask:o}");
        let mut keys = 0;
        for entry in fs::read_dir(&state).expect("a directory") {
            let path = entry.expect("an entry").path();
            assert_eq!(mode(&path), 0o600, "{mask:o}: {}", path.display());
            keys += 1;
        }
        assert!(keys > 0, "the keys are there");
    }
}
