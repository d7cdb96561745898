//! `webtty publish`: send JSON lines into a session's event channel.

use std::path::Path;

use tokio::fs::File;
use tokio::io::AsyncRead;
use webtty_client::Published;
use webtty_protocol::limits::MAX_REPORTED_REJECTIONS;
use webtty_protocol::rest::PublishReport;

use crate::choice;
use crate::cli::PublishArgs;
use crate::context::Context;
use crate::failure::{Failure, USAGE};
use crate::output::{harmless, say};

pub(crate) async fn run(context: &Context, args: PublishArgs) -> Result<u8, Failure> {
    let file = args.file.as_deref().filter(|path| *path != Path::new("-"));
    if file.is_none() && context.takes_stdin() {
        return Err(Failure::new(
            USAGE,
            "standard input cannot hold both the token and the lines",
        ));
    }
    let lines = source(file).await?;
    let client = context.client().await?;
    let id = choice::here_or_only(&client, args.session, "-s ID").await?;
    let published = client.publish(&id, lines).await;
    match published.map_err(|error| Failure::from(error).of_session(&id))? {
        Published::All => Ok(0),
        Published::Partly(report) => {
            for rejected in &report.rejected {
                say(&format!(
                    "line {}: {}",
                    rejected.line,
                    harmless(&rejected.reason)
                ));
            }
            if args.lax {
                return Ok(0);
            }
            Err(Failure::plain(summary(&report)).hint("--lax makes this no failure"))
        }
    }
}

fn summary(report: &PublishReport) -> String {
    let listed = report.rejected.len();
    let rejected = if listed >= MAX_REPORTED_REJECTIONS {
        format!("{listed} lines or more were")
    } else if listed == 1 {
        "1 line was".to_owned()
    } else {
        format!("{listed} lines were")
    };
    format!("{rejected} rejected, {} sent", report.accepted)
}

/// What is read: a file, or standard input as it comes.
async fn source(file: Option<&Path>) -> Result<Box<dyn AsyncRead + Send + Unpin>, Failure> {
    match file {
        None => Ok(Box::new(tokio::io::stdin())),
        Some(path) => match File::open(path).await {
            Ok(file) => Ok(Box::new(file)),
            Err(error) => Err(Failure::io(path.display(), &error)),
        },
    }
}
