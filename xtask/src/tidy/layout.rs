//! Where files may lie.

use std::collections::BTreeMap;

use super::tree::Tree;
use super::violation::Violation;

const TOP_LEVEL: &[&str] = &[
    ".cargo",
    ".ci",
    ".gitignore",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "clippy.toml",
    "crates",
    "deny.toml",
    "docs",
    "rustfmt.toml",
    "scripts",
    "xtask",
];

/// The top level holds what docs/architecture.md draws, and nothing else.
pub(super) fn top_level(tree: &Tree) -> Vec<Violation> {
    let mut firsts = BTreeMap::new();
    for path in tree.files.keys() {
        let first = path.split('/').next().unwrap_or(path);
        firsts.entry(first).or_insert(path);
    }
    firsts
        .into_iter()
        .filter(|(first, _)| !TOP_LEVEL.contains(first))
        .map(|(first, path)| {
            let what = format!(
                "`{first}` is not among what the top level may hold; move it into crates, \
                 xtask, docs or scripts"
            );
            Violation::of(path, what)
        })
        .collect()
}

/// A module's file has the module's name.
pub(super) fn no_mod_rs(tree: &Tree) -> Vec<Violation> {
    tree.files
        .keys()
        .filter_map(|path| Some((path, path.strip_suffix("/mod.rs")?)))
        .map(|(path, dir)| Violation::of(path, format!("a module has a name; call it {dir}.rs")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::violation::shown;
    use super::*;

    #[test]
    fn an_unknown_top_level_entry_is_named_once() {
        let tree = Tree::of(&[("docs/a.md", ""), ("notes/a.md", ""), ("notes/b.md", "")]);
        let found = shown(&top_level(&tree));
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("notes/a.md:1: `notes` is not among"));
    }

    #[test]
    fn mod_rs_is_told_its_name() {
        let tree = Tree::of(&[("crates/a/src/b/mod.rs", ""), ("crates/a/src/c.rs", "")]);
        let found = shown(&no_mod_rs(&tree));
        let expected = "crates/a/src/b/mod.rs:1: a module has a name; call it crates/a/src/b.rs";
        assert_eq!(found, [expected]);
    }
}
