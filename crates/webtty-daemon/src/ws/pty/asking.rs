//! Who asks to type and who was let, as it is told to viewers who may answer.

use tokio::sync::watch;
use webtty_core::Session;
use webtty_core::handover::Handover;
use webtty_core::presence::Present;
use webtty_protocol::control::ControlState;
use webtty_protocol::pty::ServerMessage;

/// What a viewer was told of it.
pub(super) struct Asking {
    handover: watch::Receiver<Handover>,
    /// Their names are theirs to change.
    present: watch::Receiver<Present>,
    told: ControlState,
    /// May it answer?
    answers: bool,
}

impl Asking {
    /// Nothing yet: nobody asks, and nobody was let.
    pub(super) fn new(session: &Session) -> Self {
        Self {
            handover: session.watchers().handover(),
            present: session.watchers().watch(),
            told: ControlState::default(),
            answers: false,
        }
    }

    /// May the viewer answer, so that changes are of interest?
    pub(super) fn answers(&self) -> bool {
        self.answers
    }

    /// What there is to tell a viewer that may answer, or may not.
    pub(super) fn news(&mut self, session: &Session, may_answer: bool) -> Option<ServerMessage> {
        let changed = self.handover.has_changed().unwrap_or(false)
            || self.present.has_changed().unwrap_or(false);
        if !changed && self.answers == may_answer {
            return None;
        }
        self.handover.mark_unchanged();
        self.present.mark_unchanged();
        self.answers = may_answer;
        let state = if may_answer {
            session.watchers().control_state()
        } else {
            ControlState::default()
        };
        if state == self.told {
            return None;
        }
        self.told = state.clone();
        Some(ServerMessage::Control(state))
    }

    /// Waits until there may be something to tell; that somebody has another name is found by
    /// who waits for changes of presence.
    pub(super) async fn changed(&mut self) {
        match self.handover.changed().await {
            Ok(()) => self.handover.mark_changed(),
            Err(_) => std::future::pending().await,
        }
    }
}
