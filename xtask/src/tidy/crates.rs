//! Which crate may know which.

use super::tree::{Dependency, Package, Tree, line_of};
use super::violation::Violation;

/// The arrows of docs/architecture.md: who may use whom, and whom besides in tests.
const EDGES: &[(&str, &[&str], &[&str])] = &[
    ("webtty-protocol", &[], &[]),
    ("webtty-terminal", &[], &[]),
    ("webtty-core", &["webtty-protocol", "webtty-terminal"], &[]),
    ("webtty-web", &[], &[]),
    (
        "webtty-daemon",
        &["webtty-core", "webtty-protocol", "webtty-web"],
        &["webtty-client", "webtty-testkit"],
    ),
    ("webtty-client", &["webtty-protocol"], &["webtty-testkit"]),
    (
        "webtty",
        &["webtty-client", "webtty-daemon", "webtty-protocol"],
        &["webtty-testkit"],
    ),
    (
        "webtty-testkit",
        &["webtty-client", "webtty-daemon", "webtty-protocol"],
        &[],
    ),
    (
        "webtty-fuzz",
        &[
            "webtty-client",
            "webtty-core",
            "webtty-daemon",
            "webtty-protocol",
            "webtty-terminal",
        ],
        &[],
    ),
    (
        "xtask",
        &["webtty-client", "webtty-protocol", "webtty-terminal"],
        &[],
    ),
];

/// Dependencies from outside that only some crates may see. A name ending in `*` is a prefix.
const GUARDED: &[(&str, &[&str])] = &[
    ("portable-pty", &["webtty-core"]),
    ("hyper*", &["webtty-daemon", "webtty-client"]),
    ("clap*", &["webtty", "xtask"]),
];

/// Imports between our crates go one way.
pub(super) fn edges(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for package in &tree.packages {
        let Some((_, uses, tests_use)) = EDGES.iter().find(|(name, ..)| *name == package.name)
        else {
            let what = format!(
                "`{}` is not drawn; add its arrows to docs/architecture.md and \
                 xtask/src/tidy/crates.rs",
                package.name
            );
            found.push(Violation::of(&package.manifest, what));
            continue;
        };
        for dependency in package
            .dependencies
            .iter()
            .filter(|dependency| dependency.ours)
        {
            let name = dependency.name.as_str();
            if !(uses.contains(&name) || dependency.dev && tests_use.contains(&name)) {
                found.push(undrawn(
                    tree,
                    package,
                    dependency,
                    tests_use.contains(&name),
                ));
            }
        }
    }
    found
}

fn undrawn(tree: &Tree, package: &Package, to: &Dependency, in_tests: bool) -> Violation {
    let what = if in_tests {
        format!("`{}` is for tests only; make it a dev-dependency", to.name)
    } else {
        format!(
            "`{}` must not know `{}`; imports go the way docs/architecture.md draws them",
            package.name, to.name
        )
    };
    Violation::at(&package.manifest, line_in(tree, package, to), what)
}

/// What touches the operating system, the network or the command line stays in its crate.
pub(super) fn guarded(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for package in &tree.packages {
        for dependency in &package.dependencies {
            let guard = GUARDED
                .iter()
                .find(|(pattern, _)| is_meant(pattern, &dependency.name));
            let Some((_, allowed)) = guard else { continue };
            if !allowed.contains(&package.name.as_str()) {
                let what = format!(
                    "only {} may use `{}`; go through it instead",
                    allowed.join(" and "),
                    dependency.name
                );
                let line = line_in(tree, package, dependency);
                found.push(Violation::at(&package.manifest, line, what));
            }
        }
    }
    found
}

fn is_meant(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == pattern,
    }
}

/// In the binary, only the `serve` command names the daemon: all else goes over its socket.
pub(super) fn daemon_named_once(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for (path, text) in tree.texts() {
        let serves = path.ends_with("/serve.rs") || path.contains("/serve/");
        if !path.starts_with("crates/webtty/src/") || !path.ends_with(".rs") || serves {
            continue;
        }
        for (index, line) in text.lines().enumerate() {
            if line.contains("webtty_daemon") && !line.trim_start().starts_with("//") {
                let what = "only the `serve` command names `webtty_daemon`; ask the daemon over \
                            its socket";
                found.push(Violation::at(path, index + 1, what));
            }
        }
    }
    found
}

fn line_in(tree: &Tree, package: &Package, dependency: &Dependency) -> usize {
    tree.text(&package.manifest)
        .map_or(1, |manifest| line_of(manifest, &dependency.name))
}

#[cfg(test)]
mod tests {
    use super::super::violation::shown;
    use super::*;

    fn tree(name: &str, dependencies: &[(&str, bool)]) -> Tree {
        let manifest = format!("crates/{name}/Cargo.toml");
        let lines: String = dependencies
            .iter()
            .map(|(name, _)| format!("{name}.workspace = true\n"))
            .collect();
        let dependencies = dependencies.iter().map(|(name, dev)| Dependency {
            name: (*name).to_owned(),
            dev: *dev,
            ours: name.starts_with("webtty"),
        });
        let mut tree = Tree::of(&[(&manifest, &lines)]);
        tree.packages.push(Package {
            name: name.to_owned(),
            manifest,
            roots: Vec::new(),
            dependencies: dependencies.collect(),
        });
        tree
    }

    #[test]
    fn imports_go_one_way() {
        assert!(edges(&tree("webtty-core", &[("webtty-protocol", false)])).is_empty());
        let found = shown(&edges(&tree(
            "webtty-terminal",
            &[("webtty-protocol", false)],
        )));
        assert_eq!(
            found,
            [
                "crates/webtty-terminal/Cargo.toml:1: `webtty-terminal` must not know \
              `webtty-protocol`; imports go the way docs/architecture.md draws them"
            ]
        );
    }

    #[test]
    fn the_testkit_is_for_tests() {
        assert!(edges(&tree("webtty-daemon", &[("webtty-testkit", true)])).is_empty());
        let found = shown(&edges(&tree("webtty-daemon", &[("webtty-testkit", false)])));
        assert!(found[0].ends_with("`webtty-testkit` is for tests only; make it a dev-dependency"));
    }

    #[test]
    fn a_crate_that_is_not_drawn_is_named() {
        assert!(shown(&edges(&tree("webtty-new", &[])))[0].contains("`webtty-new` is not drawn"));
    }

    #[test]
    fn what_touches_the_world_stays_in_its_crate() {
        assert!(guarded(&tree("webtty-client", &[("hyper-util", false)])).is_empty());
        let found = shown(&guarded(&tree(
            "webtty",
            &[("serde", false), ("hyper-util", true)],
        )));
        assert_eq!(
            found,
            [
                "crates/webtty/Cargo.toml:2: only webtty-daemon and webtty-client may use \
              `hyper-util`; go through it instead"
            ]
        );
        assert_eq!(
            guarded(&tree("webtty-daemon", &[("portable-pty", false)])).len(),
            1
        );
        assert_eq!(
            guarded(&tree("webtty-daemon", &[("clap_complete", false)])).len(),
            1
        );
    }

    #[test]
    fn one_command_names_the_daemon() {
        let tree = Tree::of(&[
            (
                "crates/webtty/src/commands/serve.rs",
                "use webtty_daemon::Server;",
            ),
            (
                "crates/webtty/src/main.rs",
                "// webtty_daemon\nuse webtty_daemon::Server;",
            ),
            (
                "crates/webtty-daemon/tests/wire.rs",
                "use webtty_daemon::Server;",
            ),
        ]);
        let found = shown(&daemon_named_once(&tree));
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("crates/webtty/src/main.rs:2: "));
    }
}
