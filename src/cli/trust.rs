//! `dp trust`: what workspace files are allowed beyond their own directories.

use super::approval::{self, Asked, Manner, in_words};
use super::output::{Answer, Page, answer, note, table};
use super::workspace_file::{self, Loaded};
use super::{Context, Result, typed};
use crate::config::{Accepted, Approvals};
use crate::files::Pins;
use crate::values::text::word_path;
use crate::workspace::RequestKind;
use clap::Args;
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};

/// Allow a workspace file what it asks for beyond its own directory
///
/// Images, mounts from elsewhere or over system paths, published ports, networks, privileges, other
/// users, git sources, your own templates, your secrets, environment variables, several agents with
/// logins in one sandbox, programs beside a login or a secret, and what you type for a run of the file's
/// own programs are allowed once for each file, and asked again when something new is on the list. `+` marks what is new.
#[derive(Debug, Args)]
#[command(before_long_help = "Examples:\n  \
    dp trust             shows what the file here asks for, and asks you\n  \
    dp trust --yes       prints it and allows it without a question\n  \
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
    /// Allow it without a question, and print what is allowed
    #[arg(short, long)]
    yes: bool,
}

/// What one file asks for, and whether it may.
#[derive(Debug, Serialize)]
struct Trusted {
    file: PathBuf,
    requests: Vec<Asked>,
    at: Option<jiff::Timestamp>,
}

/// What one file was allowed.
#[derive(Debug, Serialize)]
struct Listed {
    file: PathBuf,
    allowed: Vec<ListedRequest>,
    at: Option<jiff::Timestamp>,
}

#[derive(Debug, Serialize)]
struct ListedRequest {
    class: RequestKind,
    request: String,
}

/// The files.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct All(Vec<Listed>);

pub(super) async fn run(ctx: &Context, args: &TrustArgs) -> Result<u8> {
    if args.list {
        return answer(ctx, &list(ctx)?);
    }
    if args.revoke {
        return revoke(ctx, args.file.as_deref());
    }
    let here = std::env::current_dir()?;
    let pins = Pins::default();
    let typed = typed::of(ctx, &pins);
    let loaded = workspace_file::load(ctx, args.file.as_deref(), &here, &typed, &pins, false)?;
    let loaded = loaded.ok_or_else(workspace_file::missing)?;
    // What a person will type later is asked for as well: a run without a terminal can ask nobody.
    let _first = loaded.gives.set(true);
    // Without an engine there is no agent that could have written the file just now.
    if approval::look_around(ctx, &loaded).await.is_err() {
        let _first = loaded.writers.set(Vec::new());
    }
    if approval::asked(ctx, &loaded)?.is_empty() {
        note(&format!(
            "`{}` asks for nothing beyond its own directory",
            loaded.file.source.name
        ));
    }
    let manner = Manner {
        says_yes: args.yes,
        ..Manner::default()
    };
    approval::approve(ctx, &loaded, manner).await?;
    answer(ctx, &of_file(ctx, &loaded)?)
}

fn revoke(ctx: &Context, given: Option<&Path>) -> Result<u8> {
    let here = std::env::current_dir()?;
    let pins = Pins::default();
    let path = workspace_file::locate(ctx, given, &here, &pins)?;
    let path = path.ok_or_else(workspace_file::missing)?;
    // A file that is gone was approved by the path that it had.
    let path = pins.real(&path);
    let state = &ctx.paths()?.state;
    Accepted::of(state).forget(&path)?;
    let mut approvals = Approvals::read(state)?;
    if !approvals.revoke(&path)? {
        note(&format!("nothing was allowed to {}", word_path(&path)));
    }
    let revoked = Listed {
        file: path,
        allowed: Vec::new(),
        at: None,
    };
    answer(ctx, &revoked)
}

fn list(ctx: &Context) -> Result<All> {
    let approvals = Approvals::read(&ctx.paths()?.state)?;
    let all = approvals.all().map(|(path, approval)| Listed {
        file: path.to_path_buf(),
        allowed: approval
            .requests()
            .map(|(class, words)| ListedRequest {
                class,
                request: words.to_string(),
            })
            .collect(),
        at: Some(approval.at),
    });
    Ok(All(all.collect()))
}

fn of_file(ctx: &Context, loaded: &Loaded) -> Result<Trusted> {
    let approvals = Approvals::read(&ctx.paths()?.state)?;
    let mut all = approvals.all();
    let approval = all.find(|(path, _)| *path == loaded.path);
    Ok(Trusted {
        file: loaded.path.clone(),
        requests: approval::asked(ctx, loaded)?,
        at: approval.map(|(_, approval)| approval.at),
    })
}

impl Answer for Trusted {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        let file = word_path(&self.file);
        let mut allowed = self.requests.iter().filter(|asked| asked.is_allowed);
        if self.requests.is_empty() {
            return writeln!(out, "{file} may do nothing beyond its directory");
        }
        writeln!(out, "{file} may")?;
        allowed.try_for_each(|asked| writeln!(out, "  {}", asked.line()))
    }
}

impl Answer for Listed {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        writeln!(
            out,
            "{} may do nothing beyond its directory",
            word_path(&self.file)
        )
    }
}

impl Answer for All {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        let rows = self.0.iter().flat_map(|file| {
            file.allowed.iter().map(|allowed| {
                let words = in_words(allowed.class, &allowed.request);
                vec![file.file.display().to_string(), words]
            })
        });
        table(out, &["file", "may"], rows.collect())
    }
}
