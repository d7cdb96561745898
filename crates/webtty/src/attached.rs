//! Showing a session in this terminal and typing into it, until one of the two ends.

pub(crate) mod end;
mod notices;
mod pump;
mod typing;

use tokio::time::timeout;
use webtty_client::{AttachOptions, Attachment, Client};
use webtty_protocol::SessionId;

use crate::failure::Failure;
use crate::limits::GOODBYE_TIMEOUT;
use crate::output::say;
use crate::terminal::signals::Signals;
use crate::terminal::{self, RawMode};
use end::End;

/// How to attach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// To a session made just now.
    Fresh,
    /// To look and type.
    Control,
    /// Only to look.
    View,
}

/// Attaches to a session until it ends or is left; answers with the exit code of this command.
pub(crate) async fn attach(client: &Client, id: &SessionId, how: How) -> Result<u8, Failure> {
    let view = how == How::View;
    // From here on a signal ends this in order.
    let mut signals =
        Signals::new().map_err(|error| Failure::io("listening for signals", &error))?;
    let options = AttachOptions {
        size: if view { None } else { terminal::size() },
        view,
        ..AttachOptions::default()
    };
    let attachment = client
        .attach(id, options)
        .await
        .map_err(|error| Failure::from(error).of_session(id))?;
    let asks = if view || attachment.hello.role.may_control() {
        ""
    } else {
        ", then a asks to type"
    };
    say(&format!(
        "[attached to {id}; Ctrl-\\ then d detaches{asks}]"
    ));
    let raw = RawMode::enter()?;
    let (id, end) = show(attachment, how == How::Fresh, &mut signals).await;
    drop(raw);
    Ok(end?.tell(&id))
}

/// Refuses to attach inside a session: its output would be shown in itself, and its keys could
/// not be told from ours.
pub(crate) fn refuse_nested(instead: &str) -> Result<(), Failure> {
    let inside = std::env::var(webtty_protocol::names::ENV_SESSION).unwrap_or_default();
    if inside.is_empty() {
        return Ok(());
    }
    Err(Failure::plain(format!(
        "this already runs inside the session {}",
        crate::output::harmless(&inside)
    ))
    .hint(instead))
}

/// Shows a session, whose id may become another meanwhile.
async fn show(
    attachment: Attachment,
    fresh: bool,
    signals: &mut Signals,
) -> (SessionId, Result<End, Failure>) {
    let Attachment {
        hello,
        mut output,
        mut input,
    } = attachment;
    let mut screen = pump::Screen::new(hello.session, fresh);
    screen.let_clipboard(hello.clipboard);
    let typing = typing::Typing {
        input: &mut input,
        // Who may only look would be sent away for trying more.
        allowed: hello.role.may_control(),
    };
    let end = pump::both_ways(&mut output, typing, &mut screen, signals).await;
    // Whatever happened, the terminal is given back in order and the daemon told; neither may
    // hold us up.
    let _stuck = timeout(GOODBYE_TIMEOUT, screen.leave()).await;
    let _stuck = timeout(GOODBYE_TIMEOUT, input.close()).await;
    (screen.session, end)
}
