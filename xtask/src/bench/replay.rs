//! A shell that shows a file each time it is asked to, and says when that is done.

use std::path::Path;

/// What the shell prints once it waits to be asked.
pub(crate) const READY: &str = "<ready>";

/// Asks for the file, once.
pub(crate) const GO: &[u8] = b"\n";

/// The command. Nothing it shows may hold a `<`.
pub(crate) fn command(file: &Path) -> [String; 3] {
    let script = format!(
        "stty -echo; printf '{READY}'; n=0; while read line; do n=$((n+1)); cat '{}'; \
         printf '<end-%d>' $n; done",
        file.display()
    );
    ["/bin/sh".to_owned(), "-c".to_owned(), script]
}

/// What follows the file when it is shown for the `count`-th time.
pub(crate) fn end(count: usize) -> String {
    format!("<end-{count}>")
}
