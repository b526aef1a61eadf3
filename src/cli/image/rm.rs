//! `dp image rm`.

use super::super::output::{Answer, Page};
use super::super::{Context, Error, Result};
use super::ls::images;
use clap::Args;
use serde::Serialize;
use std::io;

/// Remove images that no sandbox uses
#[derive(Debug, Args)]
pub(in crate::cli) struct RmArgs {
    /// Names, as `dp image ls` prints them
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<String>,
}

/// What was removed.
#[derive(Serialize)]
pub(super) struct Removed {
    pub(super) images: Vec<String>,
}

pub(super) async fn run(ctx: &Context, args: &RmArgs) -> Result<Removed> {
    let engine = ctx.engine()?;
    let known = images(&engine).await?;
    for name in &args.images {
        let Some(row) = known.iter().find(|row| row.name == *name) else {
            return Err(
                Error::not_found("no-image", format!("`{name}` is not an image of `dp`"))
                    .hint("`dp image ls` lists them"),
            );
        };
        if !row.used_by.is_empty() {
            return Err(
                Error::refused("image-in-use", format!("the image `{name}` is in use"))
                    .cause(format!("by {}", super::super::explain::list(&row.used_by)))
                    .hint("`dp sandbox rm` removes a sandbox"),
            );
        }
    }
    for name in &args.images {
        engine.remove_image(name, false).await?;
    }
    Ok(Removed {
        images: args.images.clone(),
    })
}

impl Answer for Removed {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        if self.images.is_empty() {
            return writeln!(out, "nothing to do");
        }
        self.images
            .iter()
            .try_for_each(|name| writeln!(out, "removed {name}"))
    }
}
