//! `dp sandbox rm`.

use super::super::explain::list;
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
    let named = |all: &mut dyn Iterator<Item = &Existing>| -> Vec<String> {
        all.map(|sandbox| sandbox.name.to_string()).collect()
    };
    let running = named(&mut sandboxes.iter().filter(|sandbox| sandbox.is_active()));
    if !running.is_empty() && !args.force && !args.yes {
        let all = named(&mut sandboxes.iter());
        if !ctx.may_ask() {
            return Err(refusal(&all, &running));
        }
        let question = match all.as_slice() {
            [one] => format!("The sandbox {one} runs. Remove it, with what runs in it?"),
            _ => format!(
                "Remove {}, with what runs in {}?",
                all.join(", "),
                running.join(", ")
            ),
        };
        if !prompt::confirm(&question)? {
            return Err(Error::unconfirmed("nothing was removed"));
        }
    }
    Ok(Done::new("removed", remove(&engine, sandboxes).await?))
}

fn refusal(all: &[String], running: &[String]) -> Error {
    let message = match running {
        [one] => format!("the sandbox `{one}` runs"),
        several => format!("the sandboxes {} run", list(several)),
    };
    let error = Error::refused("running", message);
    let error = if all.len() > running.len() {
        error.cause(format!("{} would be removed", list(all)))
    } else {
        error
    };
    error.hint("`dp sandbox rm --force` removes what runs too")
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
