//! `dp config check`: every mistake in a workspace file at once.

use super::super::output::{Answer, Format, Page, answer};
use super::super::{Context, Kind, Result, typed, workspace_file};
use crate::files::Pins;
use crate::workspace::{Report, WorkspaceFile};
use clap::Args;
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};

/// Find every mistake in a workspace file
#[derive(Debug, Args)]
#[command(
    after_help = "Looks for `dp.yml`, `dp.yaml`, `dp.toml` or `dspatch.workspace.yml`, `.yaml`, `.toml` here\n\
                  and in the directories above. The exit code is 3 when the file has an error."
)]
pub(in crate::cli) struct CheckArgs {
    /// Workspace file [default: the one of this directory, or above]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
}

/// What was found in a file.
#[derive(Serialize)]
#[serde(transparent)]
struct Checked {
    report: Report,
    #[serde(skip)]
    summary: String,
}

pub(super) fn run(ctx: &Context, args: &CheckArgs) -> Result<u8> {
    let (file, report) = check(ctx, args.file.as_deref())?;
    let has_errors = report.has_errors();
    if has_errors && ctx.format() == Format::Table {
        return Err(report.into());
    }
    let summary = summary(&file);
    answer(ctx, &Checked { report, summary })?;
    Ok(if has_errors {
        Kind::File.exit_code()
    } else {
        0
    })
}

fn check(ctx: &Context, given: Option<&Path>) -> Result<(WorkspaceFile, Report)> {
    let here = std::env::current_dir()?;
    let pins = Pins::default();
    if let Some(given) = given {
        workspace_file::check_way(&typed::of(ctx, &pins), given)?;
    }
    let path = workspace_file::locate(ctx, given, &here, &pins)?;
    let path = path.ok_or_else(workspace_file::missing)?;
    workspace_file::report(ctx, &path, given)
}

/// `dp.yml is right: 3 agents, 1 mount, 0 ports`
fn summary(file: &WorkspaceFile) -> String {
    let count = |number: usize, what: &str| match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    };
    let agents = count(file.agents().len(), "agent");
    let mounts = count(file.mounts.len(), "mount");
    let ports = count(file.docker.ports.len(), "port");
    format!("{} is right: {agents}, {mounts}, {ports}", file.source.name)
}

impl Answer for Checked {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        if !self.report.mistakes.is_empty() {
            out.report(&self.report);
            out.line("");
        }
        writeln!(out, "{}", self.summary)
    }
}
