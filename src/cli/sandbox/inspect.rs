//! `dp sandbox inspect`.

use super::super::output::{Answer, Page};
use super::super::{Context, Result};
use super::meant::meant;
use super::plan;
use crate::sandbox::existing::Selector;
use crate::sandbox::{Existing, beside};
use crate::values::text::word;
use clap::Args;
use serde::Serialize;
use std::io;

/// Show everything about a sandbox
#[derive(Debug, Args)]
pub(in crate::cli) struct InspectArgs {
    /// Name, ID or directory of the sandbox
    #[arg(default_value = ".")]
    sandbox: Selector,
}

/// One sandbox.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Inspected(Existing);

pub(super) async fn run(ctx: &Context, args: &InspectArgs) -> Result<Inspected> {
    let engine = ctx.engine()?;
    let mut found = Existing::select(&engine, &meant(ctx, &args.sandbox).await?).await?;
    beside::look(&engine, &mut found).await?;
    Ok(Inspected(found))
}

impl Answer for Inspected {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        let found = &self.0;
        writeln!(out, "name       {}", found.name)?;
        writeln!(out, "id         {}", found.id)?;
        writeln!(out, "agent      {}", word(&found.agent))?;
        writeln!(out, "state      {}", found.state)?;
        writeln!(out, "workspace  {}", word(&found.workspace))?;
        writeln!(out, "image      {}", word(&found.image))?;
        writeln!(out, "made by    dp {}", word(&found.version))?;
        for mount in &found.mounts {
            let mode = if mount.read_only { " (read-only)" } else { "" };
            // A file system in memory comes from nowhere.
            let source = match mount.source.as_str() {
                "" => word(&mount.kind),
                source => word(source),
            };
            writeln!(out, "mount      {source} -> {}{mode}", word(&mount.target))?;
        }
        if let Some(engine) = &found.engine {
            writeln!(
                out,
                "docker     in the container {}, {}",
                &engine.id, engine.state
            )?;
        }
        for port in &found.ports {
            writeln!(out, "port       {}", crate::values::port::format(port))?;
        }
        plan::settings(out, &found.settings, &["image", "mounts", "ports"])
    }
}
