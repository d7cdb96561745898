//! `webtty attach`: show a session in this terminal and type into it.

use crate::attached;
use crate::choice;
use crate::cli::AttachArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::terminal;

pub(crate) async fn run(context: &Context, args: AttachArgs) -> Result<u8, Failure> {
    attached::refuse_nested("detach from it first, or use another terminal")?;
    if !terminal::is_interactive() {
        return Err(Failure::plain("attach needs a terminal on both sides")
            .hint("`webtty events` and `webtty publish` work in pipes"));
    }
    let client = context.client().await?;
    let id = choice::only(&client, args.id, "`webtty attach ID`").await?;
    let how = if args.view {
        attached::How::View
    } else {
        attached::How::Control
    };
    attached::attach(&client, &id, how).await
}
