//! `dp sandbox attach`: back to an agent that was left running.

use super::super::explain::list;
use super::super::{Context, Error, Result};
use super::enter;
use super::keys;
use super::ps::processes;
use crate::guest::message::{ProcessInfo, Start};
use crate::sandbox::Existing;
use crate::sandbox::apply::Ready;
use crate::sandbox::existing::Selector;
use crate::sandbox::session::{self, Wanted};
use clap::Args;
use std::collections::BTreeMap;

/// Come back to an agent that runs
#[derive(Debug, Args)]
pub(in crate::cli) struct AttachArgs {
    /// Name, ID or directory of the sandbox
    #[arg(default_value = ".")]
    sandbox: Selector,
    /// Agent by its key, or process as `dp sandbox ps` numbers them [default: the newest agent]
    #[arg(value_name = "PROCESS")]
    process: Option<String>,
}

pub(super) async fn run(ctx: &Context, args: AttachArgs) -> Result<u8> {
    let engine = ctx.engine()?;
    let (sandbox, word) = keys::select(ctx, &engine, &args.sandbox, args.process).await?;
    let ready = Ready {
        sandbox: enter::expect_running(sandbox)?,
        is_fresh: false,
        is_new: false,
    };
    let all = processes(&engine, &ready.sandbox).await?;
    let process = choose(&all, word.as_deref(), &ready.sandbox)?;
    let is_terminal = process.tty && session::is_interactive();
    let wanted = Wanted {
        attach: Some(process.id),
        start: Start {
            tty: is_terminal.then(enter::terminal_size),
            key: process.key.clone(),
            ..Start::default()
        },
        detach_keys: enter::detach_keys(ctx)?,
        ..Wanted::default()
    };
    enter::session(&engine, &ready, wanted, false).await
}

/// The process of a number or of an agent; without either, the newest agent that runs.
fn choose<'a>(
    all: &'a [ProcessInfo],
    word: Option<&str>,
    sandbox: &Existing,
) -> Result<&'a ProcessInfo> {
    let running = || all.iter().filter(|process| process.exit.is_none());
    let none = |who: &str| {
        let message = format!("no {who} runs in the sandbox `{}`", sandbox.name);
        Error::not_found("no-process", message).hint(keys::start(sandbox))
    };
    let Some(word) = word else {
        let is_agent = |process: &&ProcessInfo| process.key.as_deref().is_some_and(keys::is_agent);
        return running().rfind(is_agent).ok_or_else(|| none("agent"));
    };
    let id = word.parse::<u64>().ok();
    if let Some(process) = running().find(|process| Some(process.id) == id) {
        return Ok(process);
    }
    let is_meant = |key: &str| keys::stands_for(word, key);
    let of_key = running().filter(|process| process.key.as_deref().is_some_and(is_meant));
    let of_key: BTreeMap<_, _> = of_key.map(|process| (&process.key, process)).collect();
    match of_key.len() {
        0 if id.is_some() => Err(none(&format!("process {word}"))),
        0 => {
            let known = keys::of(all);
            Err(if known.iter().any(|key| is_meant(key)) {
                none(&format!("agent `{word}`"))
            } else {
                keys::unknown(word, sandbox, &known)
            })
        }
        1 => of_key.into_values().next().ok_or_else(|| none("agent")),
        count => {
            let names: Vec<String> = of_key.into_keys().flatten().cloned().collect();
            let error = Error::usage(
                "ambiguous-agent",
                format!("`{word}` stands for {count} agents"),
            );
            Err(error.cause(list(&names)).hint("name one of them"))
        }
    }
}
