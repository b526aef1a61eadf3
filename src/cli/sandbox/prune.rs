//! `dp sandbox prune`: sandboxes that nobody will come back to, and what `dp` left for itself.

use super::super::output::{Answer, Page};
use super::super::{Context, Error, Result, privileged, prompt};
use super::{enter, strays};
use crate::engine::Engine;
use crate::engine::endpoint::Address;
use crate::sandbox::{Existing, SandboxName, left, network, sockets};
use crate::volumes::Leftovers;
use clap::Args;
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};

/// Remove sandboxes that are stopped, or whose workspace is gone
///
/// Only your own are removed; the workspaces of an engine on another machine count as there. With
/// them goes what `dp` made for itself and no sandbox uses: the guests of other builds of `dp` that
/// are older than an hour, what a `dp` that was killed left of a delivery, and the directories of
/// sandboxes that were removed by other means.
#[derive(Debug, Args)]
pub(in crate::cli) struct PruneArgs {
    /// Only sandboxes whose workspace no longer exists
    #[arg(long)]
    orphans: bool,
    /// Say what would be removed and remove nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// What was removed, or would be.
#[derive(Serialize)]
pub(super) struct Pruned {
    names: Vec<SandboxName>,
    #[serde(flatten)]
    leftovers: Leftovers,
    /// Of sandboxes that somebody removed by other means.
    directories: Vec<PathBuf>,
    /// The network of all sandboxes, once there is none.
    networks: Vec<&'static str>,
    #[serde(skip)]
    verb: &'static str,
}

pub(super) async fn run(ctx: &Context, args: &PruneArgs) -> Result<Pruned> {
    let engine = ctx.engine()?;
    // The directories first: whatever is made from now on has one that is younger than both lists.
    let mut directories = sockets::all(ctx.paths()?, engine.endpoint());
    let mut sandboxes = Existing::all(&engine).await?;
    sockets::retain_unused(&mut directories, &sandboxes);
    let is_local = matches!(engine.endpoint().address, Address::Unix(_));
    let own = rustix::process::getuid().as_raw();
    sandboxes.retain(|found| {
        let is_orphan = is_local && is_gone(Path::new(&found.workspace));
        found.owner == Some(own) && (is_orphan || (!args.orphans && !found.is_active()))
    });
    let names: Vec<SandboxName> = sandboxes.iter().map(|found| found.name.clone()).collect();
    if !args.dry_run && !args.yes && !names.is_empty() {
        let running = sandboxes.iter().any(Existing::is_active);
        confirm(ctx, &names, running)?;
    }
    let leftovers = leftovers(&engine, args, &sandboxes).await?;
    if args.orphans {
        directories.clear();
    }
    if args.dry_run {
        return Ok(Pruned {
            networks: unneeded_networks(&engine, args, &sandboxes).await?,
            names,
            leftovers,
            directories,
            verb: "would remove",
        });
    }
    let (directories, left): (Vec<_>, Vec<_>) =
        { directories.into_iter() }.partition(|directory| sockets::forget(directory));
    for directory in &left {
        strays::warn_of_left(directory);
    }
    let writable = left::writable(engine.endpoint(), &sandboxes);
    let names = super::rm::remove(&engine, sandboxes).await;
    privileged::warn(writable).await?;
    let names = names?;
    Ok(Pruned {
        names,
        leftovers: leftovers.remove(&engine).await?,
        directories,
        networks: networks(&engine, args).await?,
        verb: "removed",
    })
}

/// The network of all sandboxes, which goes when there is no sandbox of anybody's, stopped ones
/// included: they remember it.
async fn networks(engine: &Engine, args: &PruneArgs) -> Result<Vec<&'static str>> {
    if args.orphans || !Existing::all(engine).await?.is_empty() {
        return Ok(Vec::new());
    }
    let is_gone = network::prune(engine).await?;
    Ok(is_gone.then_some(network::NAME).into_iter().collect())
}

/// What [`networks`] would remove once `gone` are gone.
async fn unneeded_networks(
    engine: &Engine,
    args: &PruneArgs,
    gone: &[Existing],
) -> Result<Vec<&'static str>> {
    let is_gone = |one: &Existing| gone.iter().any(|gone| gone.id == one.id);
    if args.orphans || !Existing::all(engine).await?.iter().all(is_gone) {
        return Ok(Vec::new());
    }
    // Containers that `dp` removes with a sandbox are those of the sandbox's own engine.
    let engines = gone.iter().filter_map(|gone| gone.engine.as_ref());
    let gone = gone.iter().map(|gone| gone.id.as_str());
    let gone: Vec<&str> = gone
        .chain(engines.map(|engine| engine.id.as_str()))
        .collect();
    let would_go = network::would_be_pruned(engine, &gone).await?;
    Ok(would_go.then_some(network::NAME).into_iter().collect())
}

/// One that may not be looked at may be there.
fn is_gone(workspace: &Path) -> bool {
    let found = std::fs::metadata(workspace);
    found.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// Asks about the sandboxes alone: in what `dp` left for itself is nothing of a person's.
fn confirm(ctx: &Context, names: &[SandboxName], is_any_running: bool) -> Result<()> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    if !ctx.may_ask() {
        return Err(Error::refused("unconfirmed", "sandboxes would be removed")
            .cause(super::super::explain::list(&names))
            .hint("add `--yes`, or `--dry-run` to see them"));
    }
    let all = names.join(", ");
    // One whose workspace is gone may run.
    let is_agreed = if is_any_running {
        prompt::confirm_by_word(&format!("Remove {all}, with what runs in them?"))?
    } else {
        prompt::confirm(&format!("Remove {all}?"))?
    };
    if is_agreed {
        return Ok(());
    }
    Err(Error::unconfirmed("nothing was removed"))
}

/// What no sandbox uses, once `sandboxes` are gone.
async fn leftovers(engine: &Engine, args: &PruneArgs, sandboxes: &[Existing]) -> Result<Leftovers> {
    if args.orphans {
        return Ok(Leftovers::default());
    }
    // A `dp` that can deliver no guest here has no volume of its own to keep.
    let own = enter::guest(engine).await.ok();
    let own = own.as_ref().map(|guest| guest.build.as_str());
    let gone: Vec<String> = sandboxes.iter().map(|found| found.id.clone()).collect();
    Ok(Leftovers::find(engine, own, &gone).await?)
}

impl Answer for Pruned {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        let Self {
            names,
            leftovers,
            directories,
            networks,
            verb,
        } = self;
        let is_nothing = names.is_empty() && directories.is_empty() && networks.is_empty();
        if is_nothing && leftovers.is_empty() {
            return writeln!(out, "nothing to do");
        }
        for name in names {
            writeln!(out, "{verb} {name}")?;
        }
        for helper in &leftovers.guest_helpers {
            writeln!(out, "{verb} the container {helper}, left of a delivery")?;
        }
        for engine in &leftovers.engines {
            writeln!(
                out,
                "{verb} the container {engine}, the Docker engine of a sandbox that is no more"
            )?;
        }
        for volume in &leftovers.guest_volumes {
            writeln!(out, "{verb} the volume {volume}, the guest of another dp")?;
        }
        for directory in directories {
            let directory = directory.display();
            writeln!(out, "{verb} {directory}, of a sandbox that is no more")?;
        }
        for network in networks {
            writeln!(out, "{verb} the network {network}, which no sandbox uses")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_removed_is_said() {
        let pruned = Pruned {
            names: vec!["shell-app-1a2b3c".parse().expect("a name")],
            leftovers: Leftovers {
                guest_volumes: vec!["dp-guest-a".into()],
                guest_helpers: vec!["dp-guest-b".into()],
                engines: vec!["dp.engine-c".into()],
            },
            directories: vec!["/s/1".into()],
            networks: vec![network::NAME],
            verb: "removed",
        };
        let mut page = Page::plain();
        pruned.human(&mut page).expect("memory takes it");
        insta::assert_snapshot!(page.into_text(), @r"
        removed shell-app-1a2b3c
        removed the container dp-guest-b, left of a delivery
        removed the container dp.engine-c, the Docker engine of a sandbox that is no more
        removed the volume dp-guest-a, the guest of another dp
        removed /s/1, of a sandbox that is no more
        removed the network dp, which no sandbox uses
        ");
        let json = serde_json::to_string(&pruned).expect("it is JSON");
        insta::assert_snapshot!(json, @r#"{"names":["shell-app-1a2b3c"],"guest_volumes":["dp-guest-a"],"guest_helpers":["dp-guest-b"],"engines":["dp.engine-c"],"directories":["/s/1"],"networks":["dp"]}"#);
    }
}
