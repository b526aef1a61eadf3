//! `dp config path`.

use super::super::output::{Answer, Page};
use super::super::{Context, Result};
use clap::Args;
use serde::Serialize;
use std::io;
use std::path::PathBuf;

/// Print where the configuration and the state are
#[derive(Debug, Args)]
pub(in crate::cli) struct PathArgs {}

/// The places.
#[derive(Serialize)]
pub(super) struct Places {
    config: PathBuf,
    state: PathBuf,
}

pub(super) fn run(ctx: &Context, _: &PathArgs) -> Result<Places> {
    let paths = ctx.paths()?;
    Ok(Places {
        config: paths.config.clone(),
        state: paths.state.clone(),
    })
}

impl Answer for Places {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        writeln!(out, "config  {}", self.config.display())?;
        writeln!(out, "state   {}", self.state.display())
    }
}
