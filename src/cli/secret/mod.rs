//! `dp secret`: API keys and the like, kept in the keyring.

mod ls;
mod rm;
mod set;

use super::output::answer;
use super::{Context, Result};
use clap::Subcommand;

/// Keep API keys, and give them to agents without writing them down
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Set(set::SetArgs),
    #[command(visible_alias = "list")]
    Ls(ls::LsArgs),
    #[command(visible_alias = "remove")]
    Rm(rm::RmArgs),
}

impl Command {
    pub(super) fn run(self, ctx: &Context) -> Result<u8> {
        match self {
            Self::Set(args) => answer(ctx, &set::run(ctx, args)?),
            Self::Ls(args) => answer(ctx, &ls::run(ctx, &args)?),
            Self::Rm(args) => answer(ctx, &rm::run(ctx, &args)?),
        }
    }
}

/// Runs `work` beside the event loop: a keyring runs one of its own, and may wait for a person.
fn off_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = scope.spawn(work);
        thread
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
