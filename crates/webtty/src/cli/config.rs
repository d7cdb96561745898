//! The arguments of `config` and `key`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Show and change the settings.
///
/// Without a word it opens them in an editor, as `edit` does, or shows them where there is no
/// terminal. A running daemon reads them anew for each page and each shell; the listener and
/// `limits` are read at its start.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    webtty config get fontSize\n  \
    webtty config set theme.background '#101014'\n  \
    webtty config set keyboardBindings '[{\"key\": \"enter\", \"mods\": [\"shift\"], \"chars\": \"\\u001b\\r\"}]'")]
pub(crate) struct ConfigArgs {
    /// The file [default: config.json in the configuration directory].
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<ConfigCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print where the file is, whether it is there or not.
    Path,
    /// Print all settings as they are in force, defaults and all, as JSON.
    Show,
    /// Print one setting, as JSON unless it is a text.
    Get {
        /// Its name; those within others have a dot between, as `theme.red`.
        #[arg(value_name = "KEY")]
        key: String,
    },
    /// Change one setting in the file, and nothing else in it.
    Set {
        /// Its name; those within others have a dot between, as `theme.red`.
        #[arg(value_name = "KEY")]
        key: String,
        /// The value: JSON, or a text.
        #[arg(value_name = "VALUE", allow_hyphen_values = true)]
        value: String,
    },
    /// Open the file in $VISUAL, $EDITOR or vi, and check it afterwards.
    Edit,
    /// Print a JSON Schema of the file, for editors.
    Schema,
}

/// Show what keys send, in the form that `keyboardBindings` and `send` want.
///
/// Press keys; `q` ends it. What a key sends here is what a program in a session may wait for.
#[derive(Debug, Args)]
pub(crate) struct KeyArgs {}
