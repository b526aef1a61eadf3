//! `dp sandbox ps`: the processes that were started through `dp`.

use super::super::output::{Answer, Page, table};
use super::super::{Context, Result};
use super::ask::{ask, unexpected};
use super::enter;
use super::keys;
use super::meant::meant;
use crate::engine::Engine;
use crate::guest::message::{Exit, ProcessInfo, Reply, Request};
use crate::sandbox::Existing;
use crate::sandbox::existing::Selector;
use crate::values::time::rfc3339;
use clap::Args;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

/// List the agents and commands of a sandbox
///
/// Agents are listed as they are, or as they ended, and commands while they run.
#[derive(Debug, Args)]
pub(in crate::cli) struct PsArgs {
    /// Also earlier runs of an agent, steps that made templates ready, and the Docker engine inside
    #[arg(short, long)]
    all: bool,
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
    let processes = processes(&engine, &ready.sandbox).await?;
    Ok(Processes(if args.all {
        processes
    } else {
        of_interest(processes)
    }))
}

/// The agents, each as it is or as it ended last, in the order in which they were first started;
/// then the commands that run.
fn of_interest(processes: Vec<ProcessInfo>) -> Vec<ProcessInfo> {
    let order = keys::of(&processes);
    let newest: BTreeMap<Option<String>, u64> = processes
        .iter()
        .map(|process| (process.key.clone(), process.id))
        .collect();
    let place = |process: &ProcessInfo| {
        let key = process.key.as_ref();
        key.map_or(Some(order.len()), |key| {
            order.iter().position(|one| one == key)
        })
    };
    let is_shown = |process: &ProcessInfo| {
        let is_last = process.key.is_some() && newest.get(&process.key) == Some(&process.id);
        process.exit.is_none() || is_last
    };
    let mut shown: Vec<(usize, ProcessInfo)> = processes
        .into_iter()
        .filter(is_shown)
        .filter_map(|process| Some((place(&process)?, process)))
        .collect();
    shown.sort_by_key(|(place, process)| (*place, process.id));
    shown.into_iter().map(|(_, process)| process).collect()
}

/// Asks the guest of a sandbox that runs.
pub(super) async fn processes(engine: &Engine, sandbox: &Existing) -> Result<Vec<ProcessInfo>> {
    match ask(engine, sandbox, Request::List).await? {
        Reply::Processes { processes } => Ok(processes),
        _ => Err(unexpected()),
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
    fn human(&self, out: &mut Page) -> io::Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn process(id: u64, key: &str, has_ended: bool) -> ProcessInfo {
        let exit = has_ended.then_some(Exit {
            code: Some(1),
            signal: None,
        });
        ProcessInfo {
            id,
            key: (!key.is_empty()).then(|| key.into()),
            argv: vec!["x".into()],
            pid: 1,
            tty: false,
            attached: 0,
            started_at: 0,
            ended_at: None,
            exit,
        }
    }

    #[test]
    fn agents_as_they_are_and_commands_that_run() {
        let all = vec![
            process(1, ":docker", false),
            process(2, ":a:dependencies", true),
            process(3, "", false),
            process(4, "worker", true),
            process(5, "lead", true),
            process(6, "lead", false),
            process(7, "lead", true),
            process(8, "lead", true),
            process(9, "worker", false),
            process(10, "", true),
        ];
        let shown: Vec<u64> = of_interest(all).iter().map(|one| one.id).collect();
        assert_eq!(shown, [9, 6, 8, 3]);
    }
}
