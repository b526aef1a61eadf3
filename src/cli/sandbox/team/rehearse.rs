//! What a run of a team would do, told without cloning, asking or starting anything.

use super::super::super::{Context, Result};
use super::super::project::Project;
use super::super::rehearsal::{
    PlannedAgent, PlannedFile, PlannedProcess, PlannedTemplate, Rehearsal, Starts, Variables,
};
use super::Order;
use super::gather::{Player, is_wanted};
use super::lineup::Lineup;
use crate::agents::Agent as Program;
use crate::guest::message::set_up::SetUp;
use crate::guest::steps;
use crate::sandbox::Spec;
use crate::sandbox::lifecycle::sources::{self, Sighting};
use crate::sandbox::lifecycle::team::{Kind, Member, foretell};
use crate::workspace::{Agent, Manifest, Runs};
use std::collections::BTreeMap;

/// What there is to tell of the file, the templates and the agents.
pub(super) fn rehearse(
    ctx: &Context,
    project: &Project,
    spec: &Spec,
    order: &Order,
) -> Result<Rehearsal> {
    let Some(loaded) = &project.loaded else {
        return Ok(Rehearsal::default());
    };
    let paths = ctx.paths()?;
    let sighted = sources::sight(
        &loaded.file,
        &paths.templates(),
        &paths.cache,
        &project.pins,
    );
    let mut stage = Stage {
        variables: Variables::new(ctx, spec)?,
        shared: project.environment()?,
        manifests: BTreeMap::new(),
        sighted,
        workspace_id: spec.workspace.id(),
        ctx,
        order,
    };
    let mut templates = Vec::new();
    for agent in loaded.file.agents() {
        if let Some(sighting) = stage.sighted.get(&agent.key.value)
            && !stage.manifests.contains_key(&sighting.name)
        {
            let name = sighting.name.clone();
            let (template, manifest) = look_into(sighting)?;
            templates.push(template);
            stage.manifests.insert(name, manifest);
        }
    }
    let told = loaded.file.agents().iter().map(|agent| stage.tell(agent));
    let told = told.collect::<Result<Vec<_>>>()?;
    Ok(Rehearsal {
        file: PlannedFile::new(ctx, Some(loaded))?,
        templates,
        agents: place(told, order),
    })
}

/// A template, and what it says of itself when it is here. What is wrong with an old clone may be
/// right in the next one.
fn look_into(sighting: &Sighting) -> Result<(PlannedTemplate, Option<Manifest>)> {
    let mut told = PlannedTemplate {
        name: sighting.name.clone(),
        source: sighting.origin.clone(),
        is_clone: sighting.is_clone,
        steps: None,
        lacking: Vec::new(),
    };
    let Some(template) = &sighting.template else {
        return Ok((told, None));
    };
    let manifest = match template.manifest() {
        Err(_) if sighting.is_clone => return Ok((told, None)),
        manifest => manifest?,
    };
    let guest = template.to_guest(&manifest);
    match steps::of(template.directory.path(), &guest, &SetUp::default()) {
        Ok(steps) => told.steps = Some(steps.iter().map(|step| step.name).collect()),
        Err(error) => told.lacking.push(error.to_string()),
    }
    Ok((told, Some(manifest)))
}

/// What it takes to tell of an agent.
struct Stage<'a> {
    ctx: &'a Context,
    order: &'a Order,
    variables: Variables<'a>,
    shared: BTreeMap<String, String>,
    sighted: BTreeMap<String, Sighting>,
    /// By the template's name; `None` where it is not here.
    manifests: BTreeMap<String, Option<Manifest>>,
    workspace_id: &'a str,
}

/// An agent, and its processes that are wanted.
struct Told {
    agent: PlannedAgent,
    players: Vec<Player>,
}

impl Stage<'_> {
    fn tell(&self, agent: &Agent) -> Result<Told> {
        let program: Option<Program> = match &agent.runs {
            Runs::Catalogue(name) => Some(self.ctx.catalogue()?.find(name)?.clone()),
            Runs::Template(_) => None,
        };
        let sighting = self.sighted.get(&agent.key.value);
        let here = sighting.and_then(|sighting| {
            let manifest = self.manifests.get(&sighting.name)?.as_ref()?;
            Some((sighting.template.as_ref()?, manifest))
        });
        let kind = match (&program, here) {
            (Some(program), _) => Kind::Program(program),
            (None, Some((template, manifest))) => Kind::Template(template, manifest),
            (None, None) => Kind::Unseen,
        };
        let (members, lacking) = foretell(
            agent,
            &kind,
            &self.shared,
            &self.order.environment,
            self.workspace_id,
            &self.variables.targets(),
        );
        let env = members.first().map(|member| member.env.clone());
        let env = env.unwrap_or_default();
        let needed = [&env, &self.order.environment];
        let secrets = self.variables.missing_secrets(program.as_ref(), &needed)?;
        let lacking = lacking.iter().map(ToString::to_string).chain(secrets);
        let told = PlannedAgent {
            key: agent.key.value.clone(),
            template: sighting.map(|sighting| sighting.name.clone()),
            auto_start: agent.auto_start,
            processes: agent
                .processes()
                .map(|name| PlannedProcess {
                    name,
                    starts: Starts::No,
                })
                .collect(),
            command: command(&members),
            env: self.variables.names(program.as_ref(), &env)?,
            peers: agent.peers.iter().map(|peer| peer.value.clone()).collect(),
            lacking: lacking.collect(),
        };
        let only = self.order.only.as_deref();
        let wanted = members
            .into_iter()
            .filter(|member| is_wanted(agent, &member.process, only));
        Ok(Told {
            agent: told,
            players: wanted.map(player).collect(),
        })
    }
}

fn player(member: Member) -> Player {
    Player {
        member,
        program: None,
        has_arguments: false,
    }
}

fn command(members: &[Member]) -> Option<Vec<String>> {
    let argv = members.first().map(|member| member.argv.clone());
    argv.filter(|argv| !argv.is_empty())
}

/// The agents, with where a run would start each of their processes.
fn place(told: Vec<Told>, order: &Order) -> Vec<PlannedAgent> {
    let mut agents = Vec::new();
    let mut players = Vec::new();
    for one in told {
        agents.push(one.agent);
        players.extend(one.players);
    }
    let lineup = Lineup::of(players, order.only.is_some(), order.mode, &order.arguments);
    let stage = lineup.stage.iter().map(|player| (player, Starts::Terminal));
    let behind = lineup.background.iter();
    for (player, starts) in stage.chain(behind.map(|player| (player, Starts::Background))) {
        let member = &player.member;
        for agent in agents.iter_mut().filter(|agent| agent.key == member.key) {
            let mut own = agent.processes.iter_mut();
            if let Some(process) = own.find(|process| process.name == member.process) {
                process.starts = starts;
            }
            // With the arguments of the command line, unless nobody knows what they follow.
            if agent.command.is_some() {
                agent.command = Some(member.argv.clone());
            }
        }
    }
    agents
}
