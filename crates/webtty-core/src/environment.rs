//! What a shell is started with: which program, in which environment.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use nix::unistd::{Uid, User};
use webtty_protocol::names::{ENV_SESSION, ENV_SESSION_EPOCH, ENV_SOCKET, ENV_URL};
pub use webtty_terminal::{Rgb, Theme};

/// What the daemon's own start has left in its environment and would mislead or endanger a
/// shell: names of another terminal, of a multiplexer around it, and what a service manager tells a
/// service about itself, its directories and its credentials (systemd.exec(5), sd_notify(3)). All
/// that begins with `WEBTTY_`, where secrets of the daemon would stand, goes with it. What else is
/// there is the user's own, and is what a login would give a shell.
const NOT_INHERITED: &[&str] = &[
    "CACHE_DIRECTORY",
    "COLUMNS",
    "CONFIGURATION_DIRECTORY",
    "CREDENTIALS_DIRECTORY",
    "FDSTORE",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "LINES",
    "LISTEN_FDNAMES",
    "LISTEN_FDS",
    "LISTEN_PID",
    "LISTEN_PIDFDID",
    "LOGS_DIRECTORY",
    "MAINPID",
    "MANAGERPID",
    "MANAGERPIDFDID",
    "MEMORY_PRESSURE_WATCH",
    "MEMORY_PRESSURE_WRITE",
    "NOTIFY_SOCKET",
    "OLDPWD",
    "PIDFILE",
    "PORT",
    "RUNTIME_DIRECTORY",
    "STATE_DIRECTORY",
    "STY",
    "SYSTEMD_EXEC_PID",
    "TERM_PROGRAM",
    "TERM_PROGRAM_VERSION",
    "TERM_SESSION_ID",
    "TMUX",
    "TMUX_PANE",
    "VTE_VERSION",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
    "WINDOWID",
    "ZELLIJ",
    "ZELLIJ_PANE_ID",
    "ZELLIJ_SESSION_NAME",
];

/// Settings of shells, read anew for each PTY.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShellSettings {
    /// The shell to start, or none for the user's own.
    pub shell: Option<String>,
    /// `TERM`.
    pub term: String,
    /// `COLORTERM`.
    pub color_term: String,
    /// Variables for every shell.
    pub env: BTreeMap<String, String>,
    /// The colours that programs are told when they ask.
    pub theme: Theme,
}

/// What a session tells the programs in it about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionVariables {
    /// The session's id.
    pub session: String,
    /// What it is called for as long as it lives.
    pub epoch: String,
    /// The daemon's Unix socket.
    pub socket: PathBuf,
    /// The URL of the session's page, without a key.
    pub url: String,
}

/// The whole environment of a shell: the daemon's own less what must not be inherited, then the
/// settings', then the session's `own`, then what describes terminal and session, which always
/// wins.
pub fn shell_environment(
    settings: &ShellSettings,
    own: &BTreeMap<String, String>,
    variables: &SessionVariables,
) -> BTreeMap<OsString, OsString> {
    compose(env::vars_os(), settings, own, variables)
}

fn compose(
    inherited: impl Iterator<Item = (OsString, OsString)>,
    settings: &ShellSettings,
    own: &BTreeMap<String, String>,
    variables: &SessionVariables,
) -> BTreeMap<OsString, OsString> {
    let mut all: BTreeMap<OsString, OsString> = inherited
        .filter(|(name, _)| is_inherited(&name.to_string_lossy()))
        .collect();
    for (name, value) in settings.env.iter().chain(own) {
        all.insert(name.into(), value.into());
    }
    all.insert("TERM".into(), settings.term.clone().into());
    all.insert("COLORTERM".into(), settings.color_term.clone().into());
    all.insert(ENV_SESSION.into(), variables.session.clone().into());
    let lasting = format!("{}/{}", variables.session, variables.epoch);
    all.insert(ENV_SESSION_EPOCH.into(), lasting.into());
    all.insert(ENV_SOCKET.into(), variables.socket.clone().into());
    all.insert(ENV_URL.into(), variables.url.clone().into());
    all
}

fn is_inherited(name: &str) -> bool {
    !name.starts_with("WEBTTY_") && !NOT_INHERITED.contains(&name)
}

/// The user's shell: `$SHELL`, else the one in the user database, else `/bin/sh`.
pub fn user_shell() -> OsString {
    let set = env::var_os("SHELL").filter(|shell| !shell.is_empty());
    set.or_else(|| {
        let user = User::from_uid(Uid::current()).ok().flatten()?;
        Some(user.shell.into_os_string()).filter(|shell| !shell.is_empty())
    })
    .unwrap_or_else(|| "/bin/sh".into())
}

/// The user's home: `$HOME`, else the one in the user database, else the root directory.
pub fn user_home() -> PathBuf {
    let set = env::var_os("HOME")
        .map(PathBuf::from)
        .filter(|home| home.is_absolute());
    set.or_else(|| {
        User::from_uid(Uid::current())
            .ok()
            .flatten()
            .map(|user| user.dir)
    })
    .unwrap_or_else(|| "/".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_daemons_secrets_and_terminal_are_not_inherited() {
        let inherited = [
            ("HOME", "/home/a"),
            ("TERM", "dumb"),
            ("TMUX", "x"),
            ("WEBTTY_TOKEN", "secret"),
            ("WEBTTY_SESSION", "outer"),
            ("EDITOR", "vi"),
        ];
        let settings = ShellSettings {
            term: "xterm-256color".into(),
            color_term: "truecolor".into(),
            env: [("EDITOR".to_owned(), "vim".to_owned())].into(),
            ..ShellSettings::default()
        };
        let variables = SessionVariables {
            session: "inner".into(),
            epoch: "1a-2".into(),
            socket: "/run/s".into(),
            url: "http://127.0.0.1:1/s/inner".into(),
        };
        let own = [("WEBTTY_SESSION".to_owned(), "forged".to_owned())].into();
        let inherited = inherited.into_iter().map(|(k, v)| (k.into(), v.into()));
        let all = compose(inherited, &settings, &own, &variables);
        let get = |name: &str| {
            all.get(&OsString::from(name))
                .and_then(|value| value.to_str())
        };
        assert_eq!(get("HOME"), Some("/home/a"));
        assert_eq!(get("EDITOR"), Some("vim"));
        assert_eq!(get("TERM"), Some("xterm-256color"));
        assert_eq!(get("TMUX"), None);
        assert_eq!(get("WEBTTY_TOKEN"), None);
        assert_eq!(get("WEBTTY_SESSION"), Some("inner"));
        assert_eq!(get("WEBTTY_SESSION_EPOCH"), Some("inner/1a-2"));
        assert_eq!(get("WEBTTY_SOCKET"), Some("/run/s"));
    }
}
