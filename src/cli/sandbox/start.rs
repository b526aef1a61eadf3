//! `dp sandbox start`.

use super::super::{Context, Result};
use super::stop::{Done, select};
use crate::sandbox::channel;
use crate::sandbox::existing::Selector;
use clap::Args;

/// Start sandboxes that were stopped
#[derive(Debug, Args)]
pub(in crate::cli) struct StartArgs {
    /// Names, IDs or directories
    #[arg(required = true, value_name = "SANDBOX")]
    sandboxes: Vec<Selector>,
}

pub(super) async fn run(ctx: &Context, args: &StartArgs) -> Result<Done> {
    let engine = ctx.engine()?;
    let mut names = Vec::new();
    for sandbox in select(&engine, &args.sandboxes).await? {
        if let Some(directory) = sandbox.socket_directory() {
            crate::config::private_directory(directory)?;
        }
        if sandbox.state == "paused" {
            engine.unpause_container(&sandbox.id).await?;
        } else {
            engine.start_container(&sandbox.id).await?;
        }
        channel::open(&engine, &sandbox, true).await?;
        names.push(sandbox.name);
    }
    Ok(Done::new("started", names))
}
