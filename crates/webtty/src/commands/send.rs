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
    let input = SessionInput {
        paste,
        text: args.text,
        keys: args.keys,
    };
    check_size(&input)?;
    let client = context.client().await?;
    let id = choice::here_or_only(&client, args.session, "-s ID").await?;
    let typed = client.type_into(&id, &input).await;
    let typed = typed.map_err(|error| Failure::from(error).of_session(&id))?;
    if args.json {
        let json = serde_json::to_string(&typed).expect("a number is JSON");
        print(&format!("{json}\n"))?;
    }
    Ok(0)
}

/// What is to be pasted.
fn read(context: &Context, file: &Path) -> Result<String, Failure> {
    let is_stdin = file == Path::new("-");
    if is_stdin && context.takes_stdin() {
        let message = "standard input cannot hold both the token and the paste";
        return Err(Failure::new(USAGE, message));
    }
    let most = MAX_JSON_BODY_BYTES as u64;
    let mut bytes = Vec::new();
    let read = if is_stdin {
        io::stdin().lock().take(most + 1).read_to_end(&mut bytes)
    } else {
        File::open(file).and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::io(file.display(), &error))?;
    if bytes.len() > MAX_JSON_BODY_BYTES {
        let message = format!(
            "{} is longer than a paste may be, {most} bytes",
            file.display()
        );
        return Err(Failure::plain(message));
    }
    String::from_utf8(bytes)
        .map_err(|_| Failure::plain(format!("{} is not UTF-8 text", file.display())))
}

/// What is too long is refused here, by the daemon's measure, before it is sent in vain.
fn check_size(input: &SessionInput) -> Result<(), Failure> {
    let json = serde_json::to_vec(input).expect("texts are JSON");
    if json.len() <= MAX_JSON_BODY_BYTES {
        return Ok(());
    }
    let message = format!(
        "this is {} bytes as JSON, with its line ends and quotes escaped, and \
         {MAX_JSON_BODY_BYTES} may be sent at once",
        json.len()
    );
    Err(Failure::plain(message).hint("send it in pieces"))
}
