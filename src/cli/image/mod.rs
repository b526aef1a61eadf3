//! `dp image`: the images that sandboxes are made from.

mod build;
mod ls;
mod prune;
mod rm;

pub(super) use ls::images;

use super::output::answer;
use super::{Context, Result};
use clap::Subcommand;

/// Build and list the images that sandboxes are made from
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    #[command(visible_alias = "list")]
    Ls(ls::LsArgs),
    Build(build::BuildArgs),
    #[command(visible_alias = "remove")]
    Rm(rm::RmArgs),
    Prune(prune::PruneArgs),
}

impl Command {
    pub(super) async fn run(self, ctx: &Context) -> Result<u8> {
        match self {
            Self::Ls(args) => answer(ctx, &ls::run(ctx, &args).await?),
            Self::Build(args) => answer(ctx, &build::run(ctx, &args).await?),
            Self::Rm(args) => answer(ctx, &rm::run(ctx, &args).await?),
            Self::Prune(args) => answer(ctx, &prune::run(ctx, &args).await?),
        }
    }
}
