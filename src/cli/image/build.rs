//! `dp image build`.

use super::super::interrupt::or_interrupt;
use super::super::output::{Answer, Page};
use super::super::progress::Progress;
use super::super::{Context, Error, Result};
use crate::images::authorities::{self, Authorities};
use crate::images::{self, Manner, Recipe};
use crate::sandbox::means::Step;
use clap::Args;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;

/// Build the base image, the image of the Docker engine beside sandboxes, and the layers of the named
/// agents
#[derive(Debug, Args)]
pub(in crate::cli) struct BuildArgs {
    /// Ask the registry for newer upstream images
    #[arg(long)]
    pull: bool,
    /// Build every step again
    #[arg(long)]
    no_cache: bool,
    /// Add the certificate authorities of this machine
    #[arg(long, value_parser = ["host", "none"], value_name = "WHOSE")]
    ca_certificates: Option<String>,
    /// Build argument of the base image, `NAME=VALUE` (repeatable)
    #[arg(long, value_name = "NAME=VALUE")]
    build_arg: Vec<String>,
    /// Say nothing but the names, with `--format json` as an array of strings
    #[arg(short, long)]
    quiet: bool,
    /// Agents whose layers to build
    #[arg(value_name = "AGENT")]
    agents: Vec<String>,
}

/// The images: the base, the engine's, then the layers.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Built {
    Images { images: Vec<String> },
    Names(Vec<String>),
}

pub(super) async fn run(ctx: &Context, args: &BuildArgs) -> Result<Built> {
    let ca = authorities(ctx, args)?;
    let arguments = arguments(ctx, args)?;
    let base = Recipe::base(&arguments, ca.as_ref());
    let catalogue = ctx.catalogue()?;
    let mut recipes = vec![base.clone(), Recipe::engine(&arguments, ca.as_ref())];
    for name in &args.agents {
        recipes.extend(Recipe::layer(catalogue.find(name)?, &base.tag, ca.as_ref()));
    }
    let engine = ctx.engine()?;
    let logs = ctx.paths()?.build_logs();
    let progress = Progress::new(ctx.is_lively(), args.quiet);
    let build = async {
        for recipe in &recipes {
            progress.step(Step::Build(recipe.tag.clone()));
            let watch = |image: &_| progress.step(Step::Image(Clone::clone(image)));
            let manner = Manner {
                pull: args.pull,
                no_cache: args.no_cache,
                logs: &logs,
                watch: &watch,
            };
            let built = images::build(&engine, recipe, manner).await?;
            engine.tag_image(&built, &recipe.tag).await?;
        }
        Ok::<(), Error>(())
    };
    or_interrupt(
        "the steps that were built are kept and used the next time",
        build,
    )
    .await?;
    let images = recipes.into_iter().map(|recipe| recipe.tag).collect();
    Ok(if args.quiet {
        Built::Names(images)
    } else {
        Built::Images { images }
    })
}

fn authorities(ctx: &Context, args: &BuildArgs) -> Result<Option<Authorities>> {
    let wanted = match args.ca_certificates.as_deref() {
        Some(whose) => whose == "host",
        None => ctx.config()?.trust_host_ca == Some(true),
    };
    if !wanted {
        return Ok(None);
    }
    let found = authorities::of_host();
    found.map(Some).ok_or_else(|| {
        Error::failed(
            "no-authorities",
            "this machine has no bundle of certificate authorities",
        )
    })
}

fn arguments(ctx: &Context, args: &BuildArgs) -> Result<BTreeMap<String, String>> {
    let mut arguments = ctx.config()?.build_args.clone();
    for text in &args.build_arg {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| Error::usage("build-arg", format!("`{text}` is not `NAME=VALUE`")))?;
        arguments.insert(name.to_string(), value.to_string());
    }
    Ok(arguments)
}

impl Answer for Built {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        let (Self::Images { images } | Self::Names(images)) = self;
        images.iter().try_for_each(|image| writeln!(out, "{image}"))
    }
}
