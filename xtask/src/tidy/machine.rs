//! What belongs to one machine and must not be committed: its paths, its registries.

use super::tree::Tree;
use super::violation::Violation;

/// Users whose home directories stand for anybody's, in documentation and tests.
const ANYBODY: &[&str] = &["me", "user", "you"];

/// Hosts of package registries. Lock files must not name any: who builds elsewhere has others.
/// The index in Cargo.lock is cargo's own name for crates.io, not a host that is asked.
const REGISTRIES: &[[&str; 2]] = &[
    ["registry.npmjs", ".org"],
    ["registry.yarnpkg", ".com"],
    ["npm.pkg.github", ".com"],
    ["index.crates", ".io"],
    ["static.crates", ".io"],
];

/// No absolute path of one machine.
pub(super) fn paths(tree: &Tree) -> Vec<Violation> {
    each_line(tree, |line| {
        let path = machine_path(line)?;
        Some(format!(
            "`{path}` exists on one machine only; write it relative to the project"
        ))
    })
}

fn machine_path(line: &str) -> Option<String> {
    const PART: fn(char) -> bool = |c| c.is_ascii_alphanumeric() || "._-".contains(c);
    for top in ["work", "root", "home"] {
        let start = format!("/{top}/");
        for (at, _) in line.match_indices(&start) {
            let rest = &line[at + start.len()..];
            let next = &rest[..rest.find(|c| !PART(c)).unwrap_or(rest.len())];
            let is_inside_another =
                line[..at].ends_with(|c| PART(c) || matches!(c, '~' | '*' | '/' | '}'));
            let is_somebodys = !ANYBODY.contains(&next) && rest[next.len()..].starts_with('/');
            if !is_inside_another && (top != "home" || is_somebodys) {
                return Some(format!("{start}{next}"));
            }
        }
    }
    None
}

/// No registry's host, nor a place a package was fetched from.
pub(super) fn registries(tree: &Tree) -> Vec<Violation> {
    let mut found = each_line(tree, |line| {
        let host = REGISTRIES
            .iter()
            .map(|parts| parts.concat())
            .find(|host| line.contains(host))?;
        Some(format!(
            "names the registry `{host}`; leave the choice to who builds"
        ))
    });
    for (path, text) in tree
        .texts()
        .filter(|(path, _)| path.ends_with("package-lock.json"))
    {
        let resolved = |line: &&str| line.trim_start().starts_with("\"resolved\": \"http");
        if let Some(line) = text.lines().position(|line| resolved(&line)) {
            let what = "says where a package was fetched; write the lock again with \
                        omit-lockfile-registry-resolved=true in .npmrc";
            found.push(Violation::at(path, line + 1, what));
        }
    }
    found
}

fn each_line(tree: &Tree, offence: impl Fn(&str) -> Option<String>) -> Vec<Violation> {
    let mut found = Vec::new();
    for (path, text) in tree.texts() {
        for (index, line) in text.lines().enumerate() {
            if let Some(what) = offence(line) {
                found.push(Violation::at(path, index + 1, what));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::violation::shown;
    use super::*;

    /// `<r>`, `<w>` and `<h>` stand for the directories, so that this file passes its own rule.
    fn check(line: &str, expected: Option<&str>) {
        let real = |text: &str| {
            let names = [("<r>", "root"), ("<w>", "work"), ("<h>", "home")];
            names.iter().fold(text.to_owned(), |text, (short, name)| {
                text.replace(short, &format!("/{name}/"))
            })
        };
        assert_eq!(machine_path(&real(line)), expected.map(real), "{line}");
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        check("cd <w>main && make", Some("<w>main"));
        check("let dir = \"<r>.cache\";", Some("<r>.cache"));
        check("<h>ada/src", Some("<h>ada"));
        check("baseDir: <h>you/src", None);
        check("the directory <h> itself, or \"<h>ada\" as a value", None);
        check("~<w>x and src<w>x and ${HOME}<w>x", None);
        check("//example.org<r>x", None);
    }

    #[test]
    fn registries_are_found() {
        let host = REGISTRIES[0].concat();
        let tree = Tree::of(&[
            (".npmrc", &format!("registry=https://{host}/")),
            (
                "package-lock.json",
                "{\n  \"resolved\": \"https://example.org/a.tgz\"\n}",
            ),
            (
                "linked/package-lock.json",
                "{\n  \"resolved\": \"packages/a\"\n}",
            ),
        ]);
        let found = shown(&registries(&tree));
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with(".npmrc:1: names the registry"));
        assert!(found[1].starts_with("package-lock.json:2: says where"));
    }
}
