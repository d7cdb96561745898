//! What the documents say is tested has a test of that name.

use std::fs;
use std::path::Path;

/// All sources below a directory, as one text.
fn sources(dir: &Path, into: &mut String) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if path.is_dir() && !["node_modules", "target", "dist"].contains(&name) {
            sources(&path, into);
        } else if [".rs", ".ts"].iter().any(|end| name.ends_with(end)) {
            into.push_str(&fs::read_to_string(&path).expect("text"));
        }
    }
}

#[test]
fn every_test_that_the_security_page_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/security.md")).expect("the page");
    let mut all = String::new();
    sources(&root.join("crates"), &mut all);
    let mut named = 0;
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        // A test is a sentence; settings, files and modules are not.
        let is_test = |name: &&str| {
            let letter = |one: u8| one.is_ascii_lowercase() || one.is_ascii_digit() || one == b'_';
            name.matches('_').count() > 2 && name.bytes().all(letter)
        };
        for name in row.split('`').skip(1).step_by(2).filter(is_test) {
            assert!(
                all.contains(&format!("fn {name}(")),
                "there is no test {name}"
            );
            named += 1;
        }
        for name in row
            .split('"')
            .skip(1)
            .step_by(2)
            .filter(|name| name.contains(' '))
        {
            assert!(
                all.contains(&format!("test(\"{name}")),
                "there is no test {name:?}"
            );
            named += 1;
        }
    }
    assert!(named > 60, "{named} tests are named");
}

#[test]
fn every_test_that_the_events_page_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/events.md")).expect("the page");
    let mut all = String::new();
    sources(&root.join("crates"), &mut all);
    let mut named = 0;
    let rows = page.lines().filter(|line| line.starts_with("| "));
    for test in rows.filter_map(|row| row.split(" | ").nth(2)) {
        for name in test.split('`').skip(1).step_by(2) {
            assert!(
                all.contains(&format!("fn {name}(")),
                "there is no test {name}"
            );
            named += 1;
        }
        for name in test.split('"').skip(1).step_by(2) {
            assert!(
                all.contains(&format!("test(\"{name}\"")),
                "there is no test {name:?}"
            );
            named += 1;
        }
    }
    assert!(named > 60, "{named} tests are named");
}
