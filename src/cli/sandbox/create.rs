//! `dp sandbox create`: a sandbox without an agent running in it.

use super::super::output::answer;
use super::super::{Context, Result};
use super::agent;
use super::enter::Gathered;
use super::options::SandboxOptions;
use super::plan::{Created, rehearse};
use clap::Args;

/// Create and start a sandbox without running an agent in it
#[derive(Debug, Args)]
pub(in crate::cli) struct CreateArgs {
    #[command(flatten)]
    options: SandboxOptions,
    /// Say what would be done and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Agent that the sandbox is for
    agent: Option<String>,
}

pub(super) async fn run(ctx: &Context, args: CreateArgs) -> Result<u8> {
    let agent = agent::choose(ctx, args.agent)?;
    let gathered = Gathered::new(ctx, &args.options, agent.into()).await?;
    if args.dry_run {
        return answer(ctx, &rehearse(&gathered, &args.options).await?);
    }
    let plan = gathered.plan(args.options.recreate).await?;
    let ready = gathered.apply(ctx, plan, &args.options).await?;
    answer(ctx, &Created::new(&ready))
}
