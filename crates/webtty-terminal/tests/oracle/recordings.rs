//! Output of real programs, recorded once. The name of a file ends in its size.

use std::path::Path;

use crate::driver::{Script, Step, folder};

/// Bytes of one step: about what a read of a PTY brings while a program draws.
const STEP: usize = 1500;

/// Every recording, as it is and with other sizes in between.
pub(crate) fn all() -> Vec<Script> {
    let files = std::fs::read_dir(folder().join("recordings")).expect("the recordings");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    let scripts = paths
        .iter()
        .flat_map(|path| [script(path, false), script(path, true)]);
    scripts.collect()
}

fn script(path: &Path, resized: bool) -> Script {
    let name = path.file_stem().expect("a name").to_string_lossy();
    let size = name.rsplit_once('.').expect("a size").1;
    let (cols, rows) = size.split_once('x').expect("COLSxROWS");
    let size = (cols.parse().expect("columns"), rows.parse().expect("rows"));
    let bytes = std::fs::read(path).expect("a recording");
    let mut steps = Vec::new();
    for (i, piece) in pieces(&bytes).into_iter().enumerate() {
        steps.push(Step::Feed(piece.to_vec()));
        if resized && i % 3 == 1 {
            let (cols, rows) = if i % 2 == 0 { (50, 12) } else { (100, 30) };
            steps.push(Step::Resize(cols, rows));
        }
    }
    Script {
        name: format!("{name}{}", if resized { ", resized" } else { "" }),
        size,
        steps,
    }
}

/// Pieces that end between characters: xterm.js loses a character that comes in two pieces if
/// its second byte is 0x80.
fn pieces(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let inside = |at: &usize| bytes.get(*at).is_some_and(|byte| byte & 0xC0 == 0x80);
        let mut end = STEP.min(bytes.len());
        while inside(&end) {
            end += 1;
        }
        let (piece, rest) = bytes.split_at(end);
        out.push(piece);
        bytes = rest;
    }
    out
}
