//! `dp volumes`: what `dp` keeps between runs.

mod ls;

use super::output::answer;
use super::{Context, Result};
use clap::Subcommand;

/// List what is kept between runs
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    #[command(visible_alias = "list")]
    Ls(ls::LsArgs),
}

impl Command {
    pub(super) async fn run(self, ctx: &Context) -> Result<u8> {
        match self {
            Self::Ls(args) => answer(ctx, &ls::run(ctx, &args).await?),
        }
    }
}
