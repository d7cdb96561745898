//! `webtty send`: keys, text and pastes into a session.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use webtty_protocol::input::SessionInput;
use webtty_protocol::limits::MAX_JSON_BODY_BYTES;

use crate::choice;
use crate::cli::programs::SendArgs;
use crate::context::Context;
use crate::failure::{Failure, USAGE};
use crate::output::print;

pub(crate) async fn run(context: &Context, args: SendArgs) -> Result<u8, Failure> {
    if args.paste.is_none() && args.text.is_none() && args.keys.is_empty() {
        let failure = Failure::new(USAGE, "there is nothing to send");
        return Err(failure.hint("give keys, --text or --paste"));
    }
    let paste = match &args.paste {
        Some(file) => Some(read(context, file)?),
        None => None,
    };
    let client = context.client().await?;
    let id = choice::here_or_only(&client, args.session, "-s ID").await?;
    let input = SessionInput {
        paste,
        text: args.text,
        keys: args.keys,
    };
    let typed = client.type_into(&id, &input).await;
    let typed = typed.map_err(|error| Failure::from(error).of_session(&id))?;
    if args.json {
        let json = serde_json::to_string(&typed).expect("a number is JSON");
        print(&format!("{json}\n"))?;
    }
    Ok(0)
}

/// What is to be pasted. One that is too long is refused here, before it is sent in vain.
fn read(context: &Context, file: &Path) -> Result<String, Failure> {
    let is_stdin = file == Path::new("-");
    if is_stdin && context.takes_stdin() {
        let message = "standard input cannot hold both the token and the paste";
        return Err(Failure::new(USAGE, message));
    }
    let most = MAX_JSON_BODY_BYTES as u64;
    let mut text = String::new();
    let count = if is_stdin {
        io::stdin().lock().take(most).read_to_string(&mut text)
    } else {
        File::open(file).and_then(|file| file.take(most).read_to_string(&mut text))
    };
    let count = count.map_err(|error| Failure::io(file.display(), &error))?;
    if count as u64 >= most {
        let message = format!(
            "{} is longer than a paste may be, {most} bytes",
            file.display()
        );
        return Err(Failure::plain(message));
    }
    Ok(text)
}
