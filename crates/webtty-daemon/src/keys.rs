//! Keys and the tokens they were exchanged for, kept on disk as hashes.
//!
//! A key is what a link carries; a token is what one page got for it. Ending a key ends its
//! tokens. The file is written anew for each change, under a name of its own, and then moved
//! into place, so that a crash leaves the old one or the new one.

mod file;
mod grant;
#[cfg(feature = "fuzzing")]
pub(crate) mod trial;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use thiserror::Error;
use tokio::sync::watch;
use webtty_core::clock::now_ms;
use webtty_protocol::names::{KEY_PREFIX, TOKEN_PREFIX};
use webtty_protocol::rest::{CreateKey, KeyInfo, LoginReply};
use webtty_protocol::{Role, SessionId};

use crate::limits::MAX_TOKENS_PER_KEY;
use crate::secret::{SecretHash, new_name, new_secret};
use file::{Contents, StoredKey, StoredToken};
pub(crate) use grant::Grant;

/// Why a key was not made or changed.
#[derive(Debug, Error)]
pub(crate) enum KeyError {
    /// There are as many as there may be.
    #[error("there are as many keys as there may be; revoke one first")]
    TooMany,
    /// Who may make keys for all sessions is not bound to one.
    #[error("a key for one session cannot be admin: it could make keys for all others")]
    AdminOfOneSession,
    /// The file could not be written.
    #[error("the keys could not be saved")]
    Io(#[from] io::Error),
}

/// All keys and tokens.
#[derive(Debug)]
pub(crate) struct KeyStore {
    path: PathBuf,
    /// How many keys there may be.
    most: usize,
    contents: Mutex<Contents>,
    /// Held while the file is written, so that an older state never overwrites a newer one.
    writing: Mutex<()>,
    /// The file does not hold what is in force.
    unsaved: AtomicBool,
    changes: watch::Sender<u64>,
}

impl KeyStore {
    /// Reads the keys, or starts without any when there is no file.
    ///
    /// # Errors
    /// When the file cannot be read or is not what this daemon writes. It is left alone then.
    pub(crate) fn open(path: PathBuf, most: usize) -> io::Result<Self> {
        let mut contents = file::read(&path)?;
        // Sessions do not outlive their daemon, and another may get the id of an old one.
        contents.forget_keys(|key| key.session.is_some());
        Ok(Self {
            path,
            most,
            contents: Mutex::new(contents),
            writing: Mutex::new(()),
            unsaved: AtomicBool::new(false),
            changes: watch::Sender::new(0),
        })
    }

    /// Makes a key. Gives its id and, this once, the key itself.
    pub(crate) fn create(&self, wanted: CreateKey) -> Result<(String, String), KeyError> {
        check_scope(wanted.role, wanted.session.as_ref())?;
        let (id, key) = (new_name(), new_secret(KEY_PREFIX));
        let created_at = now_ms();
        {
            let mut contents = self.lock();
            contents.forget_expired(created_at);
            if contents.keys.len() >= self.most {
                return Err(KeyError::TooMany);
            }
            let ttl_ms = wanted
                .ttl_seconds
                .map(|seconds| seconds.saturating_mul(1000));
            let info = KeyInfo {
                id: id.clone(),
                role: wanted.role,
                session: wanted.session,
                created_at,
                expires: ttl_ms.map(|ttl| created_at.saturating_add(ttl)),
                uses_left: wanted.uses,
                label: wanted.label,
            };
            contents.keys.push(StoredKey {
                hash: SecretHash::of(&key),
                info,
            });
        }
        self.save()?;
        Ok((id, key))
    }

    /// All keys that can still be used or have tokens alive.
    pub(crate) fn list(&self) -> Vec<KeyInfo> {
        let mut contents = self.lock();
        contents.forget_expired(now_ms());
        contents.keys.iter().map(|key| key.info.clone()).collect()
    }

    /// Ends a key and its tokens. Gives whether there was one.
    pub(crate) fn revoke(&self, id: &str) -> io::Result<bool> {
        let found = {
            let mut contents = self.lock();
            let before = contents.keys.len();
            contents.keys.retain(|key| key.info.id != id);
            contents.tokens.retain(|token| token.key != id);
            contents.keys.len() != before
        };
        if found {
            self.changes.send_modify(|count| *count += 1);
        }
        // Whoever asks again after it could not be saved finds none; it is saved all the same.
        if found || self.unsaved.load(Ordering::Relaxed) {
            self.save()?;
        }
        Ok(found)
    }

    /// Lets a key, and all who came in by it, do something else from now on. Gives the key, or
    /// none when there is none of this id.
    pub(crate) fn change_role(&self, id: &str, role: Role) -> Result<Option<KeyInfo>, KeyError> {
        let changed = {
            let mut contents = self.lock();
            contents.forget_expired(now_ms());
            let Some(key) = contents.keys.iter_mut().find(|key| key.info.id == id) else {
                return Ok(None);
            };
            check_scope(role, key.info.session.as_ref())?;
            key.info.role = role;
            key.info.clone()
        };
        self.changes.send_modify(|count| *count += 1);
        self.save()?;
        Ok(Some(changed))
    }

    /// Exchanges a key for a token, or gives none when the key is not or no longer valid.
    pub(crate) fn login(&self, key: &str) -> io::Result<Option<LoginReply>> {
        let hash = SecretHash::of(key);
        let token = new_secret(TOKEN_PREFIX);
        let reply = {
            let mut contents = self.lock();
            contents.forget_expired(now_ms());
            let Some(info) = contents.use_key(&hash) else {
                return Ok(None);
            };
            contents.add_token(StoredToken {
                hash: SecretHash::of(&token),
                key: info.id,
            });
            LoginReply {
                token,
                role: info.role,
                session: info.session,
                expires: info.expires,
            }
        };
        self.save()?;
        Ok(Some(reply))
    }

    /// What a token allows, or none when it is not or no longer valid.
    pub(crate) fn check(&self, token: &str) -> Option<Grant> {
        let hash = SecretHash::of(token);
        let contents = self.lock();
        let token = contents.tokens.iter().find(|token| token.hash == hash)?;
        contents.grant_of(&token.key, now_ms())
    }

    /// What a grant given before allows now, or none when it is no longer good.
    pub(crate) fn current(&self, grant: &Grant) -> Option<Grant> {
        let Some(key) = &grant.key else {
            return Some(grant.clone());
        };
        self.lock().grant_of(key, now_ms())
    }

    /// Who it is: whom a proxy names, or the note on the key that a grant came with.
    pub(crate) fn label(&self, grant: &Grant) -> Option<String> {
        if let Some(user) = &grant.user {
            return Some(user.clone());
        }
        let id = grant.key.as_ref()?;
        let contents = self.lock();
        let key = contents.keys.iter().find(|key| &key.info.id == id)?;
        key.info.label.clone()
    }

    /// When a grant ends by itself, in milliseconds since 1970.
    pub(crate) fn expiry(&self, grant: &Grant) -> Option<u64> {
        let id = grant.key.as_ref()?;
        self.lock()
            .keys
            .iter()
            .find(|key| &key.info.id == id)?
            .info
            .expires
    }

    /// Changes whenever what a grant allows may have: a key was revoked, or its session renamed.
    pub(crate) fn changed(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// A session has another id: its keys go on opening it.
    pub(crate) fn session_renamed(&self, from: &SessionId, to: &SessionId) -> io::Result<()> {
        let mut changed = false;
        for key in &mut self.lock().keys {
            if key.info.session.as_ref() == Some(from) {
                key.info.session = Some(to.clone());
                changed = true;
            }
        }
        if !changed {
            return Ok(());
        }
        self.changes.send_modify(|count| *count += 1);
        self.save()
    }

    /// A session is gone, and with it the keys to it: the next of that id is not theirs. Its
    /// sockets are about to hear of its end, so they are not told of this.
    pub(crate) fn session_ended(&self, id: &SessionId) -> io::Result<()> {
        let forgotten = self
            .lock()
            .forget_keys(|key| key.session.as_ref() == Some(id));
        if forgotten { self.save() } else { Ok(()) }
    }

    fn save(&self) -> io::Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let contents = self.lock().clone();
        let written = file::write(&self.path, &contents);
        self.unsaved.store(written.is_err(), Ordering::Relaxed);
        written
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    /// Drops keys whose time is over, with their tokens. A key without logins left stays while
    /// it has tokens.
    fn forget_expired(&mut self, now: u64) {
        let tokens = &self.tokens;
        self.keys.retain(|key| {
            let used_up = key.info.uses_left == Some(0);
            let alive = key.info.expires.is_none_or(|at| at > now);
            alive && (!used_up || tokens.iter().any(|token| token.key == key.info.id))
        });
        let keys = &self.keys;
        self.tokens
            .retain(|token| keys.iter().any(|key| key.info.id == token.key));
    }

    /// Drops some keys with their tokens. Gives whether there were any.
    fn forget_keys(&mut self, which: impl Fn(&KeyInfo) -> bool) -> bool {
        let before = self.keys.len();
        self.keys.retain(|key| !which(&key.info));
        let keys = &self.keys;
        self.tokens
            .retain(|token| keys.iter().any(|key| key.info.id == token.key));
        self.keys.len() != before
    }

    /// Finds a key that can be used, and uses it once.
    fn use_key(&mut self, hash: &SecretHash) -> Option<KeyInfo> {
        let key = self.keys.iter_mut().find(|key| key.hash == *hash)?;
        if let Some(left) = &mut key.info.uses_left {
            *left = left.checked_sub(1)?;
        }
        Some(key.info.clone())
    }

    fn add_token(&mut self, token: StoredToken) {
        let siblings = self
            .tokens
            .iter()
            .filter(|other| other.key == token.key)
            .count();
        if siblings >= MAX_TOKENS_PER_KEY
            && let Some(oldest) = self.tokens.iter().position(|other| other.key == token.key)
        {
            self.tokens.remove(oldest);
        }
        self.tokens.push(token);
    }

    fn grant_of(&self, id: &str, now: u64) -> Option<Grant> {
        let key = self.keys.iter().find(|key| key.info.id == id)?;
        let alive = key.info.expires.is_none_or(|at| at > now);
        alive.then(|| Grant {
            role: key.info.role,
            session: key.info.session.clone(),
            key: Some(id.to_owned()),
            user: None,
        })
    }
}

fn check_scope(role: Role, session: Option<&SessionId>) -> Result<(), KeyError> {
    if role == Role::Admin && session.is_some() {
        return Err(KeyError::AdminOfOneSession);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
