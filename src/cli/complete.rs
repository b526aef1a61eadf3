//! What completion scripts ask for: names, quickly, and nothing at all when it cannot be had.

use super::output::raw;
use super::{Context, Result};
use crate::sandbox::Existing;
use clap::Args;
use std::time::Duration;

/// A person who pressed Tab does not wait longer.
const PATIENCE: Duration = Duration::from_millis(400);

/// Print names for completion
#[derive(Debug, Args)]
pub(super) struct CompleteArgs {
    /// `agents` or `sandboxes`
    what: String,
}

pub(super) async fn run(ctx: &Context, args: &CompleteArgs) -> Result<u8> {
    let names = match args.what.as_str() {
        "agents" => agents(ctx),
        "sandboxes" => sandboxes(ctx).await,
        _ => None,
    };
    raw(names.unwrap_or_default().as_bytes())
}

fn agents(ctx: &Context) -> Option<String> {
    let catalogue = ctx.catalogue().ok()?;
    Some(
        catalogue
            .iter()
            .map(|agent| format!("{}\n", agent.name))
            .collect(),
    )
}

async fn sandboxes(ctx: &Context) -> Option<String> {
    let engine = ctx.engine().ok()?;
    let listed = tokio::time::timeout(PATIENCE, Existing::all(&engine)).await;
    Some(
        listed
            .ok()?
            .ok()?
            .iter()
            .map(|found| format!("{}\n", found.name))
            .collect(),
    )
}
