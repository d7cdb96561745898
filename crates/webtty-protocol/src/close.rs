//! WebSocket close codes, from RFC 6455 section 7.4.1 and webtty's own in the 4000 range.

use std::fmt;

/// A reason to close a socket, with the code it has on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Close {
    /// 1000: the client asked for it.
    Normal,
    /// 1001: the daemon stops.
    Stopping,
    /// 1003: a message of a kind this socket does not take.
    Unsupported,
    /// 1008: a message that does not mean anything here.
    Policy,
    /// 1009: a message over the size limit.
    TooBig,
    /// 4001: there is no session of that id.
    SessionUnknown,
    /// 4001: the session was deleted.
    SessionDeleted,
    /// 4001: the session's shell exited.
    ShellExited,
    /// 4002: the session has no running PTY.
    NotRunning,
    /// 4003: the credential was revoked, or its role is too low for what was sent.
    Forbidden,
    /// 4008: the subscriber fell out of the backlog.
    Lagged,
    /// 4009: a heartbeat or write deadline was missed.
    Deadline,
    /// 4029: too many connections.
    TooMany,
}

impl Close {
    /// Every reason, in the order of the codes.
    pub const ALL: [Self; 13] = [
        Self::Normal,
        Self::Stopping,
        Self::Unsupported,
        Self::Policy,
        Self::TooBig,
        Self::SessionUnknown,
        Self::SessionDeleted,
        Self::ShellExited,
        Self::NotRunning,
        Self::Forbidden,
        Self::Lagged,
        Self::Deadline,
        Self::TooMany,
    ];

    /// The code on the wire.
    pub const fn code(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::Stopping => 1001,
            Self::Unsupported => 1003,
            Self::Policy => 1008,
            Self::TooBig => 1009,
            Self::SessionUnknown | Self::SessionDeleted | Self::ShellExited => 4001,
            Self::NotRunning => 4002,
            Self::Forbidden => 4003,
            Self::Lagged => 4008,
            Self::Deadline => 4009,
            Self::TooMany => 4029,
        }
    }

    /// The reason as sent: a short phrase for people, at most 123 bytes.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Normal => "bye",
            Self::Stopping => "server stopped",
            Self::Unsupported => "this socket takes no messages",
            Self::Policy => "message not understood",
            Self::TooBig => "message too big",
            Self::SessionUnknown => "no such session",
            Self::SessionDeleted => "session deleted",
            Self::ShellExited => "shell exited",
            Self::NotRunning => "PTY not running",
            Self::Forbidden => "not allowed with this credential",
            Self::Lagged => "fell too far behind",
            Self::Deadline => "took nothing for too long",
            Self::TooMany => "too many connections",
        }
    }
}

impl fmt::Display for Close {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.code(), self.reason())
    }
}
