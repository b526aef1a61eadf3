//! `dp secret rm`.

use super::super::output::{Answer, Page};
use super::super::{Context, Result};
use clap::Args;
use serde::Serialize;
use std::io;

/// Forget secrets
#[derive(Debug, Args)]
pub(in crate::cli) struct RmArgs {
    /// Names of the secrets
    #[arg(required = true, value_name = "SECRET")]
    names: Vec<String>,
}

/// What was forgotten.
#[derive(Serialize)]
pub(super) struct Removed {
    names: Vec<String>,
}

pub(super) fn run(ctx: &Context, args: &RmArgs) -> Result<Removed> {
    let store = ctx.secrets()?;
    for name in &args.names {
        super::off_thread(|| store.remove(name))?;
    }
    Ok(Removed {
        names: args.names.clone(),
    })
}

impl Answer for Removed {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        self.names
            .iter()
            .try_for_each(|name| writeln!(out, "removed {name}"))
    }
}
