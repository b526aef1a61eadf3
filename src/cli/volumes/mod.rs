//! `dp volumes`: what `dp` keeps between runs.

mod choice;
mod inspect;
mod ls;
mod prune;
mod rm;

use super::output::{answer, warn};
use super::{Context, Error, Result, prompt};
use crate::labels;
use crate::volumes::{Usage, Volume};
use clap::Subcommand;
use jiff::Timestamp;

/// See to what is kept between runs
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    #[command(visible_alias = "list")]
    Ls(ls::LsArgs),
    Inspect(inspect::InspectArgs),
    #[command(visible_alias = "remove")]
    Rm(rm::RmArgs),
    Prune(prune::PruneArgs),
}

impl Command {
    pub(super) async fn run(self, ctx: &Context) -> Result<u8> {
        match self {
            Self::Ls(args) => answer(ctx, &ls::run(ctx, &args).await?),
            Self::Inspect(args) => answer(ctx, &inspect::run(ctx, &args).await?),
            Self::Rm(args) => answer(ctx, &rm::run(ctx, &args).await?),
            Self::Prune(args) => answer(ctx, &prune::run(ctx, &args).await?),
        }
    }
}

/// `dp-home-1a2b3c (home of /home/ada/app)`: what goes, in the words of a question.
pub(super) fn describe(volume: &Volume) -> String {
    let Volume { name, kind, .. } = volume;
    match volume.belongs_to() {
        Some(owner) => format!("{name} ({kind} of {owner})"),
        None => format!("{name} ({kind})"),
    }
}

/// A login that is gone has to be made anew everywhere: that wants more than a `y`.
pub(super) fn is_agreed(question: &str, volumes: &[Volume]) -> Result<bool> {
    if volumes.iter().any(|volume| volume.is(labels::Kind::Login)) {
        prompt::confirm_by_word(question)
    } else {
        prompt::confirm(question)
    }
}

/// Their names.
pub(super) fn names(volumes: &[Volume]) -> Vec<String> {
    volumes.iter().map(|volume| volume.name.clone()).collect()
}

/// All of them, in the words of a question.
pub(super) fn describe_all(volumes: &[Volume]) -> String {
    let all: Vec<String> = volumes.iter().map(describe).collect();
    all.join(", ")
}

/// Writes down what was measured, and says why when it was not.
fn complete(volumes: &mut [Volume], usage: Usage, now: Timestamp) {
    usage.complete(volumes, now);
    if let Some(problem) = usage.problem {
        warn(&Error::from(problem).in_one_line());
    }
}
