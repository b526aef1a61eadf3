//! `dp sandbox`: run agents in containers, and see to the containers.

mod after;
mod agent;
mod ask;
mod attach;
mod consent;
mod copy;
mod cp;
mod create;
mod enter;
mod exec;
mod inspect;
mod keys;
mod logs;
mod ls;
mod meant;
mod options;
mod plan;
mod ports;
mod project;
mod prune;
mod ps;
mod refusal;
mod rehearsal;
mod remarks;
mod restart;
mod rm;
mod rows;
mod run;
mod shell;
mod start;
mod stop;
mod strays;
mod supervise;
mod team;
mod written;

pub(super) use keys::file_keys;
pub(super) use refusal::refusal;

use super::output::answer;
use super::{Context, Result};
use clap::Subcommand;
use std::ffi::OsString;

/// Commands that are worth two words less.
#[derive(Debug, Subcommand)]
pub(super) enum Shortcut {
    /// Run an agent in a sandbox for this directory (short for `dp sandbox run`)
    Run(run::RunArgs),
}

/// Run agents in sandboxes, and see to the sandboxes
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Run(run::RunArgs),
    Create(create::CreateArgs),
    Attach(attach::AttachArgs),
    #[command(visible_alias = "list")]
    Ls(ls::LsArgs),
    Ps(ps::PsArgs),
    Inspect(inspect::InspectArgs),
    Exec(exec::ExecArgs),
    Shell(shell::ShellArgs),
    Logs(logs::LogsArgs),
    Stop(stop::StopArgs),
    Start(start::StartArgs),
    Restart(restart::RestartArgs),
    #[command(visible_alias = "remove")]
    Rm(rm::RmArgs),
    Prune(prune::PruneArgs),
    Cp(cp::CpArgs),
    Ports(ports::PortsArgs),
}

impl Command {
    pub(super) async fn run(self, ctx: &Context) -> Result<u8> {
        match self {
            Self::Run(args) => run(ctx, args).await,
            Self::Create(args) => create::run(ctx, args).await,
            Self::Attach(args) => attach::run(ctx, args)
                .await
                .map_err(super::Error::of_session),
            Self::Ls(args) => answer(ctx, &ls::run(ctx, &args).await?),
            Self::Ps(args) => answer(ctx, &ps::run(ctx, &args).await?),
            Self::Inspect(args) => answer(ctx, &inspect::run(ctx, &args).await?),
            Self::Exec(args) => exec::run(ctx, args).await.map_err(super::Error::of_session),
            Self::Shell(args) => shell::run(ctx, args)
                .await
                .map_err(super::Error::of_session),
            Self::Logs(args) => logs::run(ctx, args).await,
            Self::Stop(args) => answer(ctx, &stop::run(ctx, &args).await?),
            Self::Start(args) => answer(ctx, &start::run(ctx, &args).await?),
            Self::Restart(args) => answer(ctx, &restart::run(ctx, &args).await?),
            Self::Rm(args) => answer(ctx, &rm::run(ctx, &args).await?),
            Self::Prune(args) => answer(ctx, &prune::run(ctx, &args).await?),
            Self::Cp(args) => cp::run(ctx, &args).await,
            Self::Ports(args) => answer(ctx, &ports::run(ctx, &args).await?),
        }
    }
}

/// `dp run` and `dp sandbox run`.
pub(super) async fn run(ctx: &Context, args: run::RunArgs) -> Result<u8> {
    run::run(ctx, args).await.map_err(super::Error::of_session)
}

/// The words name a command whose exit code is the agent's.
pub(super) fn is_session(arguments: &[OsString]) -> bool {
    let mut words = arguments.iter().skip(1).filter_map(|word| word.to_str());
    let mut commands = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "--engine" | "--format" | "--color" => drop(words.next()),
            option if option.starts_with('-') => {}
            command => commands.push(command),
        }
        if commands.len() == 2 {
            break;
        }
    }
    match commands.as_slice() {
        ["run", ..] => true,
        ["sandbox", verb] => ["run", "exec", "shell", "attach"].contains(verb),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_session;
    use std::ffi::OsString;

    #[test]
    fn sessions_are_known_by_their_words() {
        let table = [
            ("dp run --nonsense", true),
            ("dp --engine x sandbox exec", true),
            ("dp --no-input sandbox run", true),
            ("dp sandbox ls run", false),
            ("dp agents ls", false),
            ("dp", false),
        ];
        for (line, expected) in table {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(is_session(&words), expected, "{line}");
        }
    }
}
