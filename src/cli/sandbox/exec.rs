//! `dp sandbox exec`: one command in a running sandbox.

use super::super::{Context, Error, Result};
use super::enter;
use super::meant::meant;
use super::options::variables;
use crate::guest::message::Start;
use crate::sandbox::beside;
use crate::sandbox::environment;
use crate::sandbox::existing::Selector;
use crate::sandbox::session::{self, Wanted};
use clap::Args;

/// Run a command in a sandbox that runs
#[derive(Debug, Args)]
#[command(
    override_usage = "dp sandbox exec [OPTIONS] SANDBOX COMMAND [ARGS]...",
    before_long_help = "Examples:\n  \
      dp sandbox exec . npm test           in the sandbox of this directory\n  \
      dp sandbox exec claude-app-1a2b3c ls by name\n  \
      tar c src | dp sandbox exec . tar x  pipes work"
)]
pub(in crate::cli) struct ExecArgs {
    /// Environment variable, `NAME=VALUE` or `NAME` (repeatable)
    #[arg(short, long = "env", value_name = "NAME[=VALUE]")]
    env: Vec<String>,
    /// Directory inside to start in [default: where you are in the workspace]
    #[arg(short, long, value_name = "DIR")]
    workdir: Option<String>,
    /// User inside: a name, `UID` or `UID:GID` [default: the agent]
    #[arg(short, long, value_name = "USER")]
    user: Option<String>,
    /// Leave the command running and return at once
    #[arg(short, long)]
    detach: bool,
    /// As with docker; a terminal is given whenever there is one
    #[arg(short, long, hide = true)]
    interactive: bool,
    /// As with docker; a terminal is given whenever there is one
    #[arg(short, long, hide = true)]
    tty: bool,
    /// Sandbox (name, ID or directory), command and arguments
    #[arg(
        trailing_var_arg = true,
        required = true,
        value_name = "SANDBOX COMMAND [ARGS]"
    )]
    words: Vec<String>,
}

pub(super) async fn run(ctx: &Context, args: ExecArgs) -> Result<u8> {
    let mut words = args.words.into_iter();
    let Ok(selector) = words.next().unwrap_or_default().parse::<Selector>();
    let mut argv: Vec<String> = words.collect();
    if argv.first().is_some_and(|first| first == "--") {
        argv.remove(0);
    }
    if argv.is_empty() {
        return Err(Error::usage("no-command", "no command was given")
            .hint("`dp sandbox exec SANDBOX COMMAND`, or `dp sandbox shell SANDBOX`"));
    }
    let mut env = environment::expand(variables(&args.env)?, &ctx.secrets()?)?;
    let (engine, ready) = enter::running(ctx, &meant(ctx, &selector).await?).await?;
    beside::begin(&engine, &ready.sandbox, ready.is_fresh);
    let tty = (session::is_interactive() && !args.detach).then(enter::terminal_size);
    for (name, value) in enter::environment(ctx, &ready, tty.is_some())? {
        env.entry(name).or_insert(value);
    }
    let wanted = Wanted {
        start: Start {
            argv,
            env,
            cwd: args.workdir,
            user: args.user,
            tty,
            stdin: !args.detach,
            detached: args.detach,
            ..Start::default()
        },
        ..Wanted::default()
    };
    match wanted.start.cwd {
        Some(_) => enter::session(&engine, &ready, wanted, false).await,
        None => enter::session_here(&engine, &ready, wanted).await,
    }
}
