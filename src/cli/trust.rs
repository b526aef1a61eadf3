//! `dp trust`: what workspace files are allowed beyond their own directories.

use super::output::{Answer, Page, answer, note, table};
use super::workspace_file;
use super::{Context, Result};
use crate::config::Approvals;
use clap::Args;
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};

/// Allow a workspace file what it asks for beyond its own directory
///
/// Mounts from elsewhere, links that lead there, the host's network or a named one, ports for
/// everyone, privileges, git sources and your secrets are allowed once for each file, and asked
/// again when something new is on the list.
#[derive(Debug, Args)]
#[command(before_long_help = "Examples:\n  \
    dp trust             shows what the file here asks for, and asks you\n  \
    dp trust --yes       allows it without a question\n  \
    dp trust --list      everything that was allowed\n  \
    dp trust --revoke    takes it back for the file here")]
pub(super) struct TrustArgs {
    /// Workspace file [default: the one of this directory, or above]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
    /// List what was allowed
    #[arg(long, conflicts_with_all = ["revoke", "yes"])]
    list: bool,
    /// Take back what was allowed
    #[arg(long, conflicts_with = "yes")]
    revoke: bool,
    /// Allow it without a question
    #[arg(short, long)]
    yes: bool,
}

/// What one file may do.
#[derive(Debug, Serialize)]
struct Trusted {
    file: PathBuf,
    allowed: Vec<String>,
    at: Option<jiff::Timestamp>,
}

/// The files.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct All(Vec<Trusted>);

pub(super) fn run(ctx: &Context, args: &TrustArgs) -> Result<u8> {
    if args.list {
        return answer(ctx, &list(ctx)?);
    }
    if args.revoke {
        return revoke(ctx, args.file.as_deref());
    }
    let here = std::env::current_dir()?;
    let loaded = workspace_file::load(ctx, args.file.as_deref(), &here, false)?;
    let loaded = loaded.ok_or_else(workspace_file::missing)?;
    let requests = workspace_file::requests(ctx, &loaded)?;
    if requests.is_empty() {
        note(&format!(
            "`{}` asks for nothing beyond its own directory",
            loaded.file.source.name
        ));
    } else {
        workspace_file::approve(ctx, &loaded, args.yes)?;
    }
    answer(ctx, &of_file(ctx, &loaded.path)?)
}

fn revoke(ctx: &Context, given: Option<&Path>) -> Result<u8> {
    let here = std::env::current_dir()?;
    let path = workspace_file::locate(ctx, given, &here)?.ok_or_else(workspace_file::missing)?;
    // A file that is gone was approved by the path that it had.
    let path = std::fs::canonicalize(&path).unwrap_or(path);
    let mut approvals = Approvals::read(&ctx.paths()?.state)?;
    if !approvals.revoke(&path)? {
        note(&format!("nothing was allowed to {}", path.display()));
    }
    answer(ctx, &of_file(ctx, &path)?)
}

fn list(ctx: &Context) -> Result<All> {
    let approvals = Approvals::read(&ctx.paths()?.state)?;
    let all = approvals.all().map(|(path, approval)| Trusted {
        file: path.to_path_buf(),
        allowed: approval.requests.iter().cloned().collect(),
        at: Some(approval.at),
    });
    Ok(All(all.collect()))
}

fn of_file(ctx: &Context, path: &Path) -> Result<Trusted> {
    let All(all) = list(ctx)?;
    let found = all.into_iter().find(|trusted| trusted.file == path);
    Ok(found.unwrap_or_else(|| Trusted {
        file: path.to_path_buf(),
        allowed: Vec::new(),
        at: None,
    }))
}

impl Answer for Trusted {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        let file = self.file.display();
        if self.allowed.is_empty() {
            return writeln!(out, "{file} may do nothing beyond its directory");
        }
        writeln!(out, "{file} may")?;
        { self.allowed.iter() }.try_for_each(|line| writeln!(out, "  {line}"))
    }
}

impl Answer for All {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        let rows = self.0.iter().flat_map(|trusted| {
            trusted.allowed.iter().map(|words| {
                let file = trusted.file.display().to_string();
                vec![file, words.clone()]
            })
        });
        table(out, &["file", "may"], rows.collect())
    }
}
