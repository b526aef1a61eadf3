//! `dp sandbox run` of a workspace file's agents: their templates made ready in one sandbox, then
//! one process for each of them.

mod gather;
mod launch;
mod lineup;
mod rehearse;
mod set_up;

use super::super::output::answer;
use super::super::{Context, Error, Result, explain};
use super::after::After;
use super::enter::Gathered;
use super::options::SandboxOptions;
use super::plan::{self, Created};
use super::project::Project;
use crate::sandbox::means::Pull;
use crate::sandbox::plan::Plan;
use crate::values::informing::informs;
use gather::Team;
use std::collections::BTreeMap;

/// What is asked of a team.
pub(super) struct Order {
    /// Only this agent, or this instance of one.
    pub(super) only: Option<String>,
    /// For each agent that is started.
    pub(super) arguments: Vec<String>,
    /// Variables of the command line, with `{{apikey:…}}` not yet replaced.
    pub(super) environment: BTreeMap<String, String>,
    /// How the agents run.
    pub(super) mode: Mode,
    /// It is only said what would be done.
    pub(super) is_rehearsal: bool,
}

impl Order {
    /// Without arguments and variables.
    pub(super) fn of(only: Option<String>, mode: Mode) -> Self {
        Self {
            only,
            mode,
            arguments: Vec::new(),
            environment: BTreeMap::new(),
            is_rehearsal: false,
        }
    }
}

/// How the agents of a team run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Not yet.
    Absent,
    /// By themselves.
    Detached,
    /// On this terminal; what is done to the sandbox afterwards.
    Attached(Option<After>),
}

pub(super) async fn run(
    ctx: &Context,
    project: &Project,
    options: &SandboxOptions,
    order: Order,
) -> Result<u8> {
    if let Some(loaded) = &project.loaded {
        let mut given = order.environment.iter();
        let gives = options.gives() || given.any(|(name, value)| !informs(name, value));
        let _first = loaded.gives.set(gives);
    }
    let crew = gather::crew(ctx, project)?;
    if order.is_rehearsal {
        let mut gathered = Gathered::new(ctx, options, crew, project).await?;
        project.look_around(ctx).await?;
        let told = rehearse::rehearse(ctx, project, &gathered.spec, &order)?;
        return answer(ctx, &plan::rehearse(&mut gathered, options, told).await?);
    }
    if order.mode != Mode::Absent {
        expect_somebody(project, order.only.as_deref())?;
    }
    project.approve(ctx, options).await?;
    let mut gathered = Gathered::new(ctx, options, crew, project).await?;
    let plan = gathered.plan(options.recreate).await?;
    let plan = gathered.settle(ctx, plan, options).await?;
    let is_made = matches!(plan, Plan::Create | Plan::Recreate(..));
    let refresh = match options.pull {
        Pull::Always => true,
        Pull::Missing => is_made,
        Pull::Never => false,
    };
    let only = order.only.as_deref();
    let team = Team::gather(
        ctx,
        project,
        &gathered.spec,
        only,
        &order.environment,
        options,
        refresh,
    )
    .await?;
    let ready = gathered.apply(ctx, plan, options).await?;
    let prepare = gathered.prepare(&ready, options.quiet).await?;
    set_up::bring_up(ctx, &gathered, &ready, &team, prepare, options).await?;
    let launch = launch::Launch {
        ctx,
        engine: &gathered.engine,
        ready: &ready,
        is_quiet: options.quiet,
        keep_going: options.keep_going,
    };
    let lineup = lineup::Lineup::of(team.players, only.is_some(), order.mode, &order.arguments);
    match order.mode {
        Mode::Attached(after) => launch.attached(lineup, after).await,
        Mode::Detached | Mode::Absent => {
            launch.in_background(lineup.background).await?;
            gathered.docker(&ready).await?;
            answer(ctx, &Created::new(&ready))
        }
    }
}

/// A file whose agents all wait to be called needs somebody to call one.
fn expect_somebody(project: &Project, only: Option<&str>) -> Result<()> {
    let Some(loaded) = &project.loaded else {
        return Ok(());
    };
    if only.is_some() || loaded.file.agents().iter().any(|agent| agent.auto_start) {
        return Ok(());
    }
    let keys = project.keys();
    let name = &loaded.file.source.name;
    let message = format!("no agent of `{name}` starts by itself");
    Err(Error::usage("no-agent", message)
        .cause(format!("the agents are {}", explain::list(&keys)))
        .hint(format!("`dp run {}` starts one", keys[0])))
}
