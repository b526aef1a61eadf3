//! `dp sandbox shell`: a shell in a running sandbox.

use super::super::{Context, Result};
use super::enter;
use super::meant::meant;
use crate::guest::message::Start;
use crate::sandbox::beside;
use crate::sandbox::existing::Selector;
use crate::sandbox::session::{self, Wanted};
use clap::Args;

/// Open a shell in a sandbox that runs
#[derive(Debug, Args)]
pub(in crate::cli) struct ShellArgs {
    /// User inside: a name, `UID` or `UID:GID` [default: the agent]
    #[arg(short, long, value_name = "USER")]
    user: Option<String>,
    /// Name, ID or directory of the sandbox
    #[arg(default_value = ".")]
    sandbox: Selector,
}

pub(super) async fn run(ctx: &Context, args: ShellArgs) -> Result<u8> {
    let (engine, ready) = enter::running(ctx, &meant(ctx, &args.sandbox).await?).await?;
    beside::begin(&engine, &ready.sandbox, ready.is_fresh);
    let tty = session::is_interactive().then(enter::terminal_size);
    let wanted = Wanted {
        start: Start {
            argv: vec!["bash".into()],
            env: enter::environment(ctx, &ready, tty.is_some())?,
            user: args.user,
            tty,
            stdin: true,
            ..Start::default()
        },
        alternatives: vec!["sh".into()],
        ..Wanted::default()
    };
    enter::session_here(&engine, &ready, wanted).await
}
