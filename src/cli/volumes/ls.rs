//! `dp volumes ls`.

use super::super::listing::{Listing, Quiet, Row, dash};
use super::super::{Context, Result};
use crate::labels;
use clap::Args;
use serde::Serialize;

/// List volumes
#[derive(Debug, Args)]
pub(in crate::cli) struct LsArgs {
    #[command(flatten)]
    quiet: Quiet,
}

/// One volume of ours.
#[derive(Serialize)]
pub(super) struct Volume {
    name: String,
    kind: String,
    agent: Option<String>,
    created: Option<String>,
}

pub(super) async fn run(ctx: &Context, args: &LsArgs) -> Result<Listing<Volume>> {
    let found = ctx
        .engine()?
        .volumes(&labels::filter(labels::MANAGED, "true"))
        .await?;
    let mut volumes: Vec<Volume> = found
        .into_iter()
        .map(|volume| Volume {
            kind: volume.labels.get(labels::KIND).cloned().unwrap_or_default(),
            agent: volume.labels.get(labels::AGENT).cloned(),
            name: volume.name,
            created: volume.created,
        })
        .collect();
    volumes.sort_by(|a, b| (&a.kind, &a.name).cmp(&(&b.kind, &b.name)));
    Ok(Listing::new(volumes, &args.quiet))
}

impl Row for Volume {
    const HEAD: &'static [&'static str] = &["name", "kind", "agent", "created"];

    fn identifier(&self) -> &str {
        &self.name
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.kind.clone(),
            dash(self.agent.as_deref()),
            dash(self.created.as_deref()),
        ]
    }
}
