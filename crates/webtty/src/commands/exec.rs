//! `webtty exec`: a program beside a session's shell, with this command's streams and exit code.

use std::io::{self, ErrorKind, Write};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncRead, empty, stdin};
use tokio::signal::ctrl_c;
use webtty_client::{Error, Execution};
use webtty_protocol::execute::{Execute, ExecuteExit, ExecuteLine, Stream};

use crate::choice;
use crate::cli::programs::ExecArgs;
use crate::context::Context;
use crate::failure::{FAILURE, Failure, INTERRUPTED, USAGE};
use crate::output::print_bytes;

pub(crate) async fn run(context: &Context, args: ExecArgs) -> Result<u8, Failure> {
    if !args.no_stdin && context.takes_stdin() {
        let message = "standard input cannot hold both the token and the program's input";
        return Err(Failure::new(USAGE, message).hint("-n gives the program no input"));
    }
    let client = context.client().await?;
    let id = choice::here_or_only(&client, args.id, "its id").await?;
    let mut words = args.cmd.into_iter();
    let wish = Execute {
        cmd: words.next().unwrap_or_default(),
        args: words.collect(),
        stdin: None,
    };
    let input: Box<dyn AsyncRead + Send + Unpin> = if args.no_stdin {
        Box::new(empty())
    } else {
        Box::new(stdin())
    };
    let running = async {
        let execution = client.execute(&id, &wish, Some(input)).await;
        let execution = execution.map_err(|error| Failure::from(error).of_session(&id))?;
        follow(execution, args.json).await
    };
    // Leaving drops the connection, and that ends the program.
    tokio::select! {
        ended = running => ended,
        _ = ctrl_c() => Ok(INTERRUPTED),
    }
}

async fn follow(mut execution: Execution, json: bool) -> Result<u8, Failure> {
    while let Some(line) = execution.next().await? {
        if json {
            let mut text = serde_json::to_vec(&line).expect("text and numbers are JSON");
            text.push(b'\n');
            print_bytes(&text)?;
        }
        let (stream, bytes) = match line {
            ExecuteLine::Text { stream, data } => (stream, data.into_bytes()),
            ExecuteLine::Bytes { stream, base64 } => (stream, decoded(&base64)?),
            ExecuteLine::Exit(exit) => return ended(&exit),
        };
        match stream {
            _ if json => {}
            Stream::Stdout => print_bytes(&bytes)?,
            Stream::Stderr => complain(&bytes)?,
        }
    }
    Err(Failure::plain(
        "the daemon said nothing of the program's end",
    ))
}

fn decoded(base64: &str) -> Result<Vec<u8>, Failure> {
    let unknown = |error: base64::DecodeError| Error::VersionSkew {
        what: error.to_string(),
    };
    Ok(BASE64_STANDARD.decode(base64).map_err(unknown)?)
}

/// Writes what the program says of its troubles.
fn complain(bytes: &[u8]) -> Result<(), Failure> {
    match io::stderr().lock().write_all(bytes) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::io("writing to standard error", &error))
        }
        _ => Ok(()),
    }
}

/// The exit code of a shell that has run the program.
fn ended(exit: &ExecuteExit) -> Result<u8, Failure> {
    match (exit.code.as_deref(), &exit.error) {
        // It has said so on its standard error.
        (Some("ENOENT"), _) => Ok(127),
        (Some(_), _) => Ok(126),
        (None, Some(why)) => Err(Failure::plain(format!("the program was ended: {why}"))),
        (None, None) => Ok(u8::try_from(exit.exit & 0xff).unwrap_or(FAILURE)),
    }
}
