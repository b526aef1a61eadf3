//! `dp image ls`.

use super::super::listing::{Listing, Quiet, Row, dash, size};
use super::super::{Context, Result};
use crate::engine::Engine;
use crate::images::Recipe;
use crate::labels::{self, Kind};
use crate::sandbox::{Existing, beside};
use clap::Args;
use serde::Serialize;

/// List images
#[derive(Debug, Args)]
pub(in crate::cli) struct LsArgs {
    #[command(flatten)]
    quiet: Quiet,
}

/// One image of ours.
#[derive(Debug, Clone, Serialize)]
pub(in crate::cli) struct Image {
    pub(in crate::cli) name: String,
    pub(super) id: String,
    kind: String,
    agent: Option<String>,
    size: u64,
    /// The sandboxes that were made from it.
    pub(super) used_by: Vec<String>,
}

pub(super) async fn run(ctx: &Context, args: &LsArgs) -> Result<Listing<Image>> {
    let images = images(&ctx.engine()?).await?;
    Ok(Listing::new(images, &args.quiet))
}

/// All images that `dp` built, by name. Two calls at once.
pub(in crate::cli) async fn images(engine: &Engine) -> Result<Vec<Image>> {
    let label = labels::filter(labels::MANAGED, "true");
    let (images, sandboxes) = tokio::join!(engine.images(&label), Existing::all(engine));
    let (images, sandboxes) = (images?, sandboxes?);
    let mut rows: Vec<Image> = images
        .into_iter()
        .flat_map(|image| {
            // Ours only, under our names: what somebody built on top of it carries its labels too,
            // and whoever makes an image may give it any.
            let own = |tag: &String| {
                Recipe::is_name(tag) && image.labels.get(labels::INPUTS) == Some(tag)
            };
            let tags: Vec<String> = image.tags.iter().filter(|tag| own(tag)).cloned().collect();
            let is_layer = labels::is(&image.labels, Kind::AgentLayer);
            let agent = image
                .labels
                .get(labels::AGENT)
                .filter(|_| is_layer)
                .cloned();
            let (id, size) = (image.id, image.size);
            let kind = image.labels.get(labels::KIND).cloned().unwrap_or_default();
            tags.into_iter().map(move |name| Image {
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
        let users = sandboxes.iter().filter(|found| {
            found.image == row.name || beside::image(found).as_ref() == Some(&row.name)
        });
        row.used_by = users.map(|found| found.name.to_string()).collect();
    }
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(rows)
}

impl Row for Image {
    const HEAD: &'static [&'static str] = &["name", "kind", "agent", "size", "used by"];

    fn identifier(&self) -> &str {
        &self.name
    }

    fn cells(&self) -> Vec<String> {
        let users = match self.used_by.as_slice() {
            [] => "-".to_string(),
            [one] => one.clone(),
            many => format!("{} sandboxes", many.len()),
        };
        vec![
            self.name.clone(),
            self.kind.clone(),
            dash(self.agent.as_deref()),
            size(self.size),
            users,
        ]
    }
}
