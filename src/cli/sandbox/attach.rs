//! `dp sandbox attach`: back to an agent that was left running.

use super::super::{Context, Error, Result};
use super::enter;
use super::meant::meant;
use super::ps::processes;
use crate::guest::message::Start;
use crate::sandbox::existing::Selector;
use crate::sandbox::session::{self, Wanted};
use clap::Args;

/// Come back to an agent that runs
#[derive(Debug, Args)]
pub(in crate::cli) struct AttachArgs {
    /// Name, ID or directory of the sandbox
    #[arg(default_value = ".")]
    sandbox: Selector,
    /// Process, as `dp sandbox ps` numbers them [default: the newest agent]
    #[arg(value_name = "PROCESS")]
    process: Option<u64>,
}

pub(super) async fn run(ctx: &Context, args: AttachArgs) -> Result<u8> {
    let (engine, ready) = enter::running(ctx, &meant(ctx, &args.sandbox).await?).await?;
    let running: Vec<_> = processes(&engine, &ready.sandbox)
        .await?
        .into_iter()
        .filter(|process| process.exit.is_none())
        .collect();
    let found = match args.process {
        Some(id) => running.iter().find(|process| process.id == id),
        None => running.iter().rfind(|process| process.key.is_some()),
    };
    let Some(process) = found else {
        let message = format!("no agent runs in the sandbox `{}`", ready.sandbox.name);
        return Err(Error::not_found("no-process", message)
            .hint(format!("`dp run {}` starts one", ready.sandbox.agent)));
    };
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
