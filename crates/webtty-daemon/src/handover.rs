//! Control on loan, as the daemon sees it: who may lend it, and how long a loan is good.

use webtty_core::Session;
use webtty_core::clock::now_ms;
use webtty_core::handover::Loan;
use webtty_core::presence::NotLent;
use webtty_protocol::control::ControlAction;
use webtty_protocol::limits::MAX_LOAN_SECONDS;

use crate::app::App;
use crate::keys::Grant;

/// Lets a connection type, does not, or no longer. `grant` is that of who decides, and has been
/// found to allow typing.
///
/// # Errors
/// When a loan was not made.
pub(crate) fn act(
    app: &App,
    grant: &Grant,
    session: &Session,
    client: u64,
    action: ControlAction,
    seconds: Option<u64>,
) -> Result<(), NotLent> {
    let watchers = session.watchers();
    match action {
        ControlAction::Grant => {
            let now = now_ms();
            let wanted = seconds.map(|seconds| {
                let seconds = seconds.clamp(1, MAX_LOAN_SECONDS);
                now.saturating_add(seconds * 1000)
            });
            // Nobody gives more than they have.
            let until = wanted.into_iter().chain(app.keys.expiry(grant)).min();
            let loan = Loan {
                client,
                lender: grant.key.clone(),
                until,
            };
            watchers.lend(loan, now)?;
            tracing::info!(session = %session.id(), client, until, "control lent");
        }
        ControlAction::Deny => watchers.change_handover(|all| all.deny(client)),
        ControlAction::TakeBack => {
            watchers.change_handover(|all| all.take_back(client));
            tracing::info!(session = %session.id(), client, "control taken back");
        }
    }
    Ok(())
}

/// Until when a connection was let type (none: until that is taken back), if it was, that is not
/// over, and who let it could still do so.
pub(crate) fn lent_until(app: &App, session: &Session, client: u64) -> Option<Option<u64>> {
    let handover = session.watchers().handover();
    let loan = handover.borrow().loan(client, now_ms()).cloned()?;
    is_good(app, &loan).then_some(loan.until)
}

/// Could who let a connection type still do so?
pub(crate) fn is_good(app: &App, loan: &Loan) -> bool {
    let lender = Grant {
        key: loan.lender.clone(),
        ..Grant::owner()
    };
    let lender = app.keys.current(&lender);
    lender.is_some_and(|lender| lender.role.may_control())
}
