//! `dp sandbox create`: a sandbox without an agent running in it.

use super::super::output::answer;
use super::super::{Context, Result};
use super::enter::Gathered;
use super::options::SandboxOptions;
use super::plan::{Created, rehearse_alone};
use super::project::{Choice, Project};
use super::rehearsal::{Part, Starts};
use super::team::{self, Mode, Order};
use clap::Args;

/// Create and start a sandbox without running an agent in it
#[derive(Debug, Args)]
pub(in crate::cli) struct CreateArgs {
    #[command(flatten)]
    options: SandboxOptions,
    /// Say what would be done and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Agent that the sandbox is for
    agent: Option<String>,
}

pub(super) async fn run(ctx: &Context, args: CreateArgs) -> Result<u8> {
    let project = Project::open(ctx, &args.options)?;
    let agent = match project.choose(ctx, args.agent)? {
        Choice::Agent(agent) => *agent,
        Choice::Team(only) => {
            let order = Order {
                is_rehearsal: args.dry_run,
                ..Order::of(only, Mode::Absent)
            };
            return Box::pin(team::run(ctx, &project, &args.options, order)).await;
        }
    };
    if args.dry_run {
        let part = Part {
            agent,
            arguments: Vec::new(),
            starts: Starts::No,
            env: project.environment()?,
        };
        return rehearse_alone(ctx, &project, &args.options, part).await;
    }
    project.approve(ctx, &args.options).await?;
    let mut gathered = Gathered::new(ctx, &args.options, agent.into(), &project).await?;
    let plan = gathered.plan(args.options.recreate).await?;
    let plan = gathered.settle(ctx, plan, &args.options).await?;
    let ready = gathered.apply(ctx, plan, &args.options).await?;
    gathered.docker(&ready).await?;
    answer(ctx, &Created::new(&ready))
}
