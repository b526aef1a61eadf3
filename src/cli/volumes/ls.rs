//! `dp volumes ls`: the list at once, and what takes the engine its time as soon as it is there.

use super::super::listing::{Listing, Quiet, Row, dash, size};
use super::super::output::Draft;
use super::super::{Context, Result, moment};
use super::choice::Choice;
use super::complete;
use crate::engine::Engine;
use crate::volumes::{Usage, Volume};
use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use std::time::Duration;

/// What is told within this time is not worth a draft.
const AT_ONCE: Duration = Duration::from_millis(100);

/// List volumes
///
/// On a terminal the list appears at once, and sizes when the engine has measured them; elsewhere
/// sizes are waited for, at most 20 seconds. What an engine does not know is `-`: when a volume was
/// used last, it tells only while a container has it.
#[derive(Debug, Args)]
#[command(before_long_help = "Examples:\n  \
    dp volumes ls\n  \
    dp volumes ls --workspace .                       what this directory keeps\n  \
    dp volumes ls --kind home --filter dangling=true  homes that no container has\n  \
    dp volumes ls --no-size --format json             quickly, for programs")]
pub(in crate::cli) struct LsArgs {
    #[command(flatten)]
    choice: Choice,
    /// Do not ask for sizes, which takes long on a large disk
    #[arg(long)]
    no_size: bool,
    #[command(flatten)]
    quiet: Quiet,
}

/// One volume of ours.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Line {
    volume: Volume,
    #[serde(skip)]
    is_complete: bool,
    #[serde(skip)]
    now: Timestamp,
}

pub(super) async fn run(ctx: &Context, args: &LsArgs) -> Result<Listing<Line>> {
    let chosen = args.choice.parse()?;
    let engine = ctx.engine()?;
    let mut volumes = Volume::all(&engine).await?;
    let now = Timestamp::now();
    volumes.retain(|volume| chosen.has(volume, now));
    let list = |volumes: &[Volume], is_complete| {
        let line = |volume: &Volume| Line {
            volume: volume.clone(),
            is_complete,
            now,
        };
        Listing::new(volumes.iter().map(line).collect(), &args.quiet)
    };
    if !args.quiet.is_quiet() {
        let draft = || Draft::show(ctx, &list(&volumes, false));
        let usage = measure(&engine, &volumes, !args.no_size, draft).await;
        complete(&mut volumes, usage, now);
    }
    Ok(list(&volumes, true))
}

/// Measures; what takes longer is bridged by a draft.
async fn measure(
    engine: &Engine,
    volumes: &[Volume],
    with_sizes: bool,
    show: impl FnOnce() -> Option<Draft>,
) -> Usage {
    let mut measured = std::pin::pin!(Usage::measure(engine, volumes, with_sizes));
    if let Ok(usage) = tokio::time::timeout(AT_ONCE, &mut measured).await {
        return usage;
    }
    let draft = show();
    let usage = measured.await;
    if let Some(draft) = draft {
        draft.clear();
    }
    usage
}

impl Row for Line {
    const HEAD: &'static [&'static str] = &[
        "name",
        "kind",
        "belongs to",
        "size",
        "used by",
        "created",
        "last used",
        "expires",
    ];

    fn identifier(&self) -> &str {
        &self.volume.name
    }

    fn cells(&self) -> Vec<String> {
        let Self { volume, now, .. } = self;
        let later = |text: String| if self.is_complete { text } else { "…".into() };
        let users = match volume.used_by.as_slice() {
            [] => "-".to_string(),
            [one] => one.name.clone(),
            [first, rest @ ..] => format!("{} and {} more", first.name, rest.len()),
        };
        vec![
            volume.name.clone(),
            volume.kind.clone(),
            dash(volume.belongs_to()),
            later(volume.size.map_or_else(|| "-".to_string(), size)),
            users,
            moment::cell(volume.created, *now),
            later(moment::cell(volume.last_used, *now)),
            moment::cell(volume.expires, *now),
        ]
    }
}
