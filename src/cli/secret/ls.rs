//! `dp secret ls`.

use super::super::output::{Answer, table};
use super::super::{Context, Result};
use crate::secrets::Place;
use clap::Args;
use serde::Serialize;
use std::io::{self, Write};

/// List the names of secrets
#[derive(Debug, Args)]
pub(in crate::cli) struct LsArgs {
    /// Print names only
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Serialize)]
struct Secret {
    name: String,
    place: Place,
}

/// The names.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Secrets {
    secrets: Vec<Secret>,
    #[serde(skip)]
    is_quiet: bool,
}

pub(super) fn run(ctx: &Context, args: &LsArgs) -> Result<Secrets> {
    let names = ctx.secrets()?.read_names()?;
    Ok(Secrets {
        secrets: names
            .into_iter()
            .map(|(name, place)| Secret { name, place })
            .collect(),
        is_quiet: args.quiet,
    })
}

impl Answer for Secrets {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.is_quiet {
            return self
                .secrets
                .iter()
                .try_for_each(|secret| writeln!(out, "{}", secret.name));
        }
        let place = |place| match place {
            Place::Keyring => "keyring",
            Place::File => "file",
        };
        let row = |secret: &Secret| vec![secret.name.clone(), place(secret.place).to_string()];
        table(
            out,
            &["name", "kept in"],
            self.secrets.iter().map(row).collect(),
        )
    }
}
