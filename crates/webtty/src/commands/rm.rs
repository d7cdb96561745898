//! `webtty rm`: end sessions.

use crate::cli::RmArgs;
use crate::context::Context;
use crate::failure::{Failure, NO_SESSION, Said};
use crate::output::{say, say_failure};

pub(crate) async fn run(context: &Context, args: RmArgs) -> Result<u8, Failure> {
    let client = context.client().await?;
    let mut last: Option<Box<Said>> = None;
    for id in &args.ids {
        match client.delete_session(id).await {
            Ok(_) => say(&format!("ended {id}")),
            Err(error) => {
                let Failure::Said(said) = Failure::from(error).of_session(id) else {
                    continue;
                };
                // One session that is not there does not keep the others; anything else would
                // fail for them too.
                if said.code != NO_SESSION {
                    return Err(Failure::Said(said));
                }
                if let Some(earlier) = last.replace(said) {
                    say_failure(&earlier);
                }
            }
        }
    }
    match last {
        None => Ok(0),
        Some(said) => Err(Failure::Said(said)),
    }
}
