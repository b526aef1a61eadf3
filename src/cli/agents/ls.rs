//! `dp agents ls`.

use super::super::output::{Answer, table};
use super::super::{Context, Result};
use crate::agents::Agent;
use clap::Args;
use serde::Serialize;
use std::io::{self, Write};

/// List the agents
#[derive(Debug, Args)]
pub(in crate::cli) struct LsArgs {
    /// Print names only
    #[arg(short, long)]
    quiet: bool,
}

/// The agents.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Agents {
    agents: Vec<Agent>,
    #[serde(skip)]
    is_quiet: bool,
}

pub(super) fn run(ctx: &Context, args: &LsArgs) -> Result<Agents> {
    Ok(Agents {
        agents: ctx.catalogue()?.iter().cloned().collect(),
        is_quiet: args.quiet,
    })
}

impl Answer for Agents {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.is_quiet {
            return self
                .agents
                .iter()
                .try_for_each(|agent| writeln!(out, "{}", agent.name));
        }
        let rows = self.agents.iter().map(|agent| {
            let from = if agent.is_custom {
                "config.toml"
            } else {
                "built in"
            };
            vec![
                agent.name.clone(),
                from.into(),
                agent.definition.description.clone(),
            ]
        });
        table(out, &["name", "from", "description"], rows.collect())
    }
}
