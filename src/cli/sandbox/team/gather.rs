//! A team before it is brought into its sandbox: where the templates are on this machine, what they
//! say of themselves, and which processes there will be. Whatever is missing for one of them is
//! found here, before anything is created.

use super::super::super::progress::Spinner;
use super::super::super::workspace_file::Loaded;
use super::super::super::{Context, Result};
use super::super::enter::interruptible;
use super::super::options::SandboxOptions;
use super::super::project::Project;
use crate::agents::Agent as Program;
use crate::engine::containers::MountRow;
use crate::guest::message::set_up;
use crate::sandbox::gather::Crew;
use crate::sandbox::lifecycle::sources::{self, Places, Template};
use crate::sandbox::lifecycle::team::{Kind, Lacking, Member, foretell, of_template};
use crate::sandbox::spec::TEAM;
use crate::sandbox::{Spec, environment};
use crate::workspace::{Agent, Manifest, Runs, WorkspaceFile};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

/// What is to be brought into a sandbox, and who is to run there.
pub(super) struct Team {
    /// Each once, in the order of the file.
    pub(super) templates: Vec<Template>,
    /// The same, as the guest is told: each with the environment of its agents, secrets included.
    pub(super) steps: Vec<set_up::Template>,
    /// Who is to run.
    pub(super) players: Vec<Player>,
}

/// A process that is to run.
pub(super) struct Player {
    pub(super) member: Member,
    /// The catalogue's, where it runs one.
    pub(super) program: Option<Outfit>,
    /// The person gave it arguments.
    pub(super) has_arguments: bool,
}

/// An agent of the catalogue with what it gets on this machine.
#[derive(Clone)]
pub(super) struct Outfit {
    pub(super) agent: Program,
    pub(super) own: BTreeMap<String, String>,
    pub(super) secrets: BTreeMap<String, String>,
}

/// Who shares the sandbox of a file.
pub(super) fn crew(ctx: &Context, project: &Project) -> Result<Crew> {
    let catalogue = ctx.catalogue()?;
    let mut programs: Vec<Program> = Vec::new();
    for agent in project
        .loaded
        .iter()
        .flat_map(|loaded| loaded.file.agents())
    {
        if let Runs::Catalogue(name) = &agent.runs {
            let program = catalogue.find(name)?;
            if !programs.iter().any(|other| other.name == program.name) {
                programs.push(program.clone());
            }
        }
    }
    Ok(Crew {
        name: TEAM.into(),
        programs,
    })
}

impl Team {
    /// Finds everything. `given` are the command line's variables, with `{{apikey:…}}` not yet replaced:
    /// once is enough, and a secret may hold anything. Git sources that are there already are fetched again to `refresh` them.
    pub(super) async fn gather(
        ctx: &Context,
        project: &Project,
        spec: &Spec,
        only: Option<&str>,
        given: &BTreeMap<String, String>,
        options: &SandboxOptions,
        refresh: bool,
    ) -> Result<Self> {
        let mut team = Self {
            templates: Vec::new(),
            steps: Vec::new(),
            players: Vec::new(),
        };
        let Some(loaded) = &project.loaded else {
            return Ok(team);
        };
        let by_agent = resolve(ctx, loaded, options, refresh).await?;
        let mut manifests = BTreeMap::new();
        for agent in loaded.file.agents() {
            let Some(template) = by_agent.get(&*agent.key.value) else {
                continue;
            };
            if !manifests.contains_key(&template.name) {
                let manifest = template.manifest()?;
                team.steps.push(template.to_guest(&manifest));
                team.templates.push(template.clone());
                manifests.insert(template.name.clone(), manifest);
            }
        }
        let shared = project.environment()?;
        let cast = Cast {
            ctx,
            by_agent: &by_agent,
            manifests: &manifests,
            shared: &shared,
            given,
            workspace_id: spec.workspace.id(),
            mounted: mounted(spec),
        };
        cast.equip(&mut team.steps, &loaded.file)?;
        team.players = cast.players(&loaded.file, only)?;
        Ok(team)
    }
}

/// A process of `agent` is to run, when `only` one is asked for or none in particular.
pub(super) fn is_wanted(agent: &Agent, process: &str, only: Option<&str>) -> bool {
    match only {
        Some(only) => *agent.key == only || process == only,
        None => agent.auto_start,
    }
}

/// Where something is mounted inside.
fn mounted(spec: &Spec) -> Vec<String> {
    let mounts = spec.container("", "").mounts;
    mounts
        .iter()
        .map(|mount| MountRow::of(mount).target)
        .collect()
}

async fn resolve(
    ctx: &Context,
    loaded: &Loaded,
    options: &SandboxOptions,
    refresh: bool,
) -> Result<BTreeMap<String, Template>> {
    let paths = ctx.paths()?;
    let shown: Mutex<Option<(String, Spinner)>> = Mutex::default();
    let (is_lively, is_quiet) = (ctx.is_lively(), options.quiet);
    let tell = |template: &str, line: &str| {
        let mut shown = shown
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if shown.as_ref().is_none_or(|(name, _)| name != template) {
            let text = format!("cloning the template {template}");
            let spinner = Spinner::begin(is_lively, is_quiet, &text);
            *shown = Some((template.to_string(), spinner));
        }
        if let Some((_, spinner)) = &*shown {
            spinner.say(line);
        }
    };
    let places = Places {
        templates: &paths.templates(),
        cache: &paths.cache,
        pins: &loaded.pins,
        refresh,
        deadline: Duration::from_secs(ctx.config()?.timeouts.clone_seconds()),
        tell: &tell,
    };
    let resolved = Box::pin(sources::resolve(&loaded.file, &places));
    interruptible(async { Ok(resolved.await?) }).await
}

/// What it takes to say who plays.
struct Cast<'a> {
    ctx: &'a Context,
    by_agent: &'a BTreeMap<String, Template>,
    manifests: &'a BTreeMap<String, Manifest>,
    shared: &'a BTreeMap<String, String>,
    given: &'a BTreeMap<String, String>,
    workspace_id: &'a str,
    mounted: Vec<String>,
}

impl Cast<'_> {
    /// Gives the steps of each template the environment that its agents will have. Where agents of
    /// one template differ, the first one counts.
    fn equip(&self, steps: &mut [set_up::Template], file: &WorkspaceFile) -> Result<()> {
        let store = self.ctx.secrets()?;
        for agent in file.agents() {
            let Some(template) = self.by_agent.get(&*agent.key.value) else {
                continue;
            };
            let manifest = &self.manifests[&template.name];
            let env = of_template(agent, manifest, self.shared, self.given);
            let env = environment::expand(env, &store)?;
            let own = steps.iter_mut().filter(|step| step.name == template.name);
            for step in own {
                for (name, value) in &env {
                    step.env
                        .entry(name.clone())
                        .or_insert_with(|| value.clone());
                }
            }
        }
        Ok(())
    }

    /// The processes that are wanted. Everything that any of them lacks is told at once.
    fn players(&self, file: &WorkspaceFile, only: Option<&str>) -> Result<Vec<Player>> {
        let (mut players, mut lacking) = (Vec::new(), Vec::new());
        for agent in file.agents() {
            let is_wanted = |process: &str| is_wanted(agent, process, only);
            if !agent.processes().any(|process| is_wanted(&process)) {
                continue;
            }
            match self.of(agent)? {
                Ok(found) => {
                    players.extend(
                        found
                            .into_iter()
                            .filter(|player| is_wanted(&player.member.process)),
                    );
                }
                Err(more) => lacking.extend(more),
            }
        }
        if lacking.is_empty() {
            Ok(players)
        } else {
            Err(lacking.into())
        }
    }

    fn of(&self, agent: &Agent) -> Result<std::result::Result<Vec<Player>, Vec<Lacking>>> {
        let outfit = match &agent.runs {
            Runs::Catalogue(name) => Some(self.outfit(name)?),
            Runs::Template(_) => None,
        };
        let template = self.by_agent.get(&*agent.key.value);
        let kind = match (&outfit, template) {
            (Some(outfit), _) => Kind::Program(&outfit.agent),
            (None, Some(template)) => Kind::Template(template, &self.manifests[&template.name]),
            (None, None) => return Ok(Ok(Vec::new())),
        };
        let (found, lacking) = foretell(
            agent,
            &kind,
            self.shared,
            self.given,
            self.workspace_id,
            &self.mounted,
        );
        if !lacking.is_empty() {
            return Ok(Err(lacking));
        }
        let store = self.ctx.secrets()?;
        let mut players = Vec::new();
        for mut member in found {
            member.env = environment::expand(member.env, &store)?;
            let program = outfit.clone();
            players.push(Player {
                member,
                program,
                has_arguments: false,
            });
        }
        Ok(Ok(players))
    }

    fn outfit(&self, name: &str) -> Result<Outfit> {
        let agent = self.ctx.catalogue()?.find(name)?.clone();
        let store = self.ctx.secrets()?;
        let own = environment::expand(agent.definition.env.clone(), &store)?;
        let secrets = environment::secrets(&agent, &self.ctx.config()?.secrets, &store)?;
        Ok(Outfit {
            agent,
            own,
            secrets,
        })
    }
}
