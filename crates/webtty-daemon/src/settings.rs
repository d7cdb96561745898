//! The user's settings file, `config.json`: read anew at each page load and for each new shell.

mod limits;
mod listener;

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::config::TrustProxy;
use crate::theme::theme;
use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use webtty_core::environment::ShellSettings;
use webtty_core::limits::OUTPUT_LOG_BYTES;
use webtty_core::size::Size;
use webtty_protocol::SizePolicy;
use webtty_protocol::config::{CursorStyle, KeyBinding, PageSettings, RightClick};
use webtty_protocol::limits::{DEFAULT_COLS, DEFAULT_ROWS, clamp_size};

pub(crate) use limits::Limits;
pub use listener::ListenerSettings;

/// Lines kept above the screen by a page's terminal, as many as the daemon can replay.
const SCROLLBACK_LINES: u32 = 10_000;

/// Bounds of `scrollback`, in bytes: a screenful, and what 256 sessions can have at once.
const SCROLLBACK_BYTES: (usize, usize) = (64 * 1024, 64 * 1024 * 1024);

/// Why a settings file was not taken.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// It could not be read.
    #[error("{path} could not be read: {cause}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// It is not what is expected; the words name line and column.
    #[error("{path} is not a valid configuration: {cause}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        cause: serde_json::Error,
    },
    /// Two of its keys do not go together.
    #[error("{path} is not a valid configuration: {what}")]
    Contradiction {
        /// The file.
        path: PathBuf,
        /// Which, and why.
        what: &'static str,
    },
}

/// The settings as they stand in the file; what is not there has its default.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "webtty settings")]
pub(crate) struct Settings {
    /// Where an editor finds what may stand here; `webtty config schema` prints it.
    #[serde(rename = "$schema", skip_serializing_if = "Option::is_none")]
    schema: Option<String>,
    /// The TCP port, unless the command line or the environment names one.
    pub(crate) port: Option<u16>,
    /// The TCP address, likewise.
    pub(crate) host: Option<String>,
    /// `none` lets everybody on this machine in; see the daemon's own words about it.
    pub(crate) auth: Option<AuthSetting>,
    /// A certificate of the daemon's own making, unless files are named.
    pub(crate) tls: bool,
    /// The certificate's file, and with it `tls_key`.
    pub(crate) tls_cert: Option<PathBuf>,
    /// Its private key's file.
    pub(crate) tls_key: Option<PathBuf>,
    /// Plain HTTP beyond loopback.
    pub(crate) insecure_plain_http: bool,
    /// What people call the daemon.
    pub(crate) names: Vec<String>,
    /// The path below which a proxy shows the daemon.
    pub(crate) base_path: String,
    /// Proxies that are believed.
    pub(crate) trust_proxy: Option<TrustProxy>,
    /// Origins, beside the daemon's own, whose pages may use it.
    pub(crate) allowed_origins: Vec<String>,
    /// A directory of pages of the owner's own, served below `/pages/`. They may show terminals
    /// in a frame, which nobody may otherwise.
    pub(crate) pages: Option<PathBuf>,
    /// How much of everything; taken at the daemon's start.
    pub(crate) limits: Limits,
    /// The shell of plain sessions; the user's own when not given.
    shell: Option<String>,
    /// `TERM` for every shell.
    term: String,
    /// `COLORTERM` for every shell.
    color_term: String,
    /// Variables for every shell.
    env: BTreeMap<String, String>,
    /// Bytes of output kept for each session, 64 KiB to 64 MiB.
    scrollback: usize,
    /// Columns of a terminal before a window is known.
    cols: u16,
    /// Rows of a terminal before a window is known.
    rows: u16,
    /// Who decides on a terminal's size, unless its session says otherwise.
    pub(crate) size_policy: SizePolicy,
    /// Font size in CSS pixels.
    font_size: f64,
    /// CSS font families; the page's own when empty.
    font_family: String,
    /// The cursor until a program asks for another.
    cursor_style: CursorStyle,
    /// Does it blink?
    cursor_style_blink: bool,
    /// Colours by name: `background`, `foreground`, `cursor`, `selection`, `black` to
    /// `brightWhite`; each a CSS colour.
    theme: BTreeMap<String, String>,
    /// Copy a selection as soon as it is made?
    copy_on_select: bool,
    /// May programs of a new session put text on the clipboard of who drives (OSC 52), unless it is
    /// said otherwise of it?
    pub(crate) clipboard: bool,
    /// What the right mouse button does.
    right_click_behavior: RightClick,
    /// Multiplies the wheel's steps for programs that listen to the mouse; over 0.
    mouse_scroll_speed: f64,
    /// Keys that send characters of your choice; `webtty key` shows what keys send.
    keyboard_bindings: Vec<KeyBinding>,
    /// Taken, so that a file written for another webtty is valid; the background daemon always
    /// writes its log.
    logs: Option<bool>,
}

/// `auth` in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AuthSetting {
    /// Tokens are asked for.
    Keys,
    /// They are not.
    None,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            schema: None,
            port: None,
            host: None,
            auth: None,
            tls: false,
            tls_cert: None,
            tls_key: None,
            insecure_plain_http: false,
            names: Vec::new(),
            base_path: String::new(),
            trust_proxy: None,
            allowed_origins: Vec::new(),
            pages: None,
            limits: Limits::default(),
            shell: None,
            term: "xterm-256color".to_owned(),
            color_term: "truecolor".to_owned(),
            env: BTreeMap::new(),
            scrollback: OUTPUT_LOG_BYTES,
            cols: DEFAULT_COLS,
            rows: DEFAULT_ROWS,
            size_policy: SizePolicy::Driver,
            font_size: 14.0,
            font_family: String::new(),
            cursor_style: CursorStyle::Block,
            cursor_style_blink: true,
            theme: BTreeMap::new(),
            copy_on_select: false,
            clipboard: false,
            right_click_behavior: RightClick::Default,
            mouse_scroll_speed: 1.0,
            keyboard_bindings: Vec::new(),
            logs: None,
        }
    }
}

impl Settings {
    /// Reads a file; one that is not there has all the defaults.
    pub(crate) fn read(path: &Path) -> Result<Self, SettingsError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(cause) => {
                return Err(SettingsError::Unreadable {
                    path: path.to_owned(),
                    cause,
                });
            }
        };
        Self::parse(path, &bytes)
    }

    /// Takes what is, or is to be, in a file.
    pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, SettingsError> {
        // Serde would take an array for an object with its fields in order.
        serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(bytes)
            .and_then(|_| serde_json::from_slice(bytes))
            .map_err(|cause| SettingsError::Invalid {
                path: path.to_owned(),
                cause,
            })
    }

    /// What shells are started with.
    pub(crate) fn shell(&self) -> ShellSettings {
        ShellSettings {
            shell: self.shell.clone(),
            term: self.term.clone(),
            color_term: self.color_term.clone(),
            env: self.env.clone(),
            theme: theme(&self.theme),
        }
    }

    /// What pages are told.
    pub(crate) fn page(&self) -> PageSettings {
        let size = self.size();
        PageSettings {
            cols: size.cols,
            rows: size.rows,
            font_size: self.font_size,
            font_family: self.font_family.clone(),
            cursor_style: self.cursor_style,
            cursor_style_blink: self.cursor_style_blink,
            scrollback_lines: SCROLLBACK_LINES,
            theme: self.theme.clone(),
            copy_on_select: self.copy_on_select,
            right_click_behavior: self.right_click_behavior,
            mouse_scroll_speed: self.mouse_scroll_speed,
            keyboard_bindings: self.keyboard_bindings.clone(),
            max_file_bytes: self.limits.file_bytes,
        }
    }

    /// A terminal's size before any window is known.
    pub(crate) fn size(&self) -> Size {
        let (cols, rows) = clamp_size(f64::from(self.cols), f64::from(self.rows));
        Size { cols, rows }
    }

    /// Output kept for each session, in bytes.
    pub(crate) fn output_bytes(&self) -> usize {
        self.scrollback
            .clamp(SCROLLBACK_BYTES.0, SCROLLBACK_BYTES.1)
    }
}

/// The file, and what it held when it was last valid.
#[derive(Debug)]
pub(crate) struct SettingsFile {
    path: PathBuf,
    last_valid: Mutex<Settings>,
}

impl SettingsFile {
    /// Reads the file for the first time; it must be valid or absent.
    pub(crate) fn open(path: PathBuf) -> Result<Self, SettingsError> {
        let settings = Settings::read(&path)?;
        Ok(Self {
            path,
            last_valid: Mutex::new(settings),
        })
    }

    /// The settings of this moment. While the file is broken, which is said in the log, these
    /// are the last valid ones: a slip in an editor must not take a terminal away.
    pub(crate) fn current(&self) -> Settings {
        let read = Settings::read(&self.path);
        let mut last_valid = self
            .last_valid
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(settings) => *last_valid = settings,
            Err(error) => tracing::warn!("{error}; the settings before it stay in force"),
        }
        last_valid.clone()
    }
}

/// Says what would be wrong with a settings file that held this.
///
/// # Errors
/// See [`SettingsError`].
pub fn check_settings_text(path: &Path, text: &str) -> Result<(), SettingsError> {
    Settings::parse(path, text.as_bytes()).map(drop)
}

/// All settings as a file makes them, with the defaults of what is not in it.
///
/// # Errors
/// See [`SettingsError`].
pub fn effective_settings(path: &Path) -> Result<Value, SettingsError> {
    let settings = Settings::read(path)?;
    Ok(serde_json::to_value(settings).expect("text and numbers are JSON"))
}

/// The JSON Schema of a settings file.
pub fn settings_schema() -> Value {
    schemars::schema_for!(Settings).to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Settings, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn a_file_of_all_known_keys_is_taken() {
        let settings = parse(
            r##"{
                "port": 2346, "host": "127.0.0.1", "shell": "/bin/zsh", "term": "xterm",
                "colorTerm": "", "scrollback": 262144, "cols": 100, "rows": 30,
                "sizePolicy": "smallest",
                "cursorStyle": "bar", "cursorStyleBlink": false, "copyOnSelect": true, "clipboard": true,
                "rightClickBehavior": "copyPaste", "mouseScrollSpeed": 0.5, "logs": true,
                "fontSize": 15, "fontFamily": "Fira Code", "theme": {"background": "#000"},
                "keyboardBindings": [{"key": "enter", "mods": ["shift"], "chars": "\u001b\r"}],
                "env": {"EDITOR": "vim"}, "auth": "none", "allowedOrigins": [],
                "tls": true, "tlsCert": "/c.pem", "tlsKey": "/k.pem", "names": ["a.example"],
                "insecurePlainHttp": false, "basePath": "/tty",
                "trustProxy": {"addresses": ["10.0.0.1"], "userHeader": "X-Forwarded-User",
                    "role": "view", "users": {"ada": "control"}, "secretFile": "/s"},
                "pages": "/srv/pages", "$schema": "./config.schema.json",
                "limits": {"sessions": 8, "pingIntervalMs": 1000}
            }"##,
        )
        .expect("valid");
        assert_eq!(settings.page().cols, 100);
        assert_eq!(settings.output_bytes(), 262_144);
        assert_eq!(settings.shell().shell.as_deref(), Some("/bin/zsh"));
        assert_eq!(settings.auth, Some(AuthSetting::None));
    }

    #[test]
    fn a_slip_is_named_with_its_place() {
        let error = parse("{\n  \"fontsize\": 3\n}")
            .expect_err("unknown")
            .to_string();
        assert!(
            error.contains("fontsize") && error.contains("line 2"),
            "{error}"
        );
    }

    #[test]
    fn a_file_is_an_object() {
        let parse = |text: &str| Settings::parse(Path::new("config.json"), text.as_bytes());
        assert!(parse(" {}\n").is_ok());
        for text in ["[]", "[null]", "null", "7", ""] {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.contains("line"), "{error}");
        }
    }

    #[test]
    fn a_broken_file_leaves_the_last_valid_settings() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("config.json");
        fs::write(&path, r#"{"cols": 90}"#).expect("written");
        let file = SettingsFile::open(path.clone()).expect("valid");
        fs::write(&path, r#"{"cols": 90"#).expect("written");
        assert_eq!(file.current().size().cols, 90);
        assert!(Settings::read(&path).is_err());
        fs::write(&path, r#"{"cols": 91}"#).expect("written");
        assert_eq!(file.current().size().cols, 91);
        fs::remove_file(&path).expect("removed");
        assert_eq!(file.current().size().cols, 80);
    }
}
