//! `dp sandbox rm`.

use super::super::output::{self, Answer};
use super::super::{Context, Error, Result, prompt, volumes as nouns};
use super::stop::select;
use crate::engine::{Engine, EngineError};
use crate::sandbox::existing::Selector;
use crate::sandbox::{Existing, SandboxName, apply, belongings};
use crate::volumes::{self, Volume};
use clap::Args;
use serde::Serialize;
use std::io::{self, Write};

/// Remove sandboxes; workspaces, logins and volumes are kept
#[derive(Debug, Args)]
pub(in crate::cli) struct RmArgs {
    /// Also remove one that runs
    #[arg(short, long)]
    force: bool,
    /// Also remove what the workspace keeps in volumes of its own: its home, and the images and
    /// data of the Docker engine inside; logins stay
    #[arg(long)]
    volumes: bool,
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

/// What was removed.
#[derive(Default, Serialize)]
pub(super) struct Removed {
    names: Vec<SandboxName>,
    volumes: Vec<String>,
}

pub(super) async fn run(ctx: &Context, args: &RmArgs) -> Result<Removed> {
    let engine = ctx.engine()?;
    let sandboxes = if args.all {
        Existing::all(&engine).await?
    } else {
        select(&engine, &args.sandboxes).await?
    };
    let volumes = if args.volumes {
        own_volumes(&engine, &sandboxes).await?
    } else {
        Vec::new()
    };
    if !args.force && !args.yes && !is_confirmed(ctx, &sandboxes, &volumes)? {
        return Ok(Removed::default());
    }
    let names = remove(&engine, sandboxes).await?;
    let wanted = nouns::names(&volumes);
    let volumes = nouns::names(&volumes::remove_unused(&engine, volumes).await?);
    for kept in wanted.iter().filter(|name| !volumes.contains(name)) {
        output::warn(&format!(
            "the volume `{kept}` is kept: somebody else was faster with it"
        ));
    }
    Ok(Removed { names, volumes })
}

async fn own_volumes(
    engine: &Engine,
    gone: &[Existing],
) -> std::result::Result<Vec<Volume>, EngineError> {
    let (volumes, all) = tokio::join!(Volume::all(engine), Existing::all(engine));
    let mut volumes = volumes?;
    belongings::retain(&mut volumes, gone, &all?);
    Ok(volumes)
}

/// Asks only when something is lost by it: what runs, or data.
fn is_confirmed(ctx: &Context, sandboxes: &[Existing], volumes: &[Volume]) -> Result<bool> {
    let running = sandboxes.iter().find(|sandbox| sandbox.is_running());
    if running.is_none() && volumes.is_empty() {
        return Ok(true);
    }
    if !ctx.may_ask() {
        return Err(match running {
            Some(sandbox) => {
                let message = format!("the sandbox `{}` runs", sandbox.name);
                Error::refused("running", message)
                    .hint("`dp sandbox rm --force` ends and removes it")
            }
            None => Error::refused("unconfirmed", "volumes would be removed")
                .details(volumes.iter().map(nouns::describe))
                .hint("add `--yes`"),
        });
    }
    prompt::confirm(&question(running, sandboxes, volumes))
}

fn question(running: Option<&Existing>, sandboxes: &[Existing], volumes: &[Volume]) -> String {
    let lost = nouns::describe_all(volumes);
    match running {
        None => {
            let names = sandboxes.iter().map(|sandbox| sandbox.name.to_string());
            let names: Vec<String> = names.collect();
            format!("Remove {}, and all that is in {lost}?", names.join(", "))
        }
        Some(Existing { name, .. }) if lost.is_empty() => {
            format!("The sandbox {name} runs. Remove it, with what runs in it?")
        }
        Some(Existing { name, .. }) => format!(
            "The sandbox {name} runs. Remove it, with what runs in it and all that is in {lost}?"
        ),
    }
}

/// Removes sandboxes and says which.
pub(super) async fn remove(engine: &Engine, sandboxes: Vec<Existing>) -> Result<Vec<SandboxName>> {
    let mut names = Vec::new();
    for sandbox in sandboxes {
        apply::remove(engine, &sandbox).await?;
        names.push(sandbox.name);
    }
    Ok(names)
}

impl Answer for Removed {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self { names, volumes } = self;
        if names.is_empty() {
            return writeln!(out, "nothing to do");
        }
        for name in names {
            writeln!(out, "removed {name}")?;
        }
        for volume in volumes {
            writeln!(out, "removed the volume {volume}")?;
        }
        Ok(())
    }
}
