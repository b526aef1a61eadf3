//! `dp sandbox start`.

use super::super::progress::Progress;
use super::super::{Context, Result};
use super::enter;
use super::stop::{Done, select};
use crate::sandbox::existing::Selector;
use crate::sandbox::means::{Means, Pull};
use crate::sandbox::{apply, channel};
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
    let sandboxes = select(ctx, &engine, &args.sandboxes).await?;
    let guest = enter::guest(&engine).await?;
    let progress = Progress::new(ctx.is_lively(), false);
    let build_logs = ctx.paths()?.build_logs();
    let means = Means {
        pull: Pull::Never,
        build_logs: &build_logs,
        guest: &guest,
        authorities: None,
        report: &|step| progress.step(step),
    };
    let mut names = Vec::new();
    for sandbox in sandboxes {
        apply::start_again(&engine, &sandbox, means).await?;
        channel::open(&engine, &sandbox, true).await?;
        names.push(sandbox.name);
    }
    Ok(Done::new("started", names))
}
