//! `webtty screen`: what a session's terminal shows.

use webtty_protocol::screen::ScreenFormat;

use crate::choice;
use crate::cli::ScreenArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::print_bytes;

pub(crate) async fn run(context: &Context, args: ScreenArgs) -> Result<u8, Failure> {
    let client = context.client().await?;
    let format = match &args {
        ScreenArgs { ansi: true, .. } => ScreenFormat::Ansi,
        ScreenArgs { html: true, .. } => ScreenFormat::Html,
        ScreenArgs { json: true, .. } => ScreenFormat::Json,
        _ => ScreenFormat::Text,
    };
    let id = choice::here_or_only(&client, args.id, "its id").await?;
    let history = usize::try_from(args.history).unwrap_or(usize::MAX);
    match client.screen(&id, format, history).await {
        Ok(screen) => print_bytes(&screen).map(|()| 0),
        Err(error) => Err(Failure::from(error).of_session(&id)),
    }
}
