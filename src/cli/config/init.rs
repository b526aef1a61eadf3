//! `dp config init`: a workspace file to begin with.

use super::super::output::{Answer, Page};
use super::super::{Context, Error, Result};
use crate::files::{self, Pinned, Traits};
use crate::workspace::{Format, Starter, find, starter};
use clap::Args;
use serde::Serialize;
use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// The permissions of what is written.
const MODE: u32 = 0o644;

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
    let here = Pinned::resolve(Path::new("."))?;
    let is_there = |name: &&&str| here.look(OsStr::new(name)).is_ok();
    if let Some(there) = find::NAMES.iter().find(is_there) {
        return Err(exists(there));
    }
    let place = files::Place::of(&here)?;
    write_schema(&here, &place, Path::new(schema))?;
    match place.new_file(Path::new(name), text.as_bytes(), MODE) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(exists(name)),
        written => written?,
    }
    Ok(Written { file: name, schema })
}

/// Writes the schema in place of an older one. A project may have a link in its place, or in the
/// place of its directory: nothing is written where that leads.
fn write_schema(here: &Pinned, place: &files::Place, path: &Path) -> Result<()> {
    let (above, name) = match (path.parent(), path.file_name()) {
        (Some(above), Some(name)) => (above, Path::new(name)),
        _ => (Path::new(""), path),
    };
    let is_new = here.look(above.as_os_str()).is_err();
    let directory = place.directory(above).map_err(|error| {
        let message = format!(
            "`{}` is no directory that can be written to",
            above.display()
        );
        Error::refused("no-directory", message)
            .cause(error)
            .hint("nothing is written where a link leads: remove what is there")
    })?;
    if is_new {
        directory.set_permissions(0o755)?;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.ok().and_then(|now| i64::try_from(now.as_secs()).ok());
    let text = super::schema::text();
    let size = u64::try_from(text.len()).unwrap_or(u64::MAX);
    let content = &mut text.as_bytes();
    let traits = Traits {
        mode: MODE,
        modified: now.unwrap_or(0),
        owner: None,
    };
    Ok(directory.file(name, content, size, traits)?)
}

fn exists(name: &str) -> Error {
    Error::refused(
        "workspace-file-exists",
        format!("`{name}` is there already"),
    )
    .hint("`dp config check` says what is wrong with it")
}

impl Answer for Written {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        writeln!(out, "wrote {}, and {} for editors", self.file, self.schema)?;
        writeln!(out, "change it, then `dp config check`")
    }
}
