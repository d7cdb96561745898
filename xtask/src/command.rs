//! Running other programs, and saying it well when one fails.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

/// A program with its arguments, without standard input: nothing here asks questions.
pub(crate) fn program(name: impl AsRef<OsStr>, args: &[&str], dir: &Path) -> Command {
    let mut command = Command::new(name);
    command.args(args).current_dir(dir).stdin(Stdio::null());
    command
}

/// The cargo that runs this task.
pub(crate) fn cargo(args: &[&str], dir: &Path) -> Command {
    program(
        env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
        args,
        dir,
    )
}

/// Runs a program to its end; anything but success is an error that names it.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let shown = shown(&command);
    let status = command
        .status()
        .map_err(|error| not_started(&shown, error))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Starts cargo so that it has the processors only while nothing else wants them.
pub(crate) fn cargo_behind(args: &[&str], dir: &Path) -> Result<Behind> {
    start_behind(&cargo(args, dir))
}

/// A command's environment is not taken along: there is none of its own so far.
fn start_behind(command: &Command) -> Result<Behind> {
    let shown = shown(command);
    let dir = command.get_current_dir().unwrap_or(Path::new("."));
    let mut nice = program("nice", &["-n", "19"], dir);
    nice.arg(command.get_program()).args(command.get_args());
    let child = nice.spawn();
    let child = child.map_err(|error| not_started(&format!("nice -n 19 {shown}"), error))?;
    Ok(Behind { child, shown })
}

/// A program that runs while others do.
pub(crate) struct Behind {
    child: Child,
    shown: String,
}

impl Behind {
    /// Waits for its end; anything but success is an error that names it.
    pub(crate) fn finish(mut self) -> Result<()> {
        let status = self.child.wait();
        let status = status.with_context(|| format!("waiting for `{}`", self.shown))?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.shown);
        }
        Ok(())
    }
}

/// Runs a program to its end and returns what it wrote to standard output.
pub(crate) fn output(mut command: Command) -> Result<String> {
    let shown = shown(&command);
    let output = command
        .output()
        .map_err(|error| not_started(&shown, error))?;
    if !output.status.success() {
        let talk = String::from_utf8_lossy(&output.stderr);
        bail!("`{shown}` failed ({}): {}", output.status, talk.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("reading the output of `{shown}`"))
}

/// Whether a program runs and succeeds; its output is of no interest.
pub(crate) fn succeeds(mut command: Command) -> bool {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

/// The first of these programs on the search path.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let dirs: Vec<PathBuf> = env::split_paths(&path).collect();
    names.iter().find_map(|name| {
        dirs.iter()
            .map(|dir| dir.join(name))
            .find(|file| file.is_file())
    })
}

/// Takes out of a command's environment what `cargo run` put there: a shell started from it
/// must look like one that was not.
pub(crate) fn without_cargo_environment(command: &mut Command, target: &Path) {
    const SET_BY_CARGO: &[&str] = &[
        "CARGO_BIN_",
        "CARGO_CRATE_",
        "CARGO_MANIFEST_",
        "CARGO_PKG_",
        "RUST_RECURSION_COUNT",
        "RUSTUP_TOOLCHAIN",
    ];
    for (name, _) in env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text == "CARGO"
            || SET_BY_CARGO
                .iter()
                .any(|prefix| name_text.starts_with(prefix))
        {
            command.env_remove(&name);
        }
    }
    if let Some(path) = env::var_os("LD_LIBRARY_PATH") {
        match library_path_without(&path, target) {
            Some(kept) => command.env("LD_LIBRARY_PATH", kept),
            None => command.env_remove("LD_LIBRARY_PATH"),
        };
    }
}

fn library_path_without(path: &OsStr, target: &Path) -> Option<OsString> {
    let kept: Vec<PathBuf> = env::split_paths(path)
        .filter(|dir| !dir.as_os_str().is_empty() && !dir.starts_with(target))
        .filter(|dir| {
            !dir.components()
                .any(|part| part.as_os_str() == "toolchains")
        })
        .collect();
    if kept.is_empty() {
        None
    } else {
        env::join_paths(kept).ok()
    }
}

fn shown(command: &Command) -> String {
    let name = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let mut words = vec![name.to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .map(|arg| arg.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

fn not_started(shown: &str, error: std::io::Error) -> anyhow::Error {
    let name = shown.split(' ').next().unwrap_or(shown);
    if error.kind() == ErrorKind::NotFound {
        anyhow::anyhow!("`{name}` is not installed (needed for `{shown}`)")
    } else {
        anyhow::Error::new(error).context(format!("starting `{shown}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_program_and_its_status() {
        let error = run(program("sh", &["-c", "exit 3"], Path::new("."))).unwrap_err();
        assert_eq!(error.to_string(), "`sh -c exit 3` failed (exit status: 3)");
    }

    #[test]
    fn what_runs_behind_is_waited_for_and_its_failure_named() {
        let behind = |script| start_behind(&program("sh", &["-c", script], Path::new(".")));
        assert!(
            behind("[ $(nice) = 19 ]")
                .expect("started")
                .finish()
                .is_ok()
        );
        let error = behind("exit 4").expect("started").finish().unwrap_err();
        assert_eq!(error.to_string(), "`sh -c exit 4` failed (exit status: 4)");
    }

    #[test]
    fn a_missing_program_is_said_to_be_missing() {
        let error = run(program("no-such-program", &["-v"], Path::new("."))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`no-such-program` is not installed (needed for `no-such-program -v`)"
        );
    }

    #[test]
    fn only_cargos_own_library_directories_are_taken_out() {
        let target = Path::new("/p/target");
        let path = OsStr::new("/p/target/debug/deps:/r/toolchains/stable/lib:/opt/lib");
        assert_eq!(library_path_without(path, target), Some("/opt/lib".into()));
        assert_eq!(
            library_path_without(OsStr::new("/p/target/debug"), target),
            None
        );
    }
}
