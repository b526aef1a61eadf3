//! `dp volumes prune`.

use super::super::listing::size;
use super::super::output::{Answer, Page};
use super::super::{Context, Error, Result};
use super::choice::Kind;
use super::{complete, describe, describe_all, is_agreed, names};
use crate::values::Age;
use crate::volumes::{self, Unwanted, Usage, Volume};
use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use std::io;

/// Remove volumes that no container uses, and what is in them
///
/// Homes and the data of engines inside go, and checkouts whose time is over: yours, and not what
/// other people keep. A login goes only with `--kind login`, since whoever loses one has to log in
/// anew everywhere; another checkout only with `--kind workspace`. What a container has, running or
/// not, always stays.
#[derive(Debug, Args)]
#[command(before_long_help = "Examples:\n  \
    dp volumes prune --dry-run             only say what would go\n  \
    dp volumes prune                       asks first\n  \
    dp volumes prune --older-than 30d -y   in a script\n  \
    dp volumes prune --expired             only what nobody has a right to any more")]
pub(in crate::cli) struct PruneArgs {
    /// Only volumes whose time is over
    #[arg(long)]
    expired: bool,
    /// Only volumes that were made longer ago, such as `30d`, `2w` or `12h`: when one that no
    /// container has was used last, no engine knows
    #[arg(long, value_name = "AGE")]
    older_than: Option<String>,
    /// Only volumes of this kind
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Option<Kind>,
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
    volumes: Vec<String>,
    /// Bytes given back; absent when the engine did not tell the size of all of them.
    reclaimed: Option<u64>,
    #[serde(skip)]
    verb: &'static str,
}

impl Pruned {
    fn new(verb: &'static str, gone: &[Volume]) -> Self {
        Self {
            reclaimed: gone.iter().map(|volume| volume.size).sum(),
            volumes: names(gone),
            verb,
        }
    }
}

pub(super) async fn run(ctx: &Context, args: &PruneArgs) -> Result<Pruned> {
    let unwanted = args.unwanted()?;
    let engine = ctx.engine()?;
    let mut found = Volume::all(&engine).await?;
    let now = Timestamp::now();
    let person = rustix::process::getuid().as_raw();
    found.retain(|volume| unwanted.takes(volume, now) && !volume.is_of_another(person));
    let usage = Usage::measure(&engine, &found, true).await;
    complete(&mut found, usage, now);
    if args.dry_run {
        return Ok(Pruned::new("would remove", &found));
    }
    if !args.yes && !found.is_empty() && !is_confirmed(ctx, &found)? {
        return Err(Error::unconfirmed("nothing was removed"));
    }
    let gone = volumes::remove_unused(&engine, found).await?;
    Ok(Pruned::new("removed", &gone))
}

impl PruneArgs {
    fn unwanted(&self) -> Result<Unwanted> {
        if self.kind == Some(Kind::Guest) {
            let message = "volumes of the kind `guest` are `dp`'s own";
            return Err(Error::usage("guest-volumes", message)
                .hint("`dp sandbox prune` removes those that are not needed any more"));
        }
        let age = self.older_than.as_deref().map(str::parse::<Age>);
        Ok(Unwanted {
            kind: self.kind.map(Kind::label),
            expired: self.expired,
            older_than: age.transpose()?.map(Age::duration),
        })
    }
}

fn is_confirmed(ctx: &Context, found: &[Volume]) -> Result<bool> {
    if !ctx.may_ask() {
        return Err(Error::refused("unconfirmed", "volumes would be removed")
            .details(found.iter().map(describe))
            .hint("add `--yes`, or `--dry-run` to see them"));
    }
    let known: Option<u64> = found.iter().map(|volume| volume.size).sum();
    let worth = known.map_or_else(String::new, |bytes| format!(" ({})", size(bytes)));
    let question = format!(
        "Remove {}, and all that is in it{worth}?",
        describe_all(found)
    );
    is_agreed(&question, found)
}

impl Answer for Pruned {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        let Self { volumes, verb, .. } = self;
        if volumes.is_empty() {
            return writeln!(out, "nothing to do");
        }
        for name in volumes {
            writeln!(out, "{verb} {name}")?;
        }
        let gave = match *verb {
            "removed" => "gave",
            _ => "would give",
        };
        match self.reclaimed {
            Some(bytes) => writeln!(out, "{gave} back {}", size(bytes)),
            None => Ok(()),
        }
    }
}
