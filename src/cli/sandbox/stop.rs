//! `dp sandbox stop`.

use super::super::output::{Answer, Page};
use super::super::{Context, Result};
use super::meant::all_meant;
use super::supervise::{Affected, Agents, Deed, supervise};
use crate::engine::Engine;
use crate::sandbox::beside;
use crate::sandbox::existing::Selector;
use crate::sandbox::{Existing, SandboxName};
use clap::Args;
use serde::Serialize;
use std::io;

/// Stop sandboxes, or single agents in them; everything is kept but what runs
#[derive(Debug, Args)]
pub(in crate::cli) struct StopArgs {
    /// All sandboxes of yours that run
    #[arg(long, conflicts_with_all = ["sandboxes", "agents"])]
    all: bool,
    #[command(flatten)]
    agents: Agents,
    /// Names, IDs or directories [with `--agent`: this directory]
    #[arg(required_unless_present_any = ["all", "agents"], value_name = "SANDBOX")]
    sandboxes: Vec<Selector>,
}

/// What was done to which sandboxes, or to which agents in them.
#[derive(Serialize)]
pub(super) struct Done {
    names: Vec<SandboxName>,
    agents: Vec<Affected>,
    #[serde(skip)]
    verb: &'static str,
}

impl Done {
    pub(super) fn new(verb: &'static str, names: Vec<SandboxName>) -> Self {
        Self {
            names,
            agents: Vec::new(),
            verb,
        }
    }

    /// Only to agents: the sandboxes are as they were.
    pub(super) fn to_agents(verb: &'static str, agents: Vec<Affected>) -> Self {
        Self {
            names: Vec::new(),
            agents,
            verb,
        }
    }
}

pub(super) async fn run(ctx: &Context, args: &StopArgs) -> Result<Done> {
    if !args.agents.agents.is_empty() {
        let affected = supervise(ctx, &args.sandboxes, &args.agents, Deed::Stop).await?;
        return Ok(Done::to_agents("stopped", affected));
    }
    let engine = ctx.engine()?;
    let sandboxes = if args.all {
        let mut all = Existing::ours(&engine).await?;
        all.retain(Existing::is_running);
        all
    } else {
        select(ctx, &engine, &args.sandboxes).await?
    };
    let mut names = Vec::new();
    for sandbox in sandboxes {
        match beside::stop(&engine, &sandbox).await {
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
    fn human(&self, out: &mut Page) -> io::Result<()> {
        if self.names.is_empty() && self.agents.is_empty() {
            return writeln!(out, "nothing to do");
        }
        for name in &self.names {
            writeln!(out, "{} {name}", self.verb)?;
        }
        for Affected { key, sandbox } in &self.agents {
            writeln!(out, "{} {key} in {sandbox}", self.verb)?;
        }
        Ok(())
    }
}
