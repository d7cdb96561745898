//! Who may read or change the files.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use nix::unistd::geteuid;

use super::report::Finding;

/// The directory of the socket, and the socket.
pub(super) fn runtime(socket: &Path) -> Vec<Finding> {
    const CHECK: &str = "runtime-directory";
    let Some(directory) = socket.parent() else {
        return Vec::new();
    };
    let mut found = private_directory(CHECK, directory);
    if !found.is_empty() && !is_ours(directory) {
        // Others may have a use for it as it is, and a mode of ours would shut them out.
        found.truncate(1);
        found[0].advice = "put the socket into a directory of its own".to_owned();
    }
    if let Some(metadata) = look(socket) {
        if !metadata.file_type().is_socket() {
            let what = format!("{} is no socket", socket.display());
            found.push(Finding::new("socket", what, "remove it"));
        } else {
            found.extend(private("socket", socket, &metadata, 0o600));
        }
    }
    found
}

/// The directory of keys and certificates, and what is in it.
pub(super) fn state(directory: &Path) -> Vec<Finding> {
    let mut found = private_directory("state-directory", directory);
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        let check = match entry.file_name().to_string_lossy() {
            name if name.starts_with("keys-") => "keys-file",
            name if name.starts_with("tls-") => "certificate-file",
            _ => continue,
        };
        if let Some(metadata) = look(&path) {
            found.extend(private(check, &path, &metadata, 0o600));
        }
    }
    found
}

/// The settings file: who can change it chooses the shell that runs.
pub(super) fn settings(path: &Path) -> Vec<Finding> {
    const CHECK: &str = "settings-file";
    let Some(metadata) = fs::metadata(path).ok() else {
        return Vec::new();
    };
    let shown = path.display();
    let mut found = Vec::new();
    if metadata.mode() & 0o022 != 0 {
        let what = format!("{shown} can be changed by others, who can so choose what is run");
        found.push(Finding::new(CHECK, what, format!("chmod go-w {shown}")));
    }
    if ![0, geteuid().as_raw()].contains(&metadata.uid()) {
        let what = format!("{shown} belongs to another user");
        found.push(Finding::new(
            CHECK,
            what,
            format!("make a file of your own at {shown}"),
        ));
    }
    found
}

/// Has webtty made it, or somebody for webtty?
fn is_ours(directory: &Path) -> bool {
    let name = directory.file_name().unwrap_or_default();
    name.to_string_lossy().starts_with("webtty")
}

fn private_directory(check: &'static str, path: &Path) -> Vec<Finding> {
    let Some(metadata) = look(path) else {
        // It is made, as it should be, when it is needed.
        return Vec::new();
    };
    if metadata.is_dir() {
        return private(check, path, &metadata, 0o700);
    }
    let what = format!("{} is not a directory", path.display());
    vec![Finding::new(
        check,
        what,
        "remove it; it is made when it is needed",
    )]
}

/// Is it ours, and nobody else's to read or change?
fn private(check: &'static str, path: &Path, metadata: &Metadata, mode: u32) -> Vec<Finding> {
    let shown = path.display();
    let mut found = Vec::new();
    if metadata.uid() != geteuid().as_raw() {
        let what = format!("{shown} belongs to another user");
        found.push(Finding::new(check, what, "move it away; another is made"));
    }
    if metadata.is_symlink() {
        let what = format!("{shown} is a link");
        found.push(Finding::new(check, what, "remove it; another is made"));
    } else if metadata.mode() & 0o077 != 0 {
        let what = format!(
            "{shown} is open to others (mode {:04o})",
            metadata.mode() & 0o7777
        );
        let advice = format!("chmod {mode:04o} {shown}");
        found.push(Finding::new(check, what, advice));
    }
    found
}

/// Of the place itself, not of what a link there points to; none when nothing is there.
fn look(path: &Path) -> Option<Metadata> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(_) => None,
    }
}
