//! Files that people have put beside a terminal: kept as long as its session, and no longer.

use std::collections::{HashMap, HashSet};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::fs::{File, OpenOptions, hard_link, remove_file};
use tokio::io::AsyncWriteExt;
use webtty_core::Session;

use crate::limits::{MAX_FILE_NAME_BYTES, MAX_FILES_PER_SESSION, MAX_SAME_NAMES};
use crate::runtime_dir::make_with_parents;

/// The files of all sessions, in a directory for each below one of this daemon's own.
#[derive(Debug)]
pub(crate) struct Files {
    directory: PathBuf,
    /// The most bytes of one session's files.
    each: u64,
    used: Mutex<HashMap<u64, Used>>,
}

/// What a session has.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    files: usize,
    bytes: u64,
    /// Counts uploads, so that those under way have names of their own.
    begun: u64,
}

/// Why a file is not kept.
#[derive(Debug)]
pub(crate) enum FilesError {
    /// The session has as many files, or bytes of them, as it may.
    Full,
    /// The system refused; what it said is for the log.
    Io(io::Error),
}

impl From<io::Error> for FilesError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Files {
    /// In this directory, which is emptied: a daemon that was killed could not do it.
    pub(crate) fn open(directory: PathBuf, each: u64) -> io::Result<Self> {
        remove_all(&directory)?;
        Ok(Self {
            directory,
            each,
            used: Mutex::default(),
        })
    }

    /// A file that is about to come.
    pub(crate) async fn begin(self: &Arc<Self>, session: &Session) -> Result<Upload, FilesError> {
        let incarnation = session.incarnation();
        let number = {
            let mut all = self.lock();
            let used = all.entry(incarnation).or_default();
            if used.files >= MAX_FILES_PER_SESSION {
                return Err(FilesError::Full);
            }
            used.files += 1;
            used.begun += 1;
            used.begun
        };
        let directory = self.directory.join(session.epoch());
        let mut upload = Upload {
            files: Arc::clone(self),
            incarnation,
            partial: directory.join(format!(".{number}.part")),
            directory,
            file: None,
            bytes: 0,
            kept: false,
        };
        make_with_parents(&upload.directory)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        upload.file = Some(options.open(&upload.partial).await?);
        Ok(upload)
    }

    /// Removes the files of all sessions but these.
    pub(crate) fn keep_only(&self, live: &[Arc<Session>]) {
        let incarnations: HashSet<u64> = live.iter().map(|session| session.incarnation()).collect();
        let epochs: HashSet<&str> = live.iter().map(|session| session.epoch()).collect();
        {
            let mut all = self.lock();
            let before = all.len();
            all.retain(|incarnation, _| incarnations.contains(incarnation));
            if all.len() == before {
                return;
            }
        }
        let Ok(entries) = std::fs::read_dir(&self.directory) else {
            return;
        };
        for entry in entries.flatten() {
            if !entry
                .file_name()
                .to_str()
                .is_some_and(|name| epochs.contains(name))
            {
                forget(&entry.path());
            }
        }
    }

    /// Removes all of them.
    pub(crate) fn clear(&self) {
        self.lock().clear();
        forget(&self.directory);
    }

    fn take(&self, incarnation: u64, bytes: u64) -> bool {
        let mut all = self.lock();
        let Some(used) = all.get_mut(&incarnation) else {
            return false;
        };
        let fits = used.bytes.saturating_add(bytes) <= self.each;
        if fits {
            used.bytes += bytes;
        }
        fits
    }

    fn give_back(&self, incarnation: u64, bytes: u64) {
        if let Some(used) = self.lock().get_mut(&incarnation) {
            used.bytes = used.bytes.saturating_sub(bytes);
            used.files = used.files.saturating_sub(1);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Used>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file that is coming. Dropped before it is kept, nothing of it is left.
pub(crate) struct Upload {
    files: Arc<Files>,
    incarnation: u64,
    directory: PathBuf,
    partial: PathBuf,
    file: Option<File>,
    bytes: u64,
    kept: bool,
}

impl Upload {
    /// Adds a piece.
    pub(crate) async fn write(&mut self, piece: &[u8]) -> Result<(), FilesError> {
        let count = piece.len() as u64;
        if !self.files.take(self.incarnation, count) {
            return Err(FilesError::Full);
        }
        self.bytes += count;
        match &mut self.file {
            Some(file) => Ok(file.write_all(piece).await?),
            None => Err(io::Error::from(ErrorKind::NotFound).into()),
        }
    }

    /// It is whole: keeps it under this name, or one like it that is free, and says where.
    pub(crate) async fn keep(mut self, name: &str) -> Result<(PathBuf, u64), FilesError> {
        if let Some(mut file) = self.file.take() {
            file.flush().await?;
        }
        for number in 1..=MAX_SAME_NAMES {
            let path = self.directory.join(numbered(name, number));
            match hard_link(&self.partial, &path).await {
                Ok(()) => {
                    self.kept = true;
                    remove_file(&self.partial).await?;
                    return Ok((path, self.bytes));
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(FilesError::Full)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if !self.kept {
            self.files.give_back(self.incarnation, self.bytes);
            // The session's end may have removed it.
            let _gone = std::fs::remove_file(&self.partial);
        }
    }
}

/// A name for a file, made of what its sender calls it: no path, nothing that a shell or an option
/// parser takes for something else, not hidden.
pub(crate) fn file_name(wish: &str) -> String {
    let last = wish.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut name: String = last
        .chars()
        .map(|one| {
            if one.is_alphanumeric() || "._-+@".contains(one) {
                one
            } else {
                '_'
            }
        })
        .collect();
    let start = name.trim_start_matches(['.', '-', '_', '+', '@']).len();
    name.drain(..name.len() - start);
    shorten(&mut name);
    if name.is_empty() {
        "file".to_owned()
    } else {
        name
    }
}

/// Cuts a name, before its extension, to what it may have.
fn shorten(name: &mut String) {
    if name.len() <= MAX_FILE_NAME_BYTES {
        return;
    }
    let (stem, extension) = parts(name);
    let extension = if extension.len() <= 16 { extension } else { "" };
    let mut end = MAX_FILE_NAME_BYTES - extension.len();
    while !stem.is_char_boundary(end.min(stem.len())) {
        end -= 1;
    }
    *name = format!("{}{extension}", &stem[..end.min(stem.len())]);
}

/// What is before the last dot of a name, and the rest.
fn parts(name: &str) -> (&str, &str) {
    name.split_at(name.rfind('.').filter(|&at| at > 0).unwrap_or(name.len()))
}

/// The name for the first file that wants it, and others for those after it.
fn numbered(name: &str, number: u32) -> String {
    let (stem, extension) = parts(name);
    match number {
        1 => name.to_owned(),
        number => format!("{stem}-{number}{extension}"),
    }
}

fn remove_all(directory: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(directory) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn forget(directory: &Path) {
    if let Err(error) = remove_all(directory) {
        tracing::warn!(%error, "files of an ended session could not be removed");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_what_it_was_less_what_is_dangerous() {
        for (wish, name) in [
            ("shot.png", "shot.png"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ada\\a b.txt", "a_b.txt"),
            (".bashrc", "bashrc"),
            ("-rf", "rf"),
            ("$(reboot).sh", "reboot_.sh"),
            ("Zeichnung für Ada 日本.pdf", "Zeichnung_für_Ada_日本.pdf"),
            ("a\u{202e}gnp.exe\0\n", "a_gnp.exe__"),
            ("", "file"),
            ("..", "file"),
            ("///", "file"),
        ] {
            assert_eq!(file_name(wish), name, "{wish:?}");
        }
        let long = file_name(&format!("{}.tar", "é".repeat(200)));
        assert!(
            long.len() <= MAX_FILE_NAME_BYTES && long.ends_with("é.tar"),
            "{long}"
        );
        assert_eq!(numbered("a.tar.gz", 2), "a.tar-2.gz");
        assert_eq!(numbered("Makefile", 3), "Makefile-3");
    }

    proptest! {
        #[test]
        fn a_name_never_leads_elsewhere(wish in any::<String>()) {
            let name = file_name(&wish);
            prop_assert!(!name.is_empty() && name.len() <= MAX_FILE_NAME_BYTES);
            prop_assert!(!name.starts_with(['.', '-']));
            prop_assert!(!name.contains(['/', '\0', '\'', '"', ' ', '$', '`', '\\', '\n', '\x1b']));
        }
    }
}
