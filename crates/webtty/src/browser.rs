//! Opening a link in the default browser, without the link on a command line: those can be read
//! by every user of the machine, and the link holds a key.
//!
//! The browser is given a file that only its user can read and that sends it on.

use std::env;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use nix::unistd::geteuid;
use webtty_protocol::runtime::socket_path;

use crate::context::Context;
use crate::failure::Failure;

/// How the files that send a browser on are named.
const FILE_PREFIX: &str = "open-";

/// A browser has read its file long before that; the key in it has ended too.
const FILE_LIFE: Duration = Duration::from_secs(crate::limits::OPEN_KEY_SECONDS);

/// Opens a link in the default browser. Answers whether there is a browser here at all.
pub(crate) fn open_for(context: &Context, link: &str) -> Result<bool, Failure> {
    let directory = match context {
        Context::Local { socket } => socket.parent().map(Path::to_owned),
        Context::Remote { .. } => default_directory(),
    };
    let directory = directory.unwrap_or_else(|| Path::new("/").to_owned());
    open(link, &directory).map_err(|error| {
        Failure::io("opening the browser", &error).hint("`webtty run -d` prints a link instead")
    })
}

/// The runtime directory, which a daemon elsewhere has not made for us.
fn default_directory() -> Option<PathBuf> {
    let socket = socket_path(|name| env::var_os(name), geteuid().as_raw());
    let directory = socket.parent()?.to_owned();
    let mut builder = DirBuilder::new();
    // When it cannot be made, writing into it says why.
    let _may_exist = builder.mode(0o700).create(&directory);
    Some(directory)
}

/// The directory is one that only we can read.
fn open(link: &str, directory: &Path) -> io::Result<bool> {
    let Some(browser) = browser() else {
        return Ok(false);
    };
    require_private(directory)?;
    remove_old(directory);
    let file = write_page(link, directory)?;
    match start(&browser, &file) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::remove_file(&file)?;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// The command that opens a file: `$BROWSER`, else what the system has, if there is a display.
fn browser() -> Option<String> {
    let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(browsers) = set("BROWSER") {
        // Several are separated by colons, the preferred one first.
        return browsers.split(':').next().map(str::to_owned);
    }
    if cfg!(target_os = "macos") {
        return Some("open".to_owned());
    }
    let display = set("DISPLAY").or_else(|| set("WAYLAND_DISPLAY"));
    display.map(|_| "xdg-open".to_owned())
}

/// Starts the browser's command, with the file in the place of `%s` or at its end.
fn start(browser: &str, file: &Path) -> io::Result<()> {
    let mut words = browser.split_whitespace().map(|word| match word {
        "%s" => file.into(),
        word => OsString::from(word),
    });
    let program = words
        .next()
        .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    let mut command = Command::new(program);
    command.args(words);
    if !browser.split_whitespace().any(|word| word == "%s") {
        command.arg(file);
    }
    // It is left to itself: some of these commands end at once, some with the browser.
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    Ok(())
}

fn write_page(link: &str, directory: &Path) -> io::Result<PathBuf> {
    // The name has to be new, not secret.
    let path = directory.join(format!("{FILE_PREFIX}{}.html", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    file.write_all(page(link).as_bytes())?;
    Ok(path)
}

fn page(link: &str) -> String {
    let link = link
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;");
    format!(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta http-equiv=\"refresh\" content=\"0;url={link}\">\n<title>webtty</title>\n\
         <a href=\"{link}\">Open the session</a>\n"
    )
}

/// Refuses a directory that others can read or write, or that is not ours.
fn require_private(directory: &Path) -> io::Result<()> {
    let meta = fs::symlink_metadata(directory)?;
    let private = meta.is_dir() && meta.uid() == geteuid().as_raw() && meta.mode() & 0o077 == 0;
    if private {
        Ok(())
    } else {
        Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            format!("{} is not a directory of ours alone", directory.display()),
        ))
    }
}

/// Removes the files of browsers that were opened long ago, as well as it goes.
fn remove_old(directory: &Path) {
    let ours = format!("{FILE_PREFIX}{}.html", std::process::id());
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let modified = entry.metadata().and_then(|meta| meta.modified());
        let old = modified.is_ok_and(|time| {
            SystemTime::now()
                .duration_since(time)
                .is_ok_and(|age| age > FILE_LIFE)
        });
        // A file of our own process id is left from a process that had it before.
        if name == ours || (old && name.starts_with(FILE_PREFIX) && name.ends_with(".html")) {
            let _may_be_gone = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_sends_the_browser_on() {
        let text = page("http://127.0.0.1:2346/s/main#k=wk_x");
        assert!(text.contains("content=\"0;url=http://127.0.0.1:2346/s/main#k=wk_x\""));
        assert!(!page("\"><script>").contains("<script>"));
    }

    #[test]
    fn a_directory_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().expect("a directory");
        let set = |mode| {
            let permissions = fs::Permissions::from_mode(mode);
            fs::set_permissions(directory.path(), permissions).expect("it is ours");
        };
        set(0o755);
        assert!(require_private(directory.path()).is_err());
        set(0o700);
        assert!(require_private(directory.path()).is_ok());
    }
}
