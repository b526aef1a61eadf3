//! `dp sandbox prune`: sandboxes that nobody will come back to.

use super::super::{Context, Error, Result, prompt};
use super::stop::Done;
use crate::sandbox::Existing;
use clap::Args;

/// Remove sandboxes that are stopped, or whose workspace is gone
#[derive(Debug, Args)]
pub(in crate::cli) struct PruneArgs {
    /// Only those whose workspace no longer exists
    #[arg(long)]
    orphans: bool,
    /// Say what would be removed and remove nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

pub(super) async fn run(ctx: &Context, args: &PruneArgs) -> Result<Done> {
    let engine = ctx.engine()?;
    let mut sandboxes = Existing::all(&engine).await?;
    sandboxes.retain(|found| {
        let is_orphan = !std::path::Path::new(&found.workspace).is_dir();
        is_orphan || (!args.orphans && !found.is_running())
    });
    if args.dry_run {
        let names = sandboxes.into_iter().map(|found| found.name).collect();
        return Ok(Done::new("would remove", names));
    }
    if !sandboxes.is_empty() && !args.yes {
        let names: Vec<String> = sandboxes
            .iter()
            .map(|found| found.name.to_string())
            .collect();
        if !ctx.may_ask() {
            return Err(Error::refused("unconfirmed", "sandboxes would be removed")
                .cause(super::super::explain::list(&names))
                .hint("add `--yes`, or `--dry-run` to see them"));
        }
        if !prompt::confirm(&format!("Remove {}?", names.join(", ")))? {
            return Ok(Done::new("removed", Vec::new()));
        }
    }
    Ok(Done::new(
        "removed",
        super::rm::remove(&engine, sandboxes).await?,
    ))
}
