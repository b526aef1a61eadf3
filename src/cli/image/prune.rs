//! `dp image prune`.

use super::super::{Context, Error, Result, prompt};
use super::ls::images;
use super::rm::Removed;
use crate::images::Recipe;
use clap::Args;

/// Remove images that no sandbox uses and no run would
#[derive(Debug, Args)]
pub(in crate::cli) struct PruneArgs {
    /// Also the images that the next run would use
    #[arg(short, long)]
    all: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

pub(super) async fn run(ctx: &Context, args: &PruneArgs) -> Result<Removed> {
    let engine = ctx.engine()?;
    let current = if args.all { Vec::new() } else { current(ctx)? };
    let mut names = Vec::new();
    for row in images(&engine).await? {
        if row.used_by.is_empty() && !current.contains(&row.name) {
            names.push(row.name);
        }
    }
    if !names.is_empty() && !args.yes {
        if !ctx.may_ask() {
            return Err(Error::refused("unconfirmed", "images would be removed")
                .cause(super::super::explain::list(&names))
                .hint("add `--yes`"));
        }
        if !prompt::confirm(&format!("Remove {}?", names.join(", ")))? {
            return Err(Error::unconfirmed("nothing was removed"));
        }
    }
    // Layers before what they stand on.
    names.sort_by_key(|name| name.starts_with(crate::images::BASE_REPOSITORY));
    for name in &names {
        engine.remove_image(name, false).await?;
    }
    Ok(Removed { images: names })
}

/// What this build of `dp` would use.
fn current(ctx: &Context) -> Result<Vec<String>> {
    let mut tags = Vec::new();
    let found = crate::images::authorities::of_host();
    for ca in [None, found.as_ref()] {
        let base = Recipe::base(&ctx.config()?.build_args, ca);
        for agent in ctx.catalogue()?.iter() {
            tags.extend(Recipe::layer(agent, &base.tag, ca).map(|layer| layer.tag));
        }
        tags.push(base.tag);
        tags.push(Recipe::engine(&ctx.config()?.build_args, ca).tag);
    }
    Ok(tags)
}
