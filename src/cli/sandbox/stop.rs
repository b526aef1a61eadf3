//! `dp sandbox stop`.

use super::super::output::Answer;
use super::super::{Context, Result};
use super::meant::all_meant;
use crate::engine::Engine;
use crate::sandbox::apply::GRACE;
use crate::sandbox::existing::Selector;
use crate::sandbox::{Existing, SandboxName};
use clap::Args;
use serde::Serialize;
use std::io::{self, Write};

/// Stop sandboxes; everything in them is kept but what runs
#[derive(Debug, Args)]
pub(in crate::cli) struct StopArgs {
    /// All sandboxes that run
    #[arg(long, conflicts_with = "sandboxes")]
    all: bool,
    /// Names, IDs or directories
    #[arg(required_unless_present = "all", value_name = "SANDBOX")]
    sandboxes: Vec<Selector>,
}

/// What was done to which sandboxes.
#[derive(Serialize)]
pub(super) struct Done {
    names: Vec<SandboxName>,
    #[serde(skip)]
    verb: &'static str,
}

impl Done {
    pub(super) fn new(verb: &'static str, names: Vec<SandboxName>) -> Self {
        Self { names, verb }
    }
}

pub(super) async fn run(ctx: &Context, args: &StopArgs) -> Result<Done> {
    let engine = ctx.engine()?;
    let sandboxes = if args.all {
        let mut all = Existing::all(&engine).await?;
        all.retain(Existing::is_running);
        all
    } else {
        select(ctx, &engine, &args.sandboxes).await?
    };
    let mut names = Vec::new();
    for sandbox in sandboxes {
        match engine.stop_container(&sandbox.id, GRACE).await {
            // Removed since they were listed.
            Err(error) if args.all && error.is_not_found() => {}
            stopped => {
                stopped?;
                names.push(sandbox.name);
            }
        }
    }
    Ok(Done::new("stopped", names))
}

/// All of them, before anything is done to the first.
pub(super) async fn select(
    ctx: &Context,
    engine: &Engine,
    selectors: &[Selector],
) -> Result<Vec<Existing>> {
    let mut found = Vec::new();
    for selector in &all_meant(ctx, selectors).await? {
        found.extend(Existing::select_all(engine, selector).await?);
    }
    Ok(found)
}

impl Answer for Done {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.names.is_empty() {
            return writeln!(out, "nothing to do");
        }
        self.names
            .iter()
            .try_for_each(|name| writeln!(out, "{} {name}", self.verb))
    }
}
