//! Keys that are made, used, changed and forgotten.

use super::*;
use crate::limits::MAX_KEYS;

fn wanted(role: Role) -> CreateKey {
    CreateKey {
        role,
        session: None,
        ttl_seconds: None,
        uses: None,
        label: None,
    }
}

fn store() -> (tempfile::TempDir, KeyStore) {
    let dir = tempfile::tempdir().expect("a directory");
    let store = KeyStore::open(dir.path().join("keys.json"), MAX_KEYS).expect("opened");
    (dir, store)
}

fn login(store: &KeyStore, key: &str) -> Option<String> {
    store.login(key).expect("saved").map(|reply| reply.token)
}

#[test]
fn a_token_outlives_the_daemon_and_ends_with_its_key() {
    let (dir, store) = store();
    let (id, key) = store.create(wanted(Role::Admin)).expect("made");
    let token = login(&store, &key).expect("a token");
    let again = KeyStore::open(dir.path().join("keys.json"), MAX_KEYS).expect("opened");
    assert_eq!(
        again.check(&token).map(|grant| grant.role),
        Some(Role::Admin)
    );
    assert_eq!(again.check(&key), None, "a key is no token");
    assert!(login(&again, &token).is_none(), "a token is no key");
    let grant = again.check(&token).expect("valid");
    assert!(again.revoke(&id).expect("saved"));
    assert_eq!(again.check(&token), None);
    assert!(again.current(&grant).is_none());
    assert!(login(&again, &key).is_none());
    assert!(!again.revoke(&id).expect("nothing to save"));
}

#[test]
fn no_secret_is_on_disk_and_nobody_else_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, store) = store();
    let (_, key) = store.create(wanted(Role::View)).expect("made");
    let token = login(&store, &key).expect("a token");
    let path = dir.path().join("keys.json");
    let text = std::fs::read_to_string(&path).expect("read");
    assert!(!text.contains(&key[3..]) && !text.contains(&token[3..]));
    let mode = std::fs::metadata(&path)
        .expect("there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn uses_and_time_end_a_key() {
    let (_dir, store) = store();
    let (_, key) = store
        .create(CreateKey {
            uses: Some(1),
            ..wanted(Role::Admin)
        })
        .expect("made");
    let token = login(&store, &key).expect("a token");
    assert!(login(&store, &key).is_none());
    assert!(
        store.check(&token).is_some(),
        "the page that came in stays in"
    );
    let (_, key) = store
        .create(CreateKey {
            ttl_seconds: Some(0),
            ..wanted(Role::Admin)
        })
        .expect("made");
    assert!(login(&store, &key).is_none());
}

#[test]
fn nobody_is_admin_of_one_session_only() {
    let (_dir, store) = store();
    let one = |role| CreateKey {
        session: Some("a".parse().expect("an id")),
        ..wanted(role)
    };
    let refused = store.create(one(Role::Admin));
    assert!(matches!(refused, Err(KeyError::AdminOfOneSession)));
    let (id, _) = store.create(one(Role::Control)).expect("made");
    let refused = store.change_role(&id, Role::Admin);
    assert!(matches!(refused, Err(KeyError::AdminOfOneSession)));
    assert_eq!(store.list()[0].role, Role::Control);
}

#[test]
fn a_key_and_who_came_in_by_it_change_their_role() {
    let (dir, store) = store();
    let (id, key) = store.create(wanted(Role::View)).expect("made");
    let token = login(&store, &key).expect("a token");
    let grant = store.check(&token).expect("valid");
    let changed = store.change_role(&id, Role::Control).expect("saved");
    assert_eq!(changed.map(|key| key.role), Some(Role::Control));
    let now = store.current(&grant).expect("valid");
    assert_eq!(now.role, Role::Control);
    let again = KeyStore::open(dir.path().join("keys.json"), MAX_KEYS).expect("opened");
    let role = again.check(&token).map(|grant| grant.role);
    assert_eq!(role, Some(Role::Control));
    assert!(
        store
            .change_role("none", Role::View)
            .expect("nothing to save")
            .is_none()
    );
}

#[test]
fn keys_of_a_session_go_with_it() {
    let (dir, store) = store();
    let session: SessionId = "main".parse().expect("an id");
    let scoped = CreateKey {
        session: Some(session.clone()),
        ..wanted(Role::Control)
    };
    let (_, key) = store.create(scoped.clone()).expect("made");
    let token = login(&store, &key).expect("a token");
    store
        .session_ended(&"other".parse().expect("an id"))
        .expect("saved");
    assert!(store.check(&token).is_some());
    store.session_ended(&session).expect("saved");
    assert!(store.check(&token).is_none());
    let (_, key) = store.create(scoped).expect("made");
    let again = KeyStore::open(dir.path().join("keys.json"), MAX_KEYS).expect("opened");
    assert!(
        login(&again, &key).is_none(),
        "sessions do not outlive their daemon"
    );
}

#[test]
fn a_broken_file_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("keys.json");
    std::fs::write(&path, "{\"keys\":").expect("written");
    assert!(KeyStore::open(path.clone(), MAX_KEYS).is_err());
    assert_eq!(std::fs::read_to_string(&path).expect("read"), "{\"keys\":");
}

#[test]
fn the_limit_of_keys_holds() {
    let (_dir, store) = store();
    for _ in 0..MAX_KEYS {
        let mut contents = store.lock();
        let id = new_name();
        let info = KeyInfo {
            id,
            role: Role::View,
            session: None,
            created_at: 0,
            expires: None,
            uses_left: None,
            label: None,
        };
        contents.keys.push(StoredKey {
            hash: SecretHash::of("x"),
            info,
        });
    }
    assert!(matches!(
        store.create(wanted(Role::View)),
        Err(KeyError::TooMany)
    ));
}
