//! `dp sandbox ls`.

use super::super::listing::{Listing, Quiet, Row};
use super::super::{Context, Result};
use crate::sandbox::Existing;
use clap::Args;

/// List sandboxes
#[derive(Debug, Args)]
pub(in crate::cli) struct LsArgs {
    /// Only sandboxes of this agent
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,
    /// Only sandboxes that run
    #[arg(long)]
    running: bool,
    #[command(flatten)]
    quiet: Quiet,
}

pub(super) async fn run(ctx: &Context, args: &LsArgs) -> Result<Listing<Existing>> {
    let mut sandboxes = Existing::all(&ctx.engine()?).await?;
    sandboxes.retain(|found| {
        args.agent
            .as_ref()
            .is_none_or(|agent| *agent == found.agent)
    });
    sandboxes.retain(|found| !args.running || found.is_running());
    Ok(Listing::new(sandboxes, &args.quiet))
}

impl Row for Existing {
    const HEAD: &'static [&'static str] = &["name", "agent", "status", "workspace"];

    fn identifier(&self) -> &str {
        self.name.as_str()
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.to_string(),
            self.agent.clone(),
            self.status.clone(),
            self.workspace.clone(),
        ]
    }
}
