//! Links between our own pages.

use super::tree::Tree;
use super::violation::Violation;

/// A relative link or picture in a page names a file that is there.
pub(super) fn lead_somewhere(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for (path, text) in tree.texts().filter(|(path, _)| path.ends_with(".md")) {
        for (index, line) in text.lines().enumerate() {
            for target in targets(line) {
                let meant = resolved(path, target);
                if !leads_to_something(tree, &meant) {
                    let what = format!("the link to `{target}` leads nowhere; there is no {meant}");
                    found.push(Violation::at(path, index + 1, what));
                }
            }
        }
    }
    found
}

/// The relative targets of a line's links, without the place inside the page.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|after| {
        let target = after.split([')', ' ']).next()?.split('#').next()?;
        let is_relative = !target.is_empty() && !target.contains(':') && !target.starts_with('/');
        is_relative.then_some(target)
    })
}

fn resolved(page: &str, target: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

fn leads_to_something(tree: &Tree, path: &str) -> bool {
    let dir = format!("{path}/");
    tree.files.contains_key(path) || tree.files.keys().any(|file| file.starts_with(&dir))
}

#[cfg(test)]
mod tests {
    use super::super::violation::shown;
    use super::*;

    #[test]
    fn links_lead_to_files() {
        let page = "![a](images/a.png) [b](../README.md#start) [c](https://example.org)\n\
                    [d](#here) [e](images) [f](gone.md)";
        let tree = Tree::of(&[
            ("README.md", ""),
            ("docs/a.md", page),
            ("docs/images/a.png", ""),
        ]);
        assert_eq!(
            shown(&lead_somewhere(&tree)),
            ["docs/a.md:2: the link to `gone.md` leads nowhere; there is no docs/gone.md"]
        );
    }
}
