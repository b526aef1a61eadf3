//! `dp image ls`.

use super::super::output::{Answer, table};
use super::super::{Context, Result};
use crate::engine::Engine;
use crate::labels::{self, Kind};
use crate::sandbox::{Existing, Memory};
use clap::Args;
use serde::Serialize;
use std::io::{self, Write};

/// List images
#[derive(Debug, Args)]
pub(in crate::cli) struct LsArgs {
    /// Print names only
    #[arg(short, long)]
    quiet: bool,
}

/// One image of ours.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) id: String,
    kind: String,
    agent: Option<String>,
    size: u64,
    /// The sandboxes that were made from it.
    pub(super) used_by: Vec<String>,
}

/// The images.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Images {
    images: Vec<Row>,
    #[serde(skip)]
    is_quiet: bool,
}

pub(super) async fn run(ctx: &Context, args: &LsArgs) -> Result<Images> {
    Ok(Images {
        images: images(&ctx.engine()?).await?,
        is_quiet: args.quiet,
    })
}

/// All images that `dp` built, by name. Two calls at once.
pub(super) async fn images(engine: &Engine) -> Result<Vec<Row>> {
    let label = labels::filter(labels::MANAGED, "true");
    let (images, sandboxes) = tokio::join!(engine.images(&label), Existing::all(engine));
    let (images, sandboxes) = (images?, sandboxes?);
    let mut rows: Vec<Row> = images
        .into_iter()
        .flat_map(|image| {
            // Ours only, under our names: what somebody built on top of it carries its labels too.
            let own = |tag: &String| image.labels.get(labels::INPUTS) == Some(tag);
            let tags: Vec<String> = image.tags.iter().filter(|tag| own(tag)).cloned().collect();
            let is_layer = labels::is(&image.labels, Kind::AgentLayer);
            let agent = image
                .labels
                .get(labels::AGENT)
                .filter(|_| is_layer)
                .cloned();
            let (id, size) = (image.id, image.size);
            let kind = image.labels.get(labels::KIND).cloned().unwrap_or_default();
            tags.into_iter().map(move |name| Row {
                name,
                id: id.clone(),
                kind: kind.clone(),
                agent: agent.clone(),
                size,
                used_by: Vec::new(),
            })
        })
        .collect();
    for row in &mut rows {
        let users = sandboxes.iter().filter(|found| found.image == row.name);
        row.used_by = users.map(|found| found.name.to_string()).collect();
    }
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(rows)
}

/// `1.2 GiB`-like, rounded down to what a person compares.
pub(super) fn size(bytes: u64) -> String {
    const MIB: u64 = 1 << 20;
    Memory::bytes((bytes / MIB).max(1) * MIB).to_string()
}

impl Answer for Images {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.is_quiet {
            return self
                .images
                .iter()
                .try_for_each(|row| writeln!(out, "{}", row.name));
        }
        let rows = self.images.iter().map(|row| {
            let users = match row.used_by.len() {
                0 => "-".to_string(),
                1 => row.used_by[0].clone(),
                count => format!("{count} sandboxes"),
            };
            let agent = row.agent.clone().unwrap_or_else(|| "-".into());
            vec![
                row.name.clone(),
                row.kind.clone(),
                agent,
                size(row.size),
                users,
            ]
        });
        table(
            out,
            &["name", "kind", "agent", "size", "used by"],
            rows.collect(),
        )
    }
}
