//! `dp sandbox cp`: files in and out of a sandbox, running or not.

use super::super::interrupt::or_undo;
use super::super::output::{Answer, Page, answer, piece};
use super::super::{Context, Error, Result};
use super::copy::{Original, Written};
use super::meant::meant;
use crate::engine::Engine;
use crate::files::{self, Naming, Owner, Owners};
use crate::sandbox::existing::Selector;
use crate::sandbox::spec::WORKSPACE_TARGET;
use crate::sandbox::{Existing, contents};
use clap::Args;
use serde::Serialize;
use std::ffi::OsStr;
use std::io::{self, IsTerminal, Write};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;
use tokio::sync::oneshot;

const CHUNK: usize = 256 * 1024;
/// How long a file that was under way may take to be gone.
const UNDO: Duration = Duration::from_secs(2);
/// Standard input or output, as a tar archive.
const STREAM: &str = "-";

/// Copy files between this machine and a sandbox
#[derive(Debug, Args)]
#[command(before_long_help = "Examples:\n  \
    dp sandbox cp notes.txt claude-app-1a2b3c:/tmp/  into a sandbox\n  \
    dp sandbox cp claude-app-1a2b3c:/etc/hosts .     out of it\n  \
    dp sandbox cp .:/tmp/out - | tar t               as an archive")]
pub(in crate::cli) struct CpArgs {
    /// What to copy: `PATH`, `SANDBOX:PATH`, or `-` for an archive on standard input
    from: String,
    /// Where to: `SANDBOX:PATH`, `PATH`, or `-` for an archive on standard output
    to: String,
}

/// What was copied.
#[derive(Serialize)]
pub(super) struct Copied {
    from: String,
    to: String,
}

impl Answer for Copied {
    fn human(&self, _: &mut Page) -> io::Result<()> {
        Ok(())
    }
}

pub(super) async fn run(ctx: &Context, args: &CpArgs) -> Result<u8> {
    match (place(&args.from), place(&args.to)) {
        (Some((sandbox, path)), None) => {
            let engine = ctx.engine()?;
            let sandbox = Existing::select(&engine, &meant(ctx, &sandbox).await?).await?;
            let path = inside(&sandbox, path);
            if args.to == STREAM {
                return archive_out(&engine, &sandbox, &path).await;
            }
            copy_out(ctx, &engine, &sandbox, &path, Path::new(&args.to)).await?;
        }
        (None, Some((sandbox, path))) => {
            let engine = ctx.engine()?;
            let sandbox = Existing::select(&engine, &meant(ctx, &sandbox).await?).await?;
            let path = inside(&sandbox, path);
            if args.from == STREAM {
                archive_in(&engine, &sandbox, &path).await?;
            } else {
                copy_in(ctx, &engine, &sandbox, Path::new(&args.from), &path).await?;
            }
        }
        _ => {
            return Err(
                Error::usage("cp", "one side is `SANDBOX:PATH`, and only one")
                    .hint("a path of this machine with a colon is written as `./a:b`"),
            );
        }
    }
    let copied = Copied {
        from: args.from.clone(),
        to: args.to.clone(),
    };
    answer(ctx, &copied)
}

/// A path of a sandbox; a relative one is below where its agent starts.
fn inside(sandbox: &Existing, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_string();
    }
    let workdir = match (&sandbox.settings.workdir, sandbox.workspace.as_str()) {
        (Some(workdir), _) => workdir,
        (None, "/") => WORKSPACE_TARGET,
        (None, workspace) => workspace,
    };
    format!("{workdir}/{path}")
}

/// Writes an archive to standard output as it comes.
async fn archive_out(engine: &Engine, sandbox: &Existing, from: &str) -> Result<u8> {
    if io::stdout().is_terminal() {
        return Err(
            Error::usage("cp", "an archive is nothing for a terminal to show")
                .hint("`dp sandbox cp SANDBOX:PATH - | tar t` lists it"),
        );
    }
    let asked = name_of(from).map(OsStr::to_os_string);
    let passed = contents::read(engine, sandbox, from, move |archive| {
        let naming = asked.as_deref().map_or(Naming::Own, Naming::First);
        let out = io::BufWriter::with_capacity(CHUNK, Pipe);
        match files::rename(archive, naming, out) {
            // Whoever reads it has enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            renamed => renamed,
        }
    });
    let cannot = |error| Error::failed("cp", "cannot read the copy").cause(error);
    passed.await?.map_err(cannot)?;
    Ok(0)
}

/// Unpacks an archive from standard input into a directory.
async fn archive_in(engine: &Engine, sandbox: &Existing, to: &str) -> Result<()> {
    if io::stdin().is_terminal() {
        return Err(Error::usage(
            "cp",
            "`-` is an archive on standard input, and there is none",
        )
        .hint("`tar c FILES | dp sandbox cp - SANDBOX:DIRECTORY`"));
    }
    if !contents::is_directory(engine, sandbox, to).await? {
        let message = format!(
            "`{to}` is not a directory of the sandbox `{}`",
            sandbox.name
        );
        return Err(Error::not_found("no-directory", message));
    }
    let sent = contents::write(engine, sandbox, to, |archive| {
        io::copy(&mut io::stdin().lock(), archive).map(drop)
    });
    let cannot = |error| Error::failed("cp", "cannot read standard input").cause(error);
    sent.await?.map_err(cannot)
}

/// `SANDBOX:PATH`; what begins like a path is one.
fn place(text: &str) -> Option<(Selector, &str)> {
    if text.starts_with(['/', '.', '~']) && !text.starts_with(".:") {
        return None;
    }
    let (sandbox, path) = text.split_once(':')?;
    let Ok(selector) = sandbox.parse();
    (!path.is_empty()).then_some((selector, path))
}

async fn copy_in(
    ctx: &Context,
    engine: &Engine,
    sandbox: &Existing,
    from: &Path,
    to: &str,
) -> Result<()> {
    let source = Original::open(&Written::of(ctx, engine).await?, from)?;
    // A trailing slash, or a directory that is there: below it. Otherwise the path is the new name.
    let is_directory = to.ends_with('/') || contents::is_directory(engine, sandbox, to).await?;
    let (directory, name) = match (is_directory, to.trim_end_matches('/').rsplit_once('/')) {
        (true, _) => (to.to_string(), PathBuf::from(&source.name)),
        (false, Some(("", name))) => ("/".to_string(), PathBuf::from(name)),
        (false, Some((directory, name))) => (directory.to_string(), PathBuf::from(name)),
        (false, None) => ("/".to_string(), PathBuf::from(to)),
    };
    let (uid, gid) = contents::account(sandbox);
    let owner = Owner::Is { uid, gid };
    let sent = contents::write(engine, sandbox, &directory, move |archive| {
        let mut archive = tar::Builder::new(archive);
        files::pack(&mut archive, &source.above, &source.name, &name, owner)?;
        archive.into_inner().map(drop)
    });
    let cannot = |error| Error::failed("cp", "cannot read what is to be copied").cause(error);
    sent.await?.map_err(cannot)
}

async fn copy_out(
    ctx: &Context,
    engine: &Engine,
    sandbox: &Existing,
    from: &str,
    to: &Path,
) -> Result<()> {
    // Onto a directory: below it, under its own name. Otherwise `to` is the new name.
    let written = Written::of(ctx, engine).await?;
    let (directory, name) = if let Some(directory) = written.typed_directory(to)? {
        (directory, None)
    } else {
        let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        let name = to
            .file_name()
            .ok_or_else(|| Error::usage("cp", "the target has no name"))?;
        let directory = written.typed_directory(parent)?.ok_or_else(|| {
            let message = format!("the directory `{}` does not exist", parent.display());
            Error::not_found("no-directory", message)
        })?;
        (directory, Some(name.to_os_string()))
    };
    let asked = name_of(from).map(OsStr::to_os_string);
    let (writing, written_out) = oneshot::channel::<()>();
    let unpacked = contents::read(engine, sandbox, from, move |pieces| {
        // Dropped once nothing is written any more.
        let _writing = writing;
        let naming = naming(name.as_deref(), asked.as_deref());
        files::unpack(pieces, &directory, naming, Owners::Own)
    });
    let work = async { Ok(unpacked.await?) };
    let undo = async {
        // The file that was under way is removed by whoever writes it.
        let _over = tokio::time::timeout(UNDO, written_out).await;
        None
    };
    let unpacked = or_undo("what was copied before stays", work, undo).await?;
    unpacked.map_err(|error| Error::failed("cp", "cannot write the copy").cause(error))
}

/// What the archive of a path inside holds, by name; `None` for what is in a directory.
fn name_of(path: &str) -> Option<&OsStr> {
    match Path::new(path).components().next_back() {
        Some(Component::Normal(name)) if !path.ends_with('/') && !path.ends_with("/.") => {
            Some(name)
        }
        _ => None,
    }
}

/// Whoever sends the archive may send any names: nothing but what was asked for comes out of it.
fn naming<'a>(name: Option<&'a OsStr>, asked: Option<&'a OsStr>) -> Naming<'a> {
    match (name, asked) {
        (Some(name), None) => Naming::Below(name),
        (None, None) => Naming::Own,
        (Some(name), Some(_)) | (None, Some(name)) => Naming::First(name),
    }
}

/// Standard output.
struct Pipe;

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match piece(bytes) {
            Ok(true) => Ok(bytes.len()),
            Ok(false) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(error) => Err(io::Error::other(error.message)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn sides() {
        for inside in ["s:/x", ".:/x", "abc-1:x"] {
            assert!(place(inside).is_some(), "{inside}");
        }
        for outside in ["x", "./a:b", "/a:b", "s:", "~/a:b"] {
            assert!(place(outside).is_none(), "{outside}");
        }
    }
}
