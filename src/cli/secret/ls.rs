//! `dp secret ls`.

use super::super::listing::{Listing, Quiet, Row};
use super::super::{Context, Result};
use crate::secrets::Place;
use clap::Args;
use serde::Serialize;

/// List the names of secrets
#[derive(Debug, Args)]
pub(in crate::cli) struct LsArgs {
    #[command(flatten)]
    quiet: Quiet,
}

/// One secret, without its value.
#[derive(Serialize)]
pub(super) struct Secret {
    name: String,
    place: Place,
}

pub(super) fn run(ctx: &Context, args: &LsArgs) -> Result<Listing<Secret>> {
    let names = ctx.secrets()?.read_names()?.into_iter();
    let secrets = names.map(|(name, place)| Secret { name, place });
    Ok(Listing::new(secrets.collect(), &args.quiet))
}

impl Row for Secret {
    const HEAD: &'static [&'static str] = &["name", "kept in"];

    fn identifier(&self) -> &str {
        &self.name
    }

    fn cells(&self) -> Vec<String> {
        let place = match self.place {
            Place::Keyring => "keyring",
            Place::File => "file",
        };
        vec![self.name.clone(), place.to_string()]
    }
}
