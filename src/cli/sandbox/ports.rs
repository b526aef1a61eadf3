//! `dp sandbox ports`.

use super::super::output::{Answer, Page, table};
use super::super::{Context, Result};
use super::meant::meant;
use crate::sandbox::Existing;
use crate::sandbox::existing::Selector;
use crate::values::{PublishedPort, port};
use clap::Args;
use serde::Serialize;
use std::io;

/// List the published ports of a sandbox
#[derive(Debug, Args)]
pub(in crate::cli) struct PortsArgs {
    /// Name, ID or directory of the sandbox
    #[arg(default_value = ".")]
    sandbox: Selector,
}

/// The ports.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Ports(Vec<PublishedPort>);

pub(super) async fn run(ctx: &Context, args: &PortsArgs) -> Result<Ports> {
    let found = Existing::select(&ctx.engine()?, &meant(ctx, &args.sandbox).await?).await?;
    Ok(Ports(found.ports))
}

impl Answer for Ports {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        let rows = self.0.iter().map(|port| {
            vec![
                format!("{}/{}", port.container, port.protocol),
                port::address(port),
            ]
        });
        table(out, &["inside", "on this machine"], rows.collect())
    }
}
