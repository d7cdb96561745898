//! The rules of the house that no compiler checks. Each is a function from the tree to what
//! offends in it, beside its tests.

mod client;
mod crates;
mod cycles;
mod dependencies;
mod files;
mod front_end;
mod layout;
mod links;
mod machine;
mod modules;
mod named;
mod tree;
mod violation;

use anyhow::{Result, bail};

use crate::project::Project;
use tree::Tree;
use violation::Violation;

const RULES: &[fn(&Tree) -> Vec<Violation>] = &[
    layout::top_level,
    layout::no_mod_rs,
    files::module_docs,
    files::length,
    crates::edges,
    crates::guarded,
    crates::daemon_named_once,
    cycles::modules,
    machine::paths,
    machine::registries,
    front_end::locked,
    front_end::licences,
    client::stands_alone,
    dependencies::explained,
    links::lead_somewhere,
    named::are_there,
];

/// `cargo xtask tidy`.
pub(crate) fn run(project: &Project) -> Result<()> {
    let tree = Tree::read(project)?;
    let mut violations: Vec<Violation> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    violations.sort();
    for violation in &violations {
        eprintln!("{violation}");
    }
    match violations.len() {
        0 => Ok(()),
        1 => bail!("tidy: 1 offence"),
        count => bail!("tidy: {count} offences"),
    }
}
