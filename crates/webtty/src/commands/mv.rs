//! `webtty mv`: rename a session.

use webtty_client::Error;
use webtty_protocol::ErrorCode;

use crate::cli::MvArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::say;

pub(crate) async fn run(context: &Context, args: MvArgs) -> Result<u8, Failure> {
    let MvArgs { old, new } = args;
    match context.client().await?.rename_session(&old, &new).await {
        Ok(_) => {
            say(&format!("{old} is {new} now"));
            Ok(0)
        }
        Err(Error::Refused {
            code: Some(ErrorCode::SessionExists),
            ..
        }) => Err(Failure::plain(format!("there is a session {new} already"))
            .hint(format!("`webtty rm {new}` ends it"))),
        Err(error) => Err(Failure::from(error).of_session(&old)),
    }
}
