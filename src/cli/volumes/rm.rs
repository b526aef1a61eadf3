//! `dp volumes rm`.

use super::super::output::{Answer, Page};
use super::super::{Context, Error, Result};
use super::{describe, describe_all, is_agreed, names};
use crate::volumes::{self, Volume};
use clap::Args;
use serde::Serialize;
use std::io;

/// Remove volumes and what is in them
///
/// A volume that a container mounts is refused, whether it runs or not; so is one that `dp` did not
/// make. All names are checked before the first volume is removed.
#[derive(Debug, Args)]
#[command(before_long_help = "Examples:\n  \
    dp volumes rm dp-home-1a2b3c4d5e6f-1000     asks first\n  \
    dp volumes rm --force dp-login-1000-claude  does not ask; log in anew afterwards")]
pub(in crate::cli) struct RmArgs {
    /// Do not ask; what is in use stays refused
    #[arg(short, long, visible_alias = "yes", visible_short_alias = 'y')]
    force: bool,
    /// Names, as `dp volumes ls` prints them
    #[arg(required = true, value_name = "VOLUME")]
    volumes: Vec<String>,
}

/// What was removed.
#[derive(Serialize)]
pub(super) struct Removed {
    volumes: Vec<String>,
}

pub(super) async fn run(ctx: &Context, args: &RmArgs) -> Result<Removed> {
    let engine = ctx.engine()?;
    let found = volumes::select(&engine, &args.volumes).await?;
    volumes::refuse_used(&found)?;
    if !args.force && !is_confirmed(ctx, &found)? {
        return Err(Error::unconfirmed("nothing was removed"));
    }
    let volumes = names(&found);
    volumes::remove(&engine, &volumes).await?;
    Ok(Removed { volumes })
}

fn is_confirmed(ctx: &Context, found: &[Volume]) -> Result<bool> {
    if !ctx.may_ask() {
        return Err(Error::refused("unconfirmed", "volumes would be removed")
            .details(found.iter().map(describe))
            .hint("add `--force`"));
    }
    let question = format!("Remove {}, and all that is in it?", describe_all(found));
    is_agreed(&question, found)
}

impl Answer for Removed {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        if self.volumes.is_empty() {
            return writeln!(out, "nothing to do");
        }
        self.volumes
            .iter()
            .try_for_each(|name| writeln!(out, "removed {name}"))
    }
}
