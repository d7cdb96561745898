//! Tests and source files that pages name.

use super::tree::Tree;
use super::violation::Violation;

/// A test or a source file that a page of docs/ names is there, so that what it promises is still
/// held by what it says. `code` with three underscores, in a table with two, is a Rust test, "a
/// sentence" in a table one of the page's or its client's, `name.rs` or `name.ts` the end of a
/// file's path.
pub(super) fn are_there(tree: &Tree) -> Vec<Violation> {
    let is_page = |path: &str| path.starts_with("docs/") && path.ends_with(".md");
    let mut found = Vec::new();
    for (path, text) in tree.texts().filter(|(path, _)| is_page(path)) {
        for (index, line) in text.lines().enumerate() {
            let missing = missing(tree, line);
            found.extend(missing.map(|what| Violation::at(path, index + 1, what)));
        }
    }
    found
}

fn missing<'a>(tree: &'a Tree, line: &'a str) -> impl Iterator<Item = String> + 'a {
    let spans = || line.split('`');
    let is_row = line.starts_with("| ");
    let underscores = if is_row { 2 } else { 3 };
    let tests = spans().skip(1).step_by(2);
    let tests = tests.filter(move |span| is_test(span, underscores));
    let tests = tests.filter(|name| !source_has(tree, ".rs", &format!("fn {name}(")));
    let files = spans().skip(1).step_by(2).filter(|span| is_file(span));
    let files = files.filter(|name| !is_there(tree, name));
    let prose = spans().step_by(2).filter(move |_| is_row);
    // A setting may be quoted in code, so that quotation marks are counted outside of it.
    let sentences = prose.flat_map(|piece| piece.split('"').skip(1).step_by(2));
    let sentences = sentences
        .filter(|quoted| quoted.contains(' '))
        .filter(|name| !source_has(tree, ".ts", &format!("test(\"{name}")));
    let sentences = sentences.map(|name| format!("there is no test \"{name}\""));
    tests
        .map(|name| format!("there is no test `{name}`"))
        .chain(files.map(|name| format!("there is no file `{name}`")))
        .chain(sentences)
}

fn is_test(span: &str, underscores: usize) -> bool {
    let letter = |one: u8| one.is_ascii_lowercase() || one.is_ascii_digit() || one == b'_';
    span.matches('_').count() >= underscores && span.bytes().all(letter)
}

fn is_file(span: &str) -> bool {
    let letter =
        |one: u8| one.is_ascii_lowercase() || one.is_ascii_digit() || b"_-./".contains(&one);
    span.bytes().all(letter) && [".rs", ".ts"].iter().any(|end| span.ends_with(end))
}

fn is_there(tree: &Tree, name: &str) -> bool {
    let end = format!("/{name}");
    tree.files.contains_key(name) || tree.files.keys().any(|path| path.ends_with(&end))
}

fn source_has(tree: &Tree, end: &str, text: &str) -> bool {
    let mut sources = tree.texts().filter(|(path, _)| path.ends_with(end));
    sources.any(|(_, source)| source.contains(text))
}

#[cfg(test)]
mod tests {
    use super::super::violation::shown;
    use super::*;

    #[test]
    fn names_are_those_of_tests_and_files() {
        let page = "| `one_is_there`, `one_is_gone` | \"a page is\" and \"a page was\" |\n\
                    `gate.rs`, `tests/gate.rs`, `old/gate.rs` and `\"a b\": true` in \"plain prose\"\n\
                    `two_words`, `not_a_test`, `this_is_a_test`, `camelCase`, `UPPER_CASE_NAME` and `a/b.test.ts`";
        let tree = Tree::of(&[
            ("docs/a.md", page),
            ("crates/a/tests/gate.rs", "fn one_is_there() {}"),
            ("crates/a/e2e/page.ts", "test(\"a page is\", () => {});"),
        ]);
        assert_eq!(
            shown(&are_there(&tree)),
            [
                "docs/a.md:1: there is no test `one_is_gone`",
                "docs/a.md:1: there is no test \"a page was\"",
                "docs/a.md:2: there is no file `old/gate.rs`",
                "docs/a.md:3: there is no test `this_is_a_test`",
                "docs/a.md:3: there is no file `a/b.test.ts`",
            ]
        );
    }
}
