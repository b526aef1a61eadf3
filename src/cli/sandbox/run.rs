//! `dp sandbox run`: the main job.

use super::super::output::answer;
use super::super::{Context, Result};
use super::after::{self, After};
use super::enter::{self, Gathered};
use super::options::{EnvironmentOptions, SandboxOptions};
use super::plan;
use super::project::{Choice, Project};
use super::rehearsal::{Part, Starts};
use super::team::{self, Mode, Order};
use crate::agents::Agent;
use crate::guest::message::Start;
use crate::sandbox::environment;
use crate::sandbox::session::{self, Resume, Wanted};
use clap::Args;

/// Run an agent in a sandbox for this directory
///
/// The directory is mounted at its own path, git knows you inside, the agent's login is kept, and
/// the agent may do everything inside and nothing outside. The same command comes back to the same
/// sandbox. A workspace file (`dp.yml` or `dp.toml`, see `dp config init`) says what the sandbox is
/// like and which agents of its own it has.
#[derive(Debug, Args)]
#[command(
    override_usage = "dp sandbox run [OPTIONS] [AGENT] [ARGS]...",
    before_long_help = "Examples:\n  \
      dp run claude                     Claude Code on this directory\n  \
      dp run                            the agents of the workspace file\n  \
      dp run claude -c                  everything after the agent's name is the agent's\n  \
      dp run -t my/image codex          in an image of yours\n  \
      dp run --memory 8g -p 3000 claude with a limit and a published port\n  \
      dp run --dry-run claude           only say what would be done\n  \
      echo hello | dp run shell -c cat  pipes work"
)]
pub(in crate::cli) struct RunArgs {
    #[command(flatten)]
    options: SandboxOptions,
    #[command(flatten)]
    environment: EnvironmentOptions,
    /// Print the sandbox's ID and run no agent, or those of the workspace file in the background
    #[arg(short, long, visible_alias = "detached")]
    detach: bool,
    /// Remove the sandbox afterwards
    #[arg(long, conflicts_with_all = ["stop", "detach"])]
    rm: bool,
    /// Stop the sandbox afterwards
    #[arg(long, conflicts_with = "detach")]
    stop: bool,
    /// Say what would be done and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Agent, of the workspace file or of `dp agents ls`, and its arguments [default: all of the file]
    #[arg(trailing_var_arg = true, value_name = "AGENT [ARGS]")]
    words: Vec<String>,
}

pub(super) async fn run(ctx: &Context, mut args: RunArgs) -> Result<u8> {
    let (name, arguments) = split(std::mem::take(&mut args.words));
    let project = Project::open(ctx, &args.options)?;
    match project.choose(ctx, name)? {
        Choice::Agent(agent) => Box::pin(alone(ctx, args, &project, *agent, arguments)).await,
        Choice::Team(only) => {
            let order = Order {
                only,
                arguments,
                environment: args.environment.read(&project.typed)?,
                mode: if args.detach {
                    Mode::Detached
                } else {
                    Mode::Attached(After::of(args.rm, args.stop))
                },
                is_rehearsal: args.dry_run,
            };
            Box::pin(team::run(ctx, &project, &args.options, order)).await
        }
    }
}

/// An agent of the catalogue, in a sandbox of its own.
async fn alone(
    ctx: &Context,
    args: RunArgs,
    project: &Project,
    agent: Agent,
    arguments: Vec<String>,
) -> Result<u8> {
    if args.dry_run {
        let mut env = project.environment()?;
        env.extend(args.environment.read(&project.typed)?);
        let starts = if args.detach {
            Starts::No
        } else {
            Starts::Terminal
        };
        let part = Part {
            agent,
            arguments,
            starts,
            env,
        };
        return plan::rehearse_alone(ctx, project, &args.options, part).await;
    }
    let store = ctx.secrets()?;
    let given = environment::expand(args.environment.read(&project.typed)?, &store)?;
    let own = environment::expand(agent.definition.env.clone(), &store)?;
    let detach_keys = enter::detach_keys(ctx)?;
    let shared = environment::expand(project.environment()?, &store)?;
    project.approve(ctx, &args.options).await?;
    let mut gathered = Gathered::new(ctx, &args.options, agent.clone().into(), project).await?;
    let secrets = environment::secrets(&agent, &ctx.config()?.secrets, &store)?;
    let decision = gathered.plan(args.options.recreate).await?;
    let decision = gathered.settle(ctx, decision, &args.options).await?;
    let ready = gathered.apply(ctx, decision, &args.options).await?;
    if args.detach {
        enter::keep(&gathered.engine, &ready, given).await?;
        gathered.docker(&ready).await?;
        return answer(ctx, &plan::Created::new(&ready));
    }
    let tty = if session::is_interactive() {
        Some(enter::terminal_size())
    } else {
        None
    };
    let prepare = gathered.prepare(&ready, args.options.quiet).await?;
    let mut env = environment::of_session(tty.is_some(), &ready.sandbox.settings);
    env.extend(environment::of_agent(&agent, own, &ready.sandbox));
    env.extend(secrets);
    env.extend(shared);
    env.extend(given);
    let resume = if arguments.is_empty() {
        Resume::Any
    } else {
        Resume::Same
    };
    let workdir = gathered.spec.effective().workdir;
    let wanted = Wanted {
        prepare: Some(prepare),
        start: Start {
            argv: agent.argv(&arguments),
            env,
            cwd: enter::working_directory(gathered.spec.workspace.path(), workdir.as_deref()),
            tty,
            stdin: true,
            key: Some(agent.name.clone()),
            ..Start::default()
        },
        alternatives: agent.definition.alternatives.clone(),
        resume,
        attach: None,
        interrupt_leaves: false,
        authorities: gathered.authorities.as_ref().map(|found| found.pem.clone()),
        detach_keys,
    };
    let quiet = args.options.quiet;
    let outcome = enter::outcome(&gathered.engine, &ready, wanted, quiet).await;
    if let Some(after) = After::of(args.rm, args.stop) {
        after::see_to(&gathered.engine, ready.sandbox, after, &outcome, &[], quiet).await?;
    }
    outcome.map(enter::code)
}

/// The agent's name, and its arguments without the `--` that may stand before them.
fn split(words: Vec<String>) -> (Option<String>, Vec<String>) {
    let mut words = words.into_iter();
    let name = words.next();
    let mut arguments: Vec<String> = words.collect();
    if arguments.first().is_some_and(|first| first == "--") {
        arguments.remove(0);
    }
    (name, arguments)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn what_follows_the_agent_is_the_agents() {
        let words = |line: &str| {
            line.split_whitespace()
                .map(str::to_string)
                .collect::<Vec<_>>()
        };
        let table = [
            ("", None, ""),
            ("claude", Some("claude"), ""),
            ("claude -c --x", Some("claude"), "-c --x"),
            ("claude -- -c", Some("claude"), "-c"),
            ("claude a -- -c", Some("claude"), "a -- -c"),
        ];
        for (line, name, arguments) in table {
            assert_eq!(
                split(words(line)),
                (name.map(str::to_string), words(arguments)),
                "{line}"
            );
        }
    }
}
