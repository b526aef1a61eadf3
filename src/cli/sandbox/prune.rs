//! `dp sandbox prune`: sandboxes that nobody will come back to, and what `dp` left for itself.

use super::super::output::Answer;
use super::super::{Context, Error, Result, prompt};
use super::enter;
use crate::engine::Engine;
use crate::sandbox::{Existing, SandboxName};
use crate::volumes::Leftovers;
use clap::Args;
use serde::Serialize;
use std::io::{self, Write};

/// Remove sandboxes that are stopped, or whose workspace is gone
///
/// With them goes what `dp` made for itself and no sandbox uses: the guests of other builds of `dp`
/// that are older than an hour, and what a `dp` that was killed left of a delivery.
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
    #[serde(skip)]
    verb: &'static str,
}

pub(super) async fn run(ctx: &Context, args: &PruneArgs) -> Result<Pruned> {
    let engine = ctx.engine()?;
    let mut sandboxes = Existing::all(&engine).await?;
    sandboxes.retain(|found| {
        let is_orphan = !std::path::Path::new(&found.workspace).is_dir();
        is_orphan || (!args.orphans && !found.is_running())
    });
    let names: Vec<SandboxName> = sandboxes.iter().map(|found| found.name.clone()).collect();
    if !args.dry_run && !args.yes && !names.is_empty() {
        confirm(ctx, &names)?;
    }
    let leftovers = leftovers(&engine, args, &sandboxes).await?;
    if args.dry_run {
        return Ok(Pruned {
            names,
            leftovers,
            verb: "would remove",
        });
    }
    Ok(Pruned {
        names: super::rm::remove(&engine, sandboxes).await?,
        leftovers: leftovers.remove(&engine).await?,
        verb: "removed",
    })
}

/// Asks about the sandboxes alone: in what `dp` left for itself is nothing of a person's.
fn confirm(ctx: &Context, names: &[SandboxName]) -> Result<()> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    if !ctx.may_ask() {
        return Err(Error::refused("unconfirmed", "sandboxes would be removed")
            .cause(super::super::explain::list(&names))
            .hint("add `--yes`, or `--dry-run` to see them"));
    }
    if prompt::confirm(&format!("Remove {}?", names.join(", ")))? {
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
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self {
            names,
            leftovers,
            verb,
        } = self;
        if names.is_empty() && leftovers.is_empty() {
            return writeln!(out, "nothing to do");
        }
        for name in names {
            writeln!(out, "{verb} {name}")?;
        }
        for helper in &leftovers.guest_helpers {
            writeln!(out, "{verb} the container {helper}, left of a delivery")?;
        }
        for volume in &leftovers.guest_volumes {
            writeln!(out, "{verb} the volume {volume}, the guest of another dp")?;
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
            },
            verb: "removed",
        };
        let mut text = Vec::new();
        pruned.human(&mut text).expect("memory takes it");
        insta::assert_snapshot!(String::from_utf8_lossy(&text), @r"
        removed shell-app-1a2b3c
        removed the container dp-guest-b, left of a delivery
        removed the volume dp-guest-a, the guest of another dp
        ");
        let json = serde_json::to_string(&pruned).expect("it is JSON");
        insta::assert_snapshot!(json, @r#"{"names":["shell-app-1a2b3c"],"guest_volumes":["dp-guest-a"],"guest_helpers":["dp-guest-b"]}"#);
    }
}
