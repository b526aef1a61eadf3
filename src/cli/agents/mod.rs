//! `dp agents`: the agents that can be run.

mod ls;
mod show;

use super::output::answer;
use super::{Context, Result};
use clap::Subcommand;

/// List and describe the agents
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    #[command(visible_alias = "list")]
    Ls(ls::LsArgs),
    Show(show::ShowArgs),
}

impl Command {
    pub(super) fn run(self, ctx: &Context) -> Result<u8> {
        match self {
            Self::Ls(args) => answer(ctx, &ls::run(ctx, &args)?),
            Self::Show(args) => answer(ctx, &show::run(ctx, &args)?),
        }
    }
}
