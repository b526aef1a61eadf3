//! `dp sandbox rm`.

use super::super::{Context, Error, Result, prompt};
use super::stop::{Done, select};
use crate::engine::Engine;
use crate::sandbox::Existing;
use crate::sandbox::apply;
use crate::sandbox::existing::Selector;
use clap::Args;

/// Remove sandboxes; workspaces, logins and volumes are kept
#[derive(Debug, Args)]
pub(in crate::cli) struct RmArgs {
    /// Also remove one that runs
    #[arg(short, long)]
    force: bool,
    /// All sandboxes
    #[arg(long, conflicts_with = "sandboxes")]
    all: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Names, IDs or directories
    #[arg(required_unless_present = "all", value_name = "SANDBOX")]
    sandboxes: Vec<Selector>,
}

pub(super) async fn run(ctx: &Context, args: &RmArgs) -> Result<Done> {
    let engine = ctx.engine()?;
    let sandboxes = if args.all {
        Existing::all(&engine).await?
    } else {
        select(&engine, &args.sandboxes).await?
    };
    let mut running = sandboxes.iter().filter(|sandbox| sandbox.is_running());
    if let (Some(sandbox), false, false) = (running.next(), args.force, args.yes) {
        let question = format!(
            "The sandbox {} runs. Remove it, with what runs in it?",
            sandbox.name
        );
        if !ctx.may_ask() {
            let message = format!("the sandbox `{}` runs", sandbox.name);
            return Err(Error::refused("running", message)
                .hint("`dp sandbox rm --force` ends and removes it"));
        }
        if !prompt::confirm(&question)? {
            return Ok(Done::new("removed", Vec::new()));
        }
    }
    Ok(Done::new("removed", remove(&engine, sandboxes).await?))
}

/// Removes sandboxes and says which.
pub(super) async fn remove(
    engine: &Engine,
    sandboxes: Vec<Existing>,
) -> Result<Vec<crate::sandbox::SandboxName>> {
    let mut names = Vec::new();
    for sandbox in sandboxes {
        apply::remove(engine, &sandbox).await?;
        names.push(sandbox.name);
    }
    Ok(names)
}
