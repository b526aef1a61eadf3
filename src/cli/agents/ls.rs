//! `dp agents ls`.

use super::super::listing::{Listing, Quiet, Row};
use super::super::{Context, Result};
use crate::agents::Agent;
use clap::Args;

/// List the agents
#[derive(Debug, Args)]
pub(in crate::cli) struct LsArgs {
    #[command(flatten)]
    quiet: Quiet,
}

pub(super) fn run(ctx: &Context, args: &LsArgs) -> Result<Listing<Agent>> {
    let agents = ctx.catalogue()?.iter().cloned().collect();
    Ok(Listing::new(agents, &args.quiet))
}

impl Row for Agent {
    const HEAD: &'static [&'static str] = &["name", "from", "description"];

    fn identifier(&self) -> &str {
        &self.name
    }

    fn cells(&self) -> Vec<String> {
        let from = if self.is_custom {
            "config.toml"
        } else {
            "built in"
        };
        vec![
            self.name.clone(),
            from.into(),
            self.definition.description.clone(),
        ]
    }
}
