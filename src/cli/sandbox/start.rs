//! `dp sandbox start`.

use super::super::progress::Progress;
use super::super::{Context, Result};
use super::enter;
use super::stop::{Done, select};
use super::supervise::{Agents, Deed, supervise};
use crate::engine::Engine;
use crate::files::Pins;
use crate::images::{Recipe, authorities};
use crate::sandbox::existing::Selector;
use crate::sandbox::hold::Known;
use crate::sandbox::means::{Means, Pull};
use crate::sandbox::recreate::Halfway;
use crate::sandbox::{Existing, SandboxName, apply, beside, channel};
use clap::Args;

/// Start sandboxes that were stopped, or single agents in them
#[derive(Debug, Args)]
pub(in crate::cli) struct StartArgs {
    #[command(flatten)]
    agents: Agents,
    /// Names, IDs or directories [with `--agent`: this directory]
    #[arg(required_unless_present = "agents", value_name = "SANDBOX")]
    sandboxes: Vec<Selector>,
}

pub(super) async fn run(ctx: &Context, args: &StartArgs) -> Result<Done> {
    if !args.agents.agents.is_empty() {
        let affected = supervise(ctx, &args.sandboxes, &args.agents, Deed::Start).await?;
        return Ok(Done::to_agents("started", affected));
    }
    let engine = ctx.engine()?;
    let sandboxes = select(ctx, &engine, &args.sandboxes).await?;
    let names = Box::pin(start(ctx, &engine, sandboxes)).await?;
    Ok(Done::new("started", names))
}

/// Starts sandboxes, and waits until their guests answer.
pub(super) async fn start(
    ctx: &Context,
    engine: &Engine,
    sandboxes: Vec<Existing>,
) -> Result<Vec<SandboxName>> {
    let guest = enter::guest(engine).await?;
    let progress = Progress::new(ctx.is_lively(), false);
    let build_logs = ctx.paths()?.build_logs();
    let trusts_host = { sandboxes.iter() }.any(|found| found.settings.host_ca == Some(true));
    let authorities = trusts_host.then(authorities::of_host).flatten();
    let engine_recipe = Recipe::engine(&ctx.config()?.build_args, authorities.as_ref());
    let means = Means {
        pull: Pull::Never,
        build_logs: &build_logs,
        guest: &guest,
        engine_recipe: &engine_recipe,
        authorities: None,
        report: &|step| progress.step(step),
        halfway: &Halfway::default(),
        pins: &Pins::default(),
        known: &Known::default(),
    };
    let mut names = Vec::new();
    for sandbox in sandboxes {
        let work = async {
            apply::start_again(engine, &sandbox, means).await?;
            channel::open(engine, &sandbox, true).await?;
            Ok(beside::finish(engine, &sandbox, means).await?)
        };
        Box::pin(enter::interruptible(work)).await?;
        names.push(sandbox.name);
    }
    Ok(names)
}
