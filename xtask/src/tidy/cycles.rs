//! The files of a crate import each other one way: no file needs, by any detour, itself.
//!
//! A module that declares another or passes on its names does not thereby need it; a module
//! that uses what its parent or its parent's neighbours define does.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::modules::{self, Mention, Module};
use super::tree::Tree;
use super::violation::Violation;

/// From a file to the files it needs, with the line that needs each first.
type Edges<'a> = BTreeMap<&'a str, BTreeMap<&'a str, usize>>;

/// Names that lead on are followed this far; a chain of re-exports is shorter.
const LONGEST_CHAIN: usize = 16;

/// No modules form a cycle.
pub(super) fn modules(tree: &Tree) -> Vec<Violation> {
    let roots = tree.packages.iter().flat_map(|package| &package.roots);
    roots
        .flat_map(|root| check(&modules::read(tree, root)))
        .collect()
}

fn check(modules: &[Module]) -> Vec<Violation> {
    let edges = edges(modules);
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    for start in edges.keys() {
        let Some(cycle) = shortest_cycle(&edges, start) else {
            continue;
        };
        if known.insert(cycle.iter().copied().collect::<BTreeSet<_>>()) {
            let next = cycle.get(1).unwrap_or(start);
            let way: Vec<&str> = cycle.iter().chain([start]).copied().collect();
            let what = format!(
                "modules import each other: {}; move what they share into one that needs neither",
                way.join(" → ")
            );
            found.push(Violation::at(start, edges[start][next], what));
        }
    }
    found
}

fn edges(modules: &[Module]) -> Edges<'_> {
    let mut edges = Edges::new();
    for (index, module) in modules.iter().enumerate() {
        for mention in &module.mentions {
            let Some(target) = resolve(modules, index, &mention.path, LONGEST_CHAIN) else {
                continue;
            };
            let file = modules[target].file.as_str();
            if file != module.file && !passes_on_its_own(modules, index, target, mention) {
                let needs = edges.entry(module.file.as_str()).or_default();
                let line = needs.entry(file).or_insert(mention.line);
                *line = mention.line.min(*line);
            }
        }
    }
    edges
}

fn passes_on_its_own(modules: &[Module], from: usize, target: usize, mention: &Mention) -> bool {
    let mut above = modules[target].parent;
    while let Some(module) = above {
        if module == from {
            return mention.passed_on;
        }
        above = modules[module].parent;
    }
    false
}

/// The module in which a path ends, or none when it leads out of the crate.
fn resolve(modules: &[Module], from: usize, path: &[String], chain: usize) -> Option<usize> {
    let chain = chain.checked_sub(1)?;
    let (first, mut rest) = path.split_first()?;
    let mut at = match first.as_str() {
        "crate" => 0,
        "self" => from,
        "super" => modules[from].parent?,
        // A path cannot begin with the name it defines: `use serde::…` binds another `serde`.
        name => match (
            modules[from].children.get(name),
            modules[from].names.get(name),
        ) {
            (Some(child), _) => *child,
            (None, Some(meaning)) if meaning.first() != Some(first) => {
                return resolve(modules, from, &[meaning, rest].concat(), chain);
            }
            _ => return None,
        },
    };
    while let Some((name, after)) = rest.split_first() {
        if name == "super" {
            at = modules[at].parent?;
        } else if let Some(child) = modules[at].children.get(name) {
            at = *child;
        } else if let Some(meaning) = modules[at].names.get(name) {
            return resolve(modules, at, &[meaning, after].concat(), chain).or(Some(at));
        } else {
            break;
        }
        rest = after;
    }
    Some(at)
}

fn shortest_cycle<'a>(edges: &Edges<'a>, start: &'a str) -> Option<Vec<&'a str>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(file) = waiting.pop_front() {
        for next in edges.get(file).into_iter().flat_map(BTreeMap::keys) {
            if *next == start {
                let mut way = vec![file];
                while let Some(before) = way.last().and_then(|last| came_from.get(last)) {
                    way.push(before);
                }
                way.reverse();
                return Some(way);
            }
            if !came_from.contains_key(next) {
                came_from.insert(next, file);
                waiting.push_back(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::tree::Package;
    use super::super::violation::shown;
    use super::*;

    /// The cycles among these files of a crate, as the line of the first and the way round.
    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let files: Vec<(String, &str)> = files
            .iter()
            .map(|(path, text)| (format!("src/{path}"), *text))
            .collect();
        let borrowed: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), *t)).collect();
        let mut tree = Tree::of(&borrowed);
        tree.packages.push(Package {
            roots: vec!["src/lib.rs".to_owned()],
            ..Package::default()
        });
        let found: Vec<String> = shown(&modules(&tree))
            .iter()
            .map(|line| {
                line.replace("modules import each other: ", "")
                    .replace("src/", "")
            })
            .map(|line| line.split(';').next().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(found, expected, "{files:?}");
    }

    #[test]
    fn a_detour_is_found_once() {
        check(
            &[
                ("lib.rs", "mod a; mod b; mod c;"),
                ("a.rs", "\nuse crate::{b::B, other};"),
                ("b.rs", "fn f() { super::c::g(); }"),
                ("c.rs", "fn g() { println!(\"{}\", crate::a::h()); }"),
            ],
            &["a.rs:2: a.rs → b.rs → c.rs → a.rs"],
        );
    }

    #[test]
    fn one_way_is_no_cycle() {
        check(
            &[
                ("lib.rs", "mod a; mod b; pub use a::A; pub use b::*;"),
                (
                    "a.rs",
                    "use crate::b::{self, B}; use std::fmt; fn f(x: b::C) {}",
                ),
                ("b.rs", "use serde::de; use de::Error;"),
            ],
            &[],
        );
    }

    #[test]
    fn a_parent_may_pass_on_but_not_use_what_uses_it() {
        let child = ("a/child.rs", "use super::Shared;");
        let lib = ("lib.rs", "mod a;");
        check(
            &[
                lib,
                (
                    "a.rs",
                    "mod child; pub use child::Child; pub struct Shared;",
                ),
                child,
            ],
            &[],
        );
        check(
            &[lib, ("a.rs", "mod child;\nfn f() { child::g() }"), child],
            &["a.rs:2: a.rs → a/child.rs → a.rs"],
        );
    }

    #[test]
    fn a_re_export_hides_no_cycle() {
        check(
            &[
                ("lib.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
                ("a.rs", "use crate::B;"),
                ("b.rs", "use crate::A;"),
            ],
            &["a.rs:1: a.rs → b.rs → a.rs"],
        );
    }

    #[test]
    fn tests_and_modules_of_the_same_file_do_not_count() {
        check(
            &[
                ("lib.rs", "mod a; mod b;"),
                (
                    "a.rs",
                    "use crate::b::B; mod inner { use super::A; } fn f() { inner::g() }",
                ),
                (
                    "b.rs",
                    "#[cfg(test)] mod tests { use crate::a::A; } #[cfg(test)] use crate::a;",
                ),
            ],
            &[],
        );
    }

    #[test]
    fn renamed_modules_are_followed() {
        check(
            &[
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", "use crate::b as other; fn f() { other::g() }"),
                ("b.rs", "use super::a::{self as first, f};"),
            ],
            &["a.rs:1: a.rs → b.rs → a.rs"],
        );
    }
}
