//! `dp config init`: a workspace file to begin with.

use super::super::output::{Answer, Page};
use super::super::{Context, Error, Result};
use crate::workspace::{Format, Starter, find, starter};
use clap::Args;
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;

/// Write a commented workspace file here, with its schema for editors
#[derive(Debug, Args)]
pub(in crate::cli) struct InitArgs {
    /// Write TOML in place of YAML
    #[arg(long)]
    toml: bool,
}

/// The files that were written.
#[derive(Serialize)]
pub(super) struct Written {
    file: &'static str,
    schema: &'static str,
}

pub(super) fn run(_: &Context, args: &InitArgs) -> Result<Written> {
    let format = if args.toml {
        Format::Toml
    } else {
        Format::Yaml
    };
    let Starter { name, text, schema } = starter(format);
    let here = Path::new(".");
    if let Some(there) = find::NAMES
        .iter()
        .find(|name| here.join(name).symlink_metadata().is_ok())
    {
        return Err(exists(there));
    }
    let schema_path = here.join(schema);
    fs_err::create_dir_all(schema_path.parent().unwrap_or(here))?;
    replace(&schema_path, &super::schema::text(), true)?;
    match replace(&here.join(name), text, false) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(exists(name)),
        written => written?,
    }
    Ok(Written { file: name, schema })
}

fn exists(name: &str) -> Error {
    Error::refused(
        "workspace-file-exists",
        format!("`{name}` is there already"),
    )
    .hint("`dp config check` says what is wrong with it")
}

/// Writes a file whole or not at all.
fn replace(path: &Path, text: &str, overwrites: bool) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".dp-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    if overwrites {
        file.persist(path)?;
    } else {
        file.persist_noclobber(path)?;
    }
    Ok(())
}

impl Answer for Written {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        writeln!(out, "wrote {}, and {} for editors", self.file, self.schema)?;
        writeln!(out, "change it, then `dp config check`")
    }
}
