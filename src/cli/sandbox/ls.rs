//! `dp sandbox ls`.

use super::super::output::{Answer, table};
use super::super::{Context, Result};
use crate::sandbox::Existing;
use clap::Args;
use serde::Serialize;
use std::io::{self, Write};

/// List sandboxes
#[derive(Debug, Args)]
pub(in crate::cli) struct LsArgs {
    /// Only sandboxes of this agent
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,
    /// Only sandboxes that run
    #[arg(long)]
    running: bool,
    /// Print names only
    #[arg(short, long)]
    quiet: bool,
}

/// The sandboxes.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Sandboxes {
    sandboxes: Vec<Existing>,
    #[serde(skip)]
    is_quiet: bool,
}

pub(super) async fn run(ctx: &Context, args: &LsArgs) -> Result<Sandboxes> {
    let mut sandboxes = Existing::all(&ctx.engine()?).await?;
    sandboxes.retain(|found| {
        args.agent
            .as_ref()
            .is_none_or(|agent| *agent == found.agent)
    });
    sandboxes.retain(|found| !args.running || found.is_running());
    Ok(Sandboxes {
        sandboxes,
        is_quiet: args.quiet,
    })
}

impl Answer for Sandboxes {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.is_quiet {
            return self
                .sandboxes
                .iter()
                .try_for_each(|found| writeln!(out, "{}", found.name));
        }
        let rows = self.sandboxes.iter().map(|found| {
            vec![
                found.name.to_string(),
                found.agent.clone(),
                found.status.clone(),
                found.workspace.clone(),
            ]
        });
        table(
            out,
            &["name", "agent", "status", "workspace"],
            rows.collect(),
        )
    }
}
