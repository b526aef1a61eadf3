//! `dp sandbox restart`.

use super::super::{Context, Result};
use super::start;
use super::stop::{Done, select};
use super::supervise::{Agents, Deed, supervise};
use crate::sandbox::beside;
use crate::sandbox::existing::Selector;
use clap::Args;

/// Stop sandboxes and start them again, or single agents in them
#[derive(Debug, Args)]
#[command(before_long_help = "Examples:\n  \
    dp sandbox restart .                 this directory's sandbox\n  \
    dp sandbox restart --agent worker    only one agent in it, as it was started")]
pub(in crate::cli) struct RestartArgs {
    #[command(flatten)]
    agents: Agents,
    /// Names, IDs or directories [with `--agent`: this directory]
    #[arg(required_unless_present = "agents", value_name = "SANDBOX")]
    sandboxes: Vec<Selector>,
}

pub(super) async fn run(ctx: &Context, args: &RestartArgs) -> Result<Done> {
    if !args.agents.agents.is_empty() {
        let affected = supervise(ctx, &args.sandboxes, &args.agents, Deed::Restart).await?;
        return Ok(Done::to_agents("restarted", affected));
    }
    let engine = ctx.engine()?;
    let mut sandboxes = select(ctx, &engine, &args.sandboxes).await?;
    for sandbox in &mut sandboxes {
        if sandbox.is_active() {
            beside::stop(&engine, sandbox).await?;
            sandbox.state = "exited".into();
        }
    }
    let names = start::start(ctx, &engine, sandboxes).await?;
    Ok(Done::new("restarted", names))
}
