//! The fuzz target's seeds, as a test that needs no fuzzer: what it once found stays found.

#[path = "common/trial.rs"]
mod trial;

use std::path::Path;

#[test]
fn every_seed_passes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../webtty-fuzz/seeds/terminal");
    let files = std::fs::read_dir(folder).expect("the seeds");
    let mut count = 0;
    for file in files {
        let path = file.expect("a file").path();
        println!("{}", path.display());
        trial::run(&std::fs::read(path).expect("a seed"));
        count += 1;
    }
    assert!(count > 20, "{count} seeds");
}
