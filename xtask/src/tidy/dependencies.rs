//! docs/dependencies.md says of every direct dependency why it is there.

use std::collections::BTreeMap;

use super::front_end;
use super::tree::{Tree, line_of};
use super::violation::Violation;

const PAGE: &str = "docs/dependencies.md";

/// A dependency's name, and where it is asked for.
type Asked = BTreeMap<String, (String, usize)>;

/// Every direct dependency has one row, and every row a dependency.
pub(super) fn explained(tree: &Tree) -> Vec<Violation> {
    let page = tree.text(PAGE).unwrap_or_default();
    let asked = asked(tree);
    let mut found = Vec::new();
    let mut rows = BTreeMap::new();
    for (line, name, purpose) in table(page) {
        if rows.insert(name, line).is_some() {
            let what = format!("`{name}` has a row already; say it once");
            found.push(Violation::at(PAGE, line, what));
        }
        if purpose.is_empty() {
            let what = format!("`{name}` has no purpose; say in a sentence why it is needed");
            found.push(Violation::at(PAGE, line, what));
        }
        if !asked.contains_key(name) {
            let what = format!("nothing asks for `{name}` any more; remove the row");
            found.push(Violation::at(PAGE, line, what));
        }
    }
    for (name, (path, line)) in asked
        .iter()
        .filter(|(name, _)| !rows.contains_key(name.as_str()))
    {
        let what = format!("`{name}` is not explained; add a row to {PAGE}");
        found.push(Violation::at(path, *line, what));
    }
    found
}

/// The rows of the page's tables, as line, name and purpose.
fn table(page: &str) -> impl Iterator<Item = (usize, &str, &str)> {
    page.lines().enumerate().filter_map(|(index, line)| {
        let mut cells = line.trim().strip_prefix('|')?.split('|').map(str::trim);
        let name = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
        Some((index + 1, name, cells.next().unwrap_or_default()))
    })
}

fn asked(tree: &Tree) -> Asked {
    let mut asked = Asked::new();
    for package in &tree.packages {
        let manifest = tree.text(&package.manifest).unwrap_or_default();
        for dependency in package
            .dependencies
            .iter()
            .filter(|dependency| !dependency.ours)
        {
            let line = line_of(manifest, &dependency.name);
            let place = (package.manifest.clone(), line);
            asked.entry(dependency.name.clone()).or_insert(place);
        }
    }
    for (path, text) in tree
        .texts()
        .filter(|(path, _)| path.ends_with("package.json"))
    {
        let Ok(manifest) = front_end::parse(text) else {
            continue;
        };
        for (name, _) in front_end::direct(&manifest) {
            asked
                .entry(name.to_owned())
                .or_insert((path.to_owned(), line_of(text, name)));
        }
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::super::violation::shown;
    use super::*;

    const MANIFEST: &str = "{\"devDependencies\": {\n\"esbuild\": \"1\"}}";

    fn check(page: &str) -> Vec<String> {
        shown(&explained(&Tree::of(&[
            (PAGE, page),
            ("w/package.json", MANIFEST),
        ])))
    }

    #[test]
    fn every_dependency_has_its_row() {
        assert!(check("| name | purpose |\n|---|---|\n| `esbuild` | Bundles. |\n").is_empty());
        assert_eq!(
            check(""),
            ["w/package.json:2: `esbuild` is not explained; add a row to docs/dependencies.md"]
        );
    }

    #[test]
    fn every_row_has_its_dependency_and_its_purpose_once() {
        let page = "| `esbuild` | Bundles. |\n| `esbuild` | Bundles. |\n| `left-pad` | |\n";
        let found = check(page);
        assert_eq!(found.len(), 3);
        assert!(found[0].starts_with("docs/dependencies.md:2: `esbuild` has a row already"));
        assert!(found[1].starts_with("docs/dependencies.md:3: `left-pad` has no purpose"));
        assert!(found[2].starts_with("docs/dependencies.md:3: nothing asks for `left-pad`"));
    }
}
