//! What a machine may have none left of when a shell is to start.

use std::io;

use nix::errno::Errno;
use thiserror::Error;

/// Why there cannot be one more shell, though nothing is wrong with it. Each is said in 123 bytes at
/// most, as the end of a WebSocket is (RFC 6455 section 5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Shortage {
    /// As many pseudo-terminals are open as the system has (proc(5), `/proc/sys/kernel/pty/max`).
    #[error(
        "this machine has no pseudo-terminal left: end a session or raise kernel.pty.max, then \
         try again"
    )]
    Terminals,
    /// The daemon, or all programs together, have as many descriptors open as they may.
    #[error(
        "the daemon has no file descriptor left: end a session or raise its `ulimit -n`, then \
         try again"
    )]
    Descriptors,
    /// There may be no more processes and threads.
    #[error(
        "the daemon may start no more processes: end some or raise `ulimit -u`, then try again"
    )]
    Processes,
    /// There is no memory for it.
    #[error("this machine has no memory left: end some program, then try again")]
    Memory,
}

impl Shortage {
    /// The shortage that is the cause of an error, if one is: by what openpty(3), fork(2) and
    /// pipe(2) say.
    pub(crate) fn behind(error: &anyhow::Error) -> Option<Self> {
        let said = error.chain().find_map(|cause| {
            let number = cause
                .downcast_ref::<io::Error>()
                .map(io::Error::raw_os_error);
            let number = number.unwrap_or_default().map(Errno::from_raw);
            number.or_else(|| cause.downcast_ref::<Errno>().copied())
        });
        match said? {
            Errno::ENOSPC => Some(Self::Terminals),
            Errno::EMFILE | Errno::ENFILE => Some(Self::Descriptors),
            Errno::EAGAIN => Some(Self::Processes),
            Errno::ENOMEM => Some(Self::Memory),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn each_fits_into_a_close_frame() {
        use Shortage::{Descriptors, Memory, Processes, Terminals};
        for shortage in [Terminals, Descriptors, Processes, Memory] {
            assert!(shortage.to_string().len() <= 123, "{shortage}");
        }
    }

    #[test]
    fn what_the_system_said_is_found_behind_what_was_said_of_it() {
        let of = |number: Errno| {
            let ours = Err::<(), _>(number).context("a terminal").unwrap_err();
            let theirs = io::Error::from_raw_os_error(number as i32);
            let theirs = Err::<(), _>(theirs).context("a shell").unwrap_err();
            assert_eq!(Shortage::behind(&ours), Shortage::behind(&theirs));
            Shortage::behind(&ours)
        };
        assert_eq!(of(Errno::ENOSPC), Some(Shortage::Terminals));
        assert_eq!(of(Errno::EMFILE), Some(Shortage::Descriptors));
        assert_eq!(of(Errno::ENFILE), Some(Shortage::Descriptors));
        assert_eq!(of(Errno::EAGAIN), Some(Shortage::Processes));
        assert_eq!(of(Errno::ENOMEM), Some(Shortage::Memory));
        assert_eq!(of(Errno::ENOENT), None);
        assert_eq!(Shortage::behind(&anyhow::anyhow!("no such program")), None);
    }
}
