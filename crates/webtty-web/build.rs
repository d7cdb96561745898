//! Makes cargo embed the page anew whenever its built files change.

use std::path::Path;

fn main() {
    // An empty directory is enough to watch. A path that is missing would count as changed at
    // every build, and relink the whole program each time.
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("dist");
    std::fs::create_dir_all(&dist).expect("creating the directory of the built page");
    println!("cargo::rerun-if-changed=dist");
    println!("cargo::rerun-if-changed=build.rs");
}
