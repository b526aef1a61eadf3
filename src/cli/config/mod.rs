//! `dp config`: the user's configuration, and the workspace file.

mod check;
mod init;
mod path;
mod schema;
mod show;

use super::output::answer;
use super::{Context, Result};
use clap::Subcommand;

/// Show the configuration, check and begin a workspace file
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Show(show::ShowArgs),
    Check(check::CheckArgs),
    Init(init::InitArgs),
    Schema(schema::SchemaArgs),
    Path(path::PathArgs),
}

impl Command {
    pub(super) fn run(self, ctx: &Context) -> Result<u8> {
        match self {
            Self::Show(args) => answer(ctx, &show::run(ctx, &args)?),
            Self::Check(args) => check::run(ctx, &args),
            Self::Init(args) => answer(ctx, &init::run(ctx, &args)?),
            Self::Schema(args) => schema::run(ctx, &args),
            Self::Path(args) => answer(ctx, &path::run(ctx, &args)?),
        }
    }
}
