//! The typed client: it can be taken elsewhere, because it needs nothing.

use super::front_end::{direct, parse};
use super::tree::Tree;
use super::violation::Violation;

const PACKAGE: &str = "crates/webtty-web/client/package.json";
const SOURCES: &str = "crates/webtty-web/client/src/";
const NODE_SOURCES: &str = "crates/webtty-web/client/src/node";

/// Packages that are bundled into it, so that who takes it needs none.
const BUNDLED: [&str; 1] = ["fflate/browser"];

/// The client asks for no package, and its sources import only each other and what is bundled; what
/// is for Node alone may import Node's own modules.
pub(super) fn stands_alone(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    if let Some(Ok(manifest)) = tree.text(PACKAGE).map(parse) {
        let needs = |(name, _)| {
            Violation::of(
                PACKAGE,
                format!("asks for `{name}`; the client needs nothing"),
            )
        };
        found.extend(direct(&manifest).map(needs));
    }
    for (path, text) in tree.texts().filter(|(path, _)| path.starts_with(SOURCES)) {
        for (index, line) in text.lines().enumerate() {
            let Some(target) = imported(line) else {
                continue;
            };
            let is_for_node = path.starts_with(NODE_SOURCES) && target.starts_with("node:");
            let is_ours = target.starts_with("./") || BUNDLED.contains(&target);
            if !is_ours && !is_for_node {
                let what =
                    format!("imports `{target}`; the client's modules import only each other");
                found.push(Violation::at(path, index + 1, what));
            }
        }
    }
    found
}

/// What a line of TypeScript imports or exports from.
fn imported(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let after = match line.strip_prefix("import \"") {
        Some(rest) => rest,
        None => line.split_once(" from \"")?.1,
    };
    after.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::super::violation::shown;
    use super::*;

    fn check(name: &str, text: &str) -> Vec<String> {
        let path = format!("{SOURCES}{name}");
        shown(&stands_alone(&Tree::of(&[(path.as_str(), text)])))
    }

    #[test]
    fn modules_import_each_other_and_nothing_else() {
        let good = "import { a } from \"./a.js\";\nexport type * from \"./generated/protocol.js\";";
        assert!(check("index.ts", good).is_empty());
        for bad in [
            "import { b } from \"b\";",
            "} from \"../../src/dom\";",
            "import \"c\";",
            "import { d } from \"node:http\";",
        ] {
            assert_eq!(check("index.ts", bad).len(), 1, "{bad}");
        }
        assert!(check("unpacking.ts", "import { E } from \"fflate/browser\";").is_empty());
        assert!(check("node_socket.ts", "import { d } from \"node:http\";").is_empty());
    }

    #[test]
    fn the_package_asks_for_none() {
        let manifest = r#"{"dependencies": {"ws": "8.0.0"}}"#;
        let found = shown(&stands_alone(&Tree::of(&[(PACKAGE, manifest)])));
        assert_eq!(
            found,
            [format!(
                "{PACKAGE}:1: asks for `ws`; the client needs nothing"
            )]
        );
    }
}
