//! `webtty config`: where the settings are, what is in force, and one changed at a time.

use std::env;
use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::serve;
use crate::cli::config::{ConfigArgs, ConfigCommand};
use crate::failure::{CONFIG, Failure, USAGE};
use crate::json_edit::{self, EditError};
use crate::output::{print, say};
use crate::places;
use crate::terminal;

pub(crate) fn run(args: &ConfigArgs) -> Result<u8, Failure> {
    let path = places::settings_path(args.config.as_deref())?;
    let otherwise = if terminal::is_interactive() {
        ConfigCommand::Edit
    } else {
        ConfigCommand::Show
    };
    match args.command.as_ref().unwrap_or(&otherwise) {
        ConfigCommand::Path => print(&format!("{}\n", path.display()))?,
        ConfigCommand::Show => print(&pretty(&effective(&path)?))?,
        ConfigCommand::Get { key } => print(&get(&path, key)?)?,
        ConfigCommand::Set { key, value } => set(&path, key, value)?,
        ConfigCommand::Edit => edit(&path)?,
        ConfigCommand::Schema => print(&pretty(&serve::settings_schema()))?,
    }
    Ok(0)
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn effective(path: &Path) -> Result<Value, Failure> {
    serve::effective_settings(path).map_err(|error| Failure::new(CONFIG, error.to_string()))
}

fn get(path: &Path, key: &str) -> Result<String, Failure> {
    let all = effective(path)?;
    let found = key.split('.').try_fold(&all, |value, name| value.get(name));
    match found {
        Some(Value::String(text)) => Ok(format!("{text}\n")),
        Some(value) => Ok(pretty(value)),
        None => Err(no_such(key)),
    }
}

fn no_such(key: &str) -> Failure {
    let failure = Failure::new(USAGE, format!("there is no setting {key}"));
    failure.hint("`webtty config show` prints them all")
}

/// Changes the file only if it is valid before and after.
fn set(path: &Path, key: &str, value: &str) -> Result<(), Failure> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => "{}\n".to_owned(),
        Err(error) => return Err(Failure::io(path.display(), &error)),
    };
    serve::check_settings_text(path, &text).map_err(|error| {
        let failure = Failure::new(CONFIG, format!("{error}; nothing was changed"));
        failure.hint("`webtty config edit` opens it")
    })?;
    let place: Vec<&str> = key.split('.').collect();
    let mut why = None;
    // What is no JSON is meant as a text; what is, may still have to be one.
    let as_text = Value::from(value).to_string();
    let as_json = serde_json::from_str::<Value>(value).is_ok();
    let candidates = [Some(value).filter(|_| as_json), Some(as_text.as_str())];
    for candidate in candidates.into_iter().flatten() {
        let changed = json_edit::set(&text, &place, candidate).map_err(|error| match error {
            EditError::NotAnObject => Failure::new(CONFIG, "the settings are no JSON object"),
            EditError::NotAPlace => no_such(key),
        })?;
        match serve::check_settings_text(path, &changed) {
            Ok(()) => return write(path, &changed),
            Err(error) => why = why.or(Some(error)),
        }
    }
    let why = why.map_or_else(String::new, |error| error.to_string());
    Err(Failure::new(USAGE, format!("{why}; nothing was changed")))
}

/// Puts a new file in the old one's place, whole or not at all. A link stays a link.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let fail = |error: &std::io::Error| Failure::io(path.display(), error);
    let target = match fs::canonicalize(path) {
        Ok(target) => target,
        Err(error) if error.kind() == ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(fail(&error)),
    };
    make_directory(&target)?;
    let mode = fs::metadata(&target).map_or(0o600, |meta| meta.permissions().mode() & 0o777);
    let beside = PathBuf::from(format!("{}.{}.new", target.display(), std::process::id()));
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&beside)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, &target)
        });
    written.map_err(|error| {
        // It may not have been made at all.
        let _nothing = fs::remove_file(&beside);
        fail(&error)
    })
}

fn make_directory(file: &Path) -> Result<(), Failure> {
    let Some(directory) = file.parent() else {
        return Ok(());
    };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    let made = builder.create(directory);
    made.map_err(|error| Failure::io(directory.display(), &error))
}

/// Opens the file, which is made if need be, and says what is wrong with it afterwards.
fn edit(path: &Path) -> Result<(), Failure> {
    if !path.exists() {
        write(path, "{\n}\n")?;
    }
    let set = ["VISUAL", "EDITOR"].into_iter().filter_map(env::var_os);
    let editor = set.into_iter().find(|editor| !editor.is_empty());
    let editor = editor.unwrap_or_else(|| "vi".into());
    // An editor may have arguments: `code --wait`.
    let status = Command::new("/bin/sh")
        .args(["-c", "exec $WEBTTY_EDITOR \"$1\"", "sh"])
        .arg(path)
        .env("WEBTTY_EDITOR", &editor)
        .status()
        .map_err(|error| Failure::io("starting the editor", &error))?;
    if !status.success() {
        let message = format!("the editor {} ended with {status}", editor.display());
        return Err(Failure::plain(message).hint("$VISUAL or $EDITOR names another"));
    }
    serve::effective_settings(path).map_err(|error| {
        let failure = Failure::new(CONFIG, error.to_string());
        failure.hint("a running daemon keeps to the settings before; `webtty config edit` again")
    })?;
    say("the settings are valid");
    Ok(())
}
