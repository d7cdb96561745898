//! Programs beside a session's shell: where they run, and how they are kept apart.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::unistd::setsid;

static ALONE: Mutex<()> = Mutex::new(());

/// Held while a program is started that would inherit any descriptor, and while one exists that
/// none must inherit and that has not been marked so yet: a PTY is opened in two steps, and a
/// program started in between could type into another session's terminal.
pub fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a session's programs run, and with which environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// The directory they start in.
    pub dir: PathBuf,
    /// Their whole environment.
    pub environment: BTreeMap<OsString, OsString>,
}

impl Surroundings {
    /// A program that is to run in them, with all three streams piped and without a terminal. It
    /// is to be started while [`alone`] is held.
    ///
    /// It leads a session of the system's own, so it reaches no terminal that the daemon may have
    /// been started on, and [`Ladder`](crate::processes::Ladder) finds all that it starts.
    pub fn command(self, program: &str, args: &[String]) -> Command {
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(self.dir)
            .env_clear()
            .envs(self.environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // SAFETY: setsid(2) may be called between fork and exec (signal-safety(7)), and touches no
        // memory of this process. The standard library has no stable way to ask for it.
        unsafe {
            command.pre_exec(|| setsid().map(drop).map_err(io::Error::from));
        }
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processes::left_behind;

    #[test]
    fn a_program_has_the_directory_and_the_environment_and_a_session_of_its_own() {
        let surroundings = Surroundings {
            dir: "/usr".into(),
            environment: [("PATH", "/usr/bin:/bin"), ("MARK", "here")]
                .map(|(name, value)| (name.into(), value.into()))
                .into(),
        };
        let script = "pwd; echo $MARK; cut -d' ' -f6 /proc/$$/stat; echo $$; echo ${HOME-none}";
        let mut command = surroundings.command("sh", &["-c".to_owned(), script.to_owned()]);
        let child = command.spawn().expect("spawned");
        let pid = child.id();
        let output = child.wait_with_output().expect("ended");
        let text = String::from_utf8(output.stdout).expect("text");
        assert_eq!(text, format!("/usr\nhere\n{pid}\n{pid}\nnone\n"));
        assert!(!left_behind(pid));
    }
}
