//! The front end's packages: locked, each to its contents.

use serde_json::{Map, Value};

use super::tree::{Tree, line_of};
use super::violation::Violation;

const KINDS: &[&str] = &["dependencies", "devDependencies", "optionalDependencies"];

/// Licences that ask for no more than their notices.
const LICENCES: &[&str] = &["Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];

/// Every package.json that asks for packages has a lock file that agrees with it and pins each
/// package's contents.
pub(super) fn locked(tree: &Tree) -> Vec<Violation> {
    tree.texts()
        .filter(|(path, _)| *path == "package.json" || path.ends_with("/package.json"))
        .flat_map(|(path, text)| check(tree, path, text))
        .collect()
}

fn check(tree: &Tree, path: &str, text: &str) -> Vec<Violation> {
    if parse(text).is_ok_and(|manifest| direct(&manifest).next().is_none()) {
        return Vec::new();
    }
    let lock_path = path.replace("package.json", "package-lock.json");
    let Some(lock_text) = tree.text(&lock_path) else {
        return vec![Violation::of(
            path,
            "has no lock file; commit package-lock.json",
        )];
    };
    let (Ok(manifest), Ok(lock)) = (parse(text), parse(lock_text)) else {
        return vec![Violation::of(
            path,
            "cannot be read, or its lock file cannot; mend the JSON",
        )];
    };
    let mut found = Vec::new();
    for (name, wanted) in direct(&manifest) {
        let locked = KINDS
            .iter()
            .find_map(|kind| lock["packages"][""][kind].get(name));
        if locked != Some(wanted) {
            let what = format!("`{name}` is not locked as asked for; run `npm install`");
            found.push(Violation::at(path, line_of(text, name), what));
        }
    }
    for (place, package) in lock["packages"].as_object().into_iter().flatten() {
        let is_pinned = package["integrity"].is_string() || package["link"] == true;
        if !place.is_empty() && !is_pinned {
            let what = format!("`{place}` has no integrity; write the lock file again");
            found.push(Violation::at(&lock_path, line_of(lock_text, place), what));
        }
    }
    found
}

/// What is bundled into the page may be given away with it.
pub(super) fn licences(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for (path, text) in tree
        .texts()
        .filter(|(path, _)| path.ends_with("package-lock.json"))
    {
        let Ok(lock) = parse(text) else { continue };
        for (place, package) in lock["packages"].as_object().into_iter().flatten() {
            let licence = package["license"].as_str().unwrap_or("no licence");
            let is_bundled = !place.is_empty() && package["dev"] != true;
            if is_bundled && !LICENCES.contains(&licence) {
                let what = format!(
                    "`{place}` has {licence}; bundle only {}",
                    LICENCES.join(", ")
                );
                found.push(Violation::at(path, line_of(text, place), what));
            }
        }
    }
    found
}

/// The packages a package.json asks for itself, with the versions asked for.
pub(super) fn direct(manifest: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let maps = KINDS.iter().filter_map(|kind| manifest[*kind].as_object());
    maps.flat_map(Map::iter)
        .map(|(name, version)| (name.as_str(), version))
}

/// JSON, from a file that people edit.
pub(super) fn parse(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text)
}

#[cfg(test)]
mod tests {
    use super::super::violation::shown;
    use super::*;

    const MANIFEST: &str = "{\n\"dependencies\": {\n\"esbuild\": \"1.2.3\"\n}}";

    #[test]
    fn a_lock_file_is_needed() {
        let found = shown(&locked(&Tree::of(&[("crates/w/package.json", MANIFEST)])));
        assert_eq!(
            found,
            ["crates/w/package.json:1: has no lock file; commit package-lock.json"]
        );
    }

    #[test]
    fn a_package_that_asks_for_nothing_needs_no_lock_file() {
        let tree = Tree::of(&[("crates/w/client/package.json", r#"{"name": "client"}"#)]);
        assert!(locked(&tree).is_empty());
    }

    #[test]
    fn what_is_bundled_may_be_given_away() {
        let lock = r#"{"packages": {"": {},
            "node_modules/a": {"license": "MIT"},
            "node_modules/b": {"license": "GPL-3.0"},
            "node_modules/c": {"license": "GPL-3.0", "dev": true}}}"#;
        let found = shown(&licences(&Tree::of(&[("package-lock.json", lock)])));
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("package-lock.json:3: `node_modules/b` has GPL-3.0"));
    }

    #[test]
    fn the_lock_agrees_and_pins_contents() {
        let good = r#"{"packages": {"": {"dependencies": {"esbuild": "1.2.3"}},
            "node_modules/esbuild": {"version": "1.2.3", "integrity": "sha512-x"}}}"#;
        let lock = |text: &str| {
            let files = [("package.json", MANIFEST), ("package-lock.json", text)];
            shown(&locked(&Tree::of(&files)))
        };
        assert!(lock(good).is_empty());
        let other = lock(&good.replacen("1.2.3", "1.2.2", 1));
        assert_eq!(
            other,
            ["package.json:3: `esbuild` is not locked as asked for; run `npm install`"]
        );
        assert!(lock(&good.replace("integrity", "x"))[0].contains("has no integrity"));
    }
}
