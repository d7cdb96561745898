//! `webtty size`: whose window a session has the size of.

use webtty_protocol::rest::{ChangeSession, SessionInfo};

use crate::choice;
use crate::cli::SizeArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::print;
use crate::size_setting::SizeSetting;

pub(crate) async fn run(context: &Context, args: SizeArgs) -> Result<u8, Failure> {
    let client = context.client().await?;
    let id = choice::only(&client, args.id, "its id").await?;
    let answer = match args.setting {
        None => client.session(&id).await,
        Some(SizeSetting { policy, size }) => {
            let (cols, rows) = size.unzip();
            let wish = ChangeSession {
                size_policy: Some(policy),
                cols,
                rows,
                ..ChangeSession::default()
            };
            client.change_session(&id, &wish).await
        }
    };
    let session = answer.map_err(|error| Failure::from(error).of_session(&id))?;
    if args.json {
        let json = serde_json::to_string_pretty(&session)
            .map_err(|error| Failure::plain(format!("writing JSON: {error}")))?;
        print(&format!("{json}\n"))?;
    } else {
        print(&format!("{}\n", describe(&session)))?;
    }
    Ok(0)
}

fn describe(session: &SessionInfo) -> String {
    let policy = session.size_policy.name();
    format!("{}x{} {policy}", session.cols, session.rows)
}
