//! `dp sandbox rm`.

use super::super::explain::list;
use super::super::output::{self, Answer, Page};
use super::super::{Context, Error, Result, privileged, prompt, volumes as nouns};
use super::stop::select;
use super::strays;
use crate::engine::{Engine, EngineError};
use crate::sandbox::existing::Selector;
use crate::sandbox::{Existing, SandboxName, apply, belongings, left};
use crate::volumes::{self, Volume};
use clap::Args;
use serde::Serialize;
use std::io;

/// Remove sandboxes; workspaces, logins and volumes are kept
///
/// Names the programs with a set-user-ID bit, or with capabilities, in what the sandboxes could write:
/// an agent with sudo can leave them there.
#[derive(Debug, Args)]
pub(in crate::cli) struct RmArgs {
    /// Also remove one that runs
    #[arg(short, long)]
    force: bool,
    /// Also remove what the workspace keeps in volumes of its own: its home, and the images and
    /// data of the Docker engine inside; logins stay
    #[arg(long)]
    volumes: bool,
    /// All sandboxes of yours
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
        Existing::ours(&engine).await?
    } else {
        select(ctx, &engine, &args.sandboxes).await?
    };
    let volumes = if args.volumes {
        own_volumes(&engine, &sandboxes).await?
    } else {
        Vec::new()
    };
    if !args.force && !args.yes {
        confirm(ctx, &sandboxes, &volumes)?;
    }
    let writable = left::writable(engine.endpoint(), &sandboxes);
    let names = remove(&engine, sandboxes).await;
    // Now: what ran could leave something up to here.
    privileged::warn(writable).await?;
    let names = names?;
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
    let (mut volumes, all) = (volumes?, all?);
    // What was found by name knows nothing of the container of its engine.
    let is_listed = |one: &&Existing| gone.iter().any(|gone| gone.id == one.id);
    let gone: Vec<Existing> = all.iter().filter(is_listed).cloned().collect();
    belongings::retain(&mut volumes, &gone, &all);
    // What other people keep for the same directory is not left over from ours.
    let person = rustix::process::getuid().as_raw();
    volumes.retain(|volume| volume.is_used() || !volume.is_of_another(person));
    Ok(volumes)
}

/// Asks only when something is lost by it: what runs, or data.
fn confirm(ctx: &Context, sandboxes: &[Existing], volumes: &[Volume]) -> Result<()> {
    let all: Vec<String> = names(sandboxes.iter());
    let running = names(sandboxes.iter().filter(|sandbox| sandbox.is_active()));
    if running.is_empty() && volumes.is_empty() {
        return Ok(());
    }
    if !ctx.may_ask() {
        return Err(if running.is_empty() {
            Error::refused("unconfirmed", "volumes would be removed")
                .details(volumes.iter().map(nouns::describe))
                .hint("add `--yes`")
        } else {
            refusal(&all, &running)
        });
    }
    let question = question(&all, &running, volumes);
    // What runs is ended by it: that wants more than a `y`.
    let is_agreed = if running.is_empty() {
        nouns::is_agreed(&question, volumes)?
    } else {
        prompt::confirm_by_word(&question)?
    };
    if is_agreed {
        Ok(())
    } else {
        Err(Error::unconfirmed("nothing was removed"))
    }
}

fn names<'a>(sandboxes: impl Iterator<Item = &'a Existing>) -> Vec<String> {
    sandboxes.map(|sandbox| sandbox.name.to_string()).collect()
}

/// Everything that goes, by name.
fn question(all: &[String], running: &[String], volumes: &[Volume]) -> String {
    let lost = nouns::describe_all(volumes);
    let with = if lost.is_empty() {
        String::new()
    } else {
        format!(" and all that is in {lost}")
    };
    match (all, running) {
        (_, []) => format!(
            "Remove {}{}?",
            all.join(", "),
            with.replacen(" and", ", and", 1)
        ),
        ([one], _) => format!("The sandbox {one} runs. Remove it, with what runs in it{with}?"),
        _ => format!(
            "Remove {}, with what runs in {}{with}?",
            all.join(", "),
            running.join(", ")
        ),
    }
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
pub(super) async fn remove(engine: &Engine, sandboxes: Vec<Existing>) -> Result<Vec<SandboxName>> {
    let mut names = Vec::new();
    for sandbox in sandboxes {
        apply::remove(engine, &sandbox).await?;
        strays::tell_left(&sandbox);
        names.push(sandbox.name);
    }
    Ok(names)
}

impl Answer for Removed {
    fn human(&self, out: &mut Page) -> io::Result<()> {
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
