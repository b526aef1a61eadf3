//! `dp sandbox logs`: what an agent wrote, also while nobody looked. A guest that runs is asked; of
//! a sandbox that is stopped the files are read.

use super::super::output::raw;
use super::super::{Context, Error, Result};
use super::enter;
use super::meant::meant;
use crate::engine::Engine;
use crate::guest::log;
use crate::guest::message::Request;
use crate::sandbox::existing::Selector;
use crate::sandbox::session;
use crate::sandbox::{Existing, channel};
use clap::Args;
use futures_util::StreamExt;
use std::io::Read;
use std::path::Path;
use std::pin::pin;

/// What is read of one file at most: whoever is root inside may have made it larger.
const LARGEST: u64 = 4 * log::ROTATE_AT;

/// Print what an agent wrote
#[derive(Debug, Args)]
pub(in crate::cli) struct LogsArgs {
    /// Go on with what is written from now
    #[arg(short, long)]
    follow: bool,
    /// Only this many lines from the end
    #[arg(short = 'n', long, value_name = "N")]
    tail: Option<usize>,
    /// Name, ID or directory of the sandbox
    #[arg(default_value = ".")]
    sandbox: Selector,
    /// Agent [default: the sandbox's own]
    agent: Option<String>,
}

pub(super) async fn run(ctx: &Context, args: LogsArgs) -> Result<u8> {
    let engine = ctx.engine()?;
    let sandbox = Existing::select(&engine, &meant(ctx, &args.sandbox).await?).await?;
    let key = args.agent.unwrap_or_else(|| sandbox.agent.clone());
    if matches!(sandbox.state.as_str(), "exited" | "created" | "dead") {
        let text = stored(&engine, &sandbox, &key).await?;
        return raw(log::last_lines(&text, args.tail));
    }
    let sandbox = enter::expect_running(sandbox)?;
    let request = Request::Logs {
        key,
        tail: args.tail,
        follow: args.follow,
    };
    let stream = channel::open(&engine, &sandbox, false).await?;
    let printed = session::print(stream, request);
    tokio::select! {
        printed = printed => { printed?; Ok(0) }
        _ = tokio::signal::ctrl_c() => Ok(130),
    }
}

/// Both files of a log, from a container that does not run.
async fn stored(engine: &Engine, sandbox: &Existing, key: &str) -> Result<Vec<u8>> {
    let [older, current] = log::paths(key);
    let mut text = file(engine, sandbox, &older).await?.unwrap_or_default();
    let Some(newer) = file(engine, sandbox, &current).await? else {
        let message = format!("there is no log of `{key}`");
        return Err(Error::not_found("no-process", message));
    };
    text.extend(newer);
    Ok(text)
}

/// A file of a container; `None` when it is not there, or is something else.
async fn file(engine: &Engine, sandbox: &Existing, path: &Path) -> Result<Option<Vec<u8>>> {
    let mut archive = Vec::new();
    let path = path.to_string_lossy();
    let mut chunks = pin!(engine.archive(&sandbox.id, &path));
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => archive.extend_from_slice(&chunk),
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        if archive.len() as u64 > LARGEST {
            break;
        }
    }
    let mut archive = tar::Archive::new(archive.as_slice());
    let Some(entry) = archive.entries()?.next() else {
        return Ok(None);
    };
    let mut entry = entry?;
    if !entry.header().entry_type().is_file() {
        return Ok(None);
    }
    let mut text = Vec::new();
    // What lies beyond the bound is left out.
    let _cut = entry.read_to_end(&mut text);
    Ok(Some(text))
}
