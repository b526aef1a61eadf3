//! `dp config`: the user's configuration.

mod path;
mod show;

use super::output::answer;
use super::{Context, Result};
use clap::Subcommand;

/// Show the configuration
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Show(show::ShowArgs),
    Path(path::PathArgs),
}

impl Command {
    pub(super) fn run(self, ctx: &Context) -> Result<u8> {
        match self {
            Self::Show(args) => answer(ctx, &show::run(ctx, &args)?),
            Self::Path(args) => answer(ctx, &path::run(ctx, &args)?),
        }
    }
}
