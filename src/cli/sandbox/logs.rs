//! `dp sandbox logs`: what an agent wrote, also while nobody looked.

use super::super::{Context, Result};
use super::enter;
use crate::guest::message::Request;
use crate::sandbox::channel;
use crate::sandbox::existing::Selector;
use crate::sandbox::session;
use clap::Args;

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
    let (engine, ready) = enter::running(ctx, &args.sandbox).await?;
    let request = Request::Logs {
        key: args.agent.unwrap_or_else(|| ready.sandbox.agent.clone()),
        tail: args.tail,
        follow: args.follow,
    };
    let stream = channel::open(&engine, &ready.sandbox, false).await?;
    let printed = session::print(stream, request);
    tokio::select! {
        printed = printed => { printed?; Ok(0) }
        _ = tokio::signal::ctrl_c() => Ok(130),
    }
}
