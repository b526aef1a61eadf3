//! `dp volumes ls`.

use super::super::output::{Answer, table};
use super::super::{Context, Result};
use crate::labels;
use clap::Args;
use serde::Serialize;
use std::io::{self, Write};

/// List volumes
#[derive(Debug, Args)]
pub(in crate::cli) struct LsArgs {
    /// Print names only
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Serialize)]
struct Row {
    name: String,
    kind: String,
    agent: Option<String>,
    created: Option<String>,
}

/// The volumes.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Volumes {
    volumes: Vec<Row>,
    #[serde(skip)]
    is_quiet: bool,
}

pub(super) async fn run(ctx: &Context, args: &LsArgs) -> Result<Volumes> {
    let found = ctx
        .engine()?
        .volumes(&labels::filter(labels::MANAGED, "true"))
        .await?;
    let mut volumes: Vec<Row> = found
        .into_iter()
        .map(|volume| Row {
            kind: volume.labels.get(labels::KIND).cloned().unwrap_or_default(),
            agent: volume.labels.get(labels::AGENT).cloned(),
            name: volume.name,
            created: volume.created,
        })
        .collect();
    volumes.sort_by(|a, b| (&a.kind, &a.name).cmp(&(&b.kind, &b.name)));
    Ok(Volumes {
        volumes,
        is_quiet: args.quiet,
    })
}

impl Answer for Volumes {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.is_quiet {
            return self
                .volumes
                .iter()
                .try_for_each(|row| writeln!(out, "{}", row.name));
        }
        let rows = self.volumes.iter().map(|row| {
            let dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
            vec![
                row.name.clone(),
                row.kind.clone(),
                dash(&row.agent),
                dash(&row.created),
            ]
        });
        table(out, &["name", "kind", "agent", "created"], rows.collect())
    }
}
