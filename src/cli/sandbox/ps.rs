//! `dp sandbox ps`: the processes that were started through `dp`.

use super::super::output::{Answer, table};
use super::super::{Context, Error, Result};
use super::enter;
use super::meant::meant;
use crate::engine::Engine;
use crate::guest::client::Client;
use crate::guest::message::{Exit, ProcessInfo, Reply, Request};
use crate::sandbox::existing::Selector;
use crate::sandbox::{Existing, channel};
use crate::values::time::rfc3339;
use clap::Args;
use serde::{Serialize, Serializer};
use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

/// List the agents and commands of a sandbox
#[derive(Debug, Args)]
pub(in crate::cli) struct PsArgs {
    /// Name, ID or directory of the sandbox
    #[arg(default_value = ".")]
    sandbox: Selector,
}

/// The processes.
pub(super) struct Processes(Vec<ProcessInfo>);

/// A process as programs read it: the guest's frames count seconds.
#[derive(Serialize)]
struct Process<'a> {
    id: u64,
    key: Option<&'a str>,
    argv: &'a [String],
    pid: i32,
    tty: bool,
    attached: usize,
    started_at: Option<String>,
    ended_at: Option<String>,
    exit: Option<Exit>,
}

impl<'a> Process<'a> {
    fn of(info: &'a ProcessInfo) -> Self {
        let time = |seconds: u64| rfc3339(i64::try_from(seconds).ok()?);
        Self {
            id: info.id,
            key: info.key.as_deref(),
            argv: &info.argv,
            pid: info.pid,
            tty: info.tty,
            attached: info.attached,
            started_at: time(info.started_at),
            ended_at: info.ended_at.and_then(time),
            exit: info.exit,
        }
    }
}

impl Serialize for Processes {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Process::of))
    }
}

pub(super) async fn run(ctx: &Context, args: &PsArgs) -> Result<Processes> {
    let (engine, ready) = enter::running(ctx, &meant(ctx, &args.sandbox).await?).await?;
    Ok(Processes(processes(&engine, &ready.sandbox).await?))
}

/// Asks the guest of a sandbox that runs.
pub(super) async fn processes(engine: &Engine, sandbox: &Existing) -> Result<Vec<ProcessInfo>> {
    let stream = channel::open(engine, sandbox, false).await?;
    let asked = tokio::task::spawn_blocking(move || Client::new(stream)?.call(&Request::List));
    match asked
        .await
        .map_err(|error| Error::failed("guest", error.to_string()))??
    {
        Reply::Processes { processes } => Ok(processes),
        _ => Err(Error::failed("guest", "the guest answered something else")),
    }
}

/// One line that leaves room for the others; JSON has all of it.
fn shortened(command: &str) -> String {
    const WIDTH: usize = 60;
    let line = command.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

impl Answer for Processes {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |since| since.as_secs());
        let rows = self.0.iter().map(|process| {
            let state = match (process.exit, process.tty, process.attached) {
                (Some(exit), ..) => format!("exited {}", exit.status()),
                (None, true, 0) => "detached".into(),
                (None, ..) => "running".into(),
            };
            let end = process.ended_at.unwrap_or(now);
            vec![
                process.id.to_string(),
                process.key.clone().unwrap_or_else(|| "-".into()),
                state,
                enter::ago(end.saturating_sub(process.started_at)),
                shortened(&process.argv.join(" ")),
            ]
        });
        table(
            out,
            &["id", "agent", "state", "for", "command"],
            rows.collect(),
        )
    }
}
