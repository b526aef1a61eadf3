//! How a plan reads (`--dry-run`), and what came of one.

use super::super::output::{Answer, Page, answer};
use super::super::{Context, Result};
use super::enter::Gathered;
use super::options::SandboxOptions;
use super::project::Project;
use super::refusal::lines;
use super::rehearsal::{Part, Rehearsal};
use super::rows::Rows;
use crate::engine::Engine;
use crate::engine::containers::MountRow;
use crate::sandbox::apply::{ApplyError, Ready};
use crate::sandbox::forecast::Forecast;
use crate::sandbox::plan::{Action, Plan};
use crate::sandbox::spec::Image;
use crate::sandbox::{Difference, Existing, Origin, SandboxName, Settings, Spec};
use crate::values::text::word;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;

/// A sandbox that runs now.
#[derive(Serialize)]
pub(super) struct Created {
    id: String,
    name: SandboxName,
    is_new: bool,
}

impl Created {
    pub(super) fn new(ready: &Ready) -> Self {
        Self {
            id: ready.sandbox.id.clone(),
            name: ready.sandbox.name.clone(),
            is_new: ready.is_new,
        }
    }
}

impl Answer for Created {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        writeln!(out, "{}", self.id)
    }
}

/// What would be done.
#[derive(Serialize)]
pub(super) struct Planned {
    action: Action,
    name: SandboxName,
    agent: String,
    workspace: String,
    image: Vec<String>,
    user: String,
    workdir: String,
    mounts: Vec<PlannedMount>,
    ports: Vec<PlannedPort>,
    settings: Settings,
    /// Of the settings, and of some of the fields above, by name.
    origins: BTreeMap<String, Origin>,
    differences: Vec<Difference>,
    /// The sandbox that has the name and is another one.
    taken_by: Option<Taken>,
    #[serde(flatten)]
    forecast: Forecast,
    #[serde(flatten)]
    rehearsal: Rehearsal,
}

#[derive(Serialize)]
struct PlannedMount {
    #[serde(flatten)]
    row: MountRow,
    origin: Origin,
}

#[derive(Serialize)]
struct PlannedPort {
    port: String,
    origin: Origin,
}

#[derive(Serialize)]
struct Taken {
    agent: String,
    workspace: String,
    /// The numeric user of the host.
    owner: Option<u32>,
    /// It is for this workspace and agent.
    #[serde(skip)]
    is_another_person: bool,
}

/// Says what a run of an agent in a sandbox of its own would do.
pub(super) async fn rehearse_alone(
    ctx: &Context,
    project: &Project,
    options: &SandboxOptions,
    part: Part,
) -> Result<u8> {
    let mut gathered = Gathered::new(ctx, options, part.agent.clone().into(), project).await?;
    project.look_around(ctx).await?;
    let told = Rehearsal::alone(ctx, project.loaded.as_ref(), &gathered.spec, &part)?;
    answer(ctx, &rehearse(&mut gathered, options, told).await?)
}

/// What a run would do. Nothing is done.
pub(super) async fn rehearse(
    gathered: &mut Gathered,
    options: &SandboxOptions,
    told: Rehearsal,
) -> Result<Planned> {
    let mut plan = gathered.plan(options.recreate).await?;
    let (engine, spec) = (&gathered.engine, &gathered.spec);
    if plan == Plan::Create {
        plan = of_name(engine, spec).await?;
    }
    let authorities = gathered.authorities.as_ref();
    let recipe = &gathered.engine_recipe;
    let forecast = Forecast::of(engine, spec, &plan, options.pull, authorities, recipe).await?;
    let planned = Planned::new(spec, plan, forecast);
    Ok(Planned {
        rehearsal: told,
        ..planned
    })
}

/// What a run finds out when it creates: somebody else may have the name.
async fn of_name(engine: &Engine, spec: &Spec) -> Result<Plan> {
    let container = spec.name.container();
    match engine.container(&container).await {
        Ok(row) => match Existing::of(row) {
            Some(found) => Ok(Plan::new(spec, true, &[found], false)),
            None => Err(ApplyError::ForeignName { container }.into()),
        },
        Err(error) if error.is_not_found() => Ok(Plan::Create),
        Err(error) => Err(error.into()),
    }
}

impl Planned {
    fn new(spec: &Spec, plan: Plan, forecast: Forecast) -> Self {
        let new = Self::of_spec(spec, plan.action(), forecast);
        match plan {
            Plan::Create => new,
            Plan::Enter(found) | Plan::Start(found) => new.replaced_by(spec, found),
            Plan::Recreate(found, mut differences) => {
                let left_out = spec.left_out(&found, &differences);
                differences.extend(left_out);
                Self {
                    name: found.name,
                    differences,
                    ..new
                }
            }
            Plan::Refuse(found, differences) => Self {
                name: found.name,
                differences,
                ..new
            },
            Plan::NameTaken(found) => new.taken(found, false),
            Plan::OfAnother(found) => new.taken(found, true),
        }
    }

    /// What is asked.
    fn of_spec(spec: &Spec, action: Action, forecast: Forecast) -> Self {
        let spec = &forecast.complete(spec);
        let image = match &spec.image {
            Image::Recipes(recipes) => recipes.iter().map(|recipe| recipe.tag.clone()).collect(),
            Image::Given(reference) => vec![reference.clone()],
        };
        let mounts = spec.all_mounts().into_iter();
        let mounts = mounts.map(|(mount, origin)| PlannedMount {
            row: MountRow::of(&mount),
            origin,
        });
        let account = &spec.account;
        let settings = spec.effective();
        let names = ["name", "workspace", "image", "user", "workdir"];
        let names = names.into_iter().map(str::to_string);
        let names = names.chain(settings.shown().into_iter().map(|(name, _)| name));
        let ports = settings.ports.iter().flatten();
        Self {
            action,
            name: spec.name.clone(),
            agent: spec.agent.clone(),
            workspace: spec.workspace.path().to_string(),
            image,
            user: format!("{} ({}:{})", account.name, account.uid, account.gid),
            workdir: spec.workdir(),
            mounts: mounts.collect(),
            ports: ports
                .map(|port| PlannedPort {
                    port: port.clone(),
                    origin: spec.origins.of_port(port),
                })
                .collect(),
            origins: names
                .map(|name| (name.clone(), spec.origins.of(&name)))
                .collect(),
            settings,
            differences: Vec::new(),
            taken_by: None,
            forecast,
            rehearsal: Rehearsal::default(),
        }
    }

    /// Refused, because the name is that of `found`.
    fn taken(self, found: Existing, is_another_person: bool) -> Self {
        Self {
            taken_by: Some(Taken {
                agent: found.agent,
                workspace: found.workspace,
                owner: found.owner,
                is_another_person,
            }),
            ..self
        }
    }

    /// What is there and would be entered, whatever would be made today.
    fn replaced_by(self, spec: &Spec, found: Existing) -> Self {
        let user = match (&found.settings.user, found.settings.home()) {
            (Some(user), "/root") => format!("root ({user})"),
            (Some(user), _) => format!("agent ({user})"),
            (None, _) => self.user,
        };
        let asked: BTreeMap<_, _> = self.settings.shown().into_iter().collect();
        let origin = |name: &str, is_same: bool| {
            if is_same {
                spec.origins.of(name)
            } else {
                Origin::Kept
            }
        };
        let shown = found.settings.shown().into_iter();
        let mut origins: BTreeMap<String, Origin> = shown
            .map(|(name, value)| {
                let origin = origin(&name, asked.get(&name) == Some(&value));
                (name, origin)
            })
            .collect();
        let is_same_image = self.image.contains(&found.image);
        origins.insert("image".into(), origin("image", is_same_image));
        origins.insert("name".into(), origin("name", found.name == self.name));
        for name in ["workspace", "user", "workdir"] {
            let known = self.origins.get(name).cloned().unwrap_or_default();
            origins.entry(name.into()).or_insert(known);
        }
        let mount = |row: MountRow| {
            // What has a purpose has it wherever it comes from.
            let is_same = |mount: &&PlannedMount| match mount.origin {
                Origin::Purpose(_) => mount.row.target == row.target,
                _ => mount.row == row,
            };
            let same = self.mounts.iter().find(is_same);
            let origin = same.map_or(Origin::Kept, |mount| mount.origin.clone());
            PlannedMount { row, origin }
        };
        let ports = found.settings.ports.iter().flatten().map(|port| {
            let same = { self.ports.iter() }.find(|planned| planned.port == *port);
            let origin = same.map_or(Origin::Kept, |planned| planned.origin.clone());
            let port = port.clone();
            PlannedPort { port, origin }
        });
        Self {
            mounts: found.mounts.into_iter().map(mount).collect(),
            ports: ports.collect(),
            name: found.name,
            image: vec![found.image],
            user,
            workdir: found.settings.workdir.clone().unwrap_or(self.workdir),
            settings: found.settings,
            origins,
            ..self
        }
    }

    /// An image, and what it costs to have it.
    fn image(&self, tag: &String) -> String {
        let forecast = &self.forecast;
        if forecast.to_build.contains(tag) {
            format!("{} (to be built)", word(tag))
        } else if forecast.to_pull.contains(tag) {
            format!("{} (to be pulled)", word(tag))
        } else {
            word(tag)
        }
    }
}

impl Answer for Planned {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        let what = match (self.action, &self.taken_by) {
            (Action::Create, _) => "create and start it",
            (Action::Start, _) => "start it",
            (Action::Enter, _) => "enter it, it runs",
            (Action::Recreate, _) => "remove it and make it anew",
            (Action::Refuse, None) => "refuse: it differs from what is asked",
            (Action::Refuse, Some(taken)) if taken.is_another_person => {
                "refuse: it is another person's"
            }
            (Action::Refuse, Some(_)) => "refuse: the name belongs to another sandbox",
        };
        let mut rows = Rows::default();
        self.add(&mut rows, "sandbox", "name", &self.name.to_string());
        rows.add("would", what);
        if let Some(taken) = &self.taken_by {
            let mut whose = format!("{} in {}", word(&taken.agent), word(&taken.workspace));
            if let Some(owner) = taken.owner {
                whose.push_str(&format!(" of user {owner}"));
            }
            rows.add("taken by", whose);
        }
        lines(&self.differences).for_each(|line| rows.add("differs", line));
        if let Some(file) = &self.rehearsal.file {
            file.rows(&mut rows);
        }
        self.add(&mut rows, "workspace", "workspace", &word(&self.workspace));
        let images: Vec<String> = self.image.iter().map(|tag| self.image(tag)).collect();
        self.add(&mut rows, "image", "image", &images.join(" <- "));
        self.add(&mut rows, "user", "user", &self.user);
        self.add(&mut rows, "directory", "workdir", &word(&self.workdir));
        self.rows(&mut rows);
        self.rehearsal.rows(&mut rows);
        rows.write(out);
        Ok(())
    }
}

impl Planned {
    fn add(&self, rows: &mut Rows, title: &str, name: &str, value: &str) {
        let origin = self.origins.get(name).cloned().unwrap_or_default();
        rows.add_from(title, value, &origin);
    }

    /// Mounts, ports, and whatever else is set.
    fn rows(&self, rows: &mut Rows) {
        for PlannedMount { row, origin } in &self.mounts {
            let mode = if row.read_only { " (read-only)" } else { "" };
            let is_new = self.forecast.new_volumes.contains(&row.source);
            let new = if is_new { " (new volume)" } else { "" };
            let (source, target) = (word(&row.source), word(&row.target));
            let value = format!("{source} -> {target}{mode}{new}");
            rows.add_from("mount", value, origin);
        }
        for planned in &self.ports {
            rows.add_from("port", &planned.port, &planned.origin);
        }
        let shown = ["image", "user", "workdir", "mounts", "ports"];
        for (name, value) in self.settings.shown() {
            if !shown.contains(&name.as_str()) {
                self.add(rows, &name.replace('_', "-"), &name, &value);
            }
        }
    }
}

/// A line for each setting, but for those that are `shown` already.
pub(super) fn settings(out: &mut Page, settings: &Settings, shown: &[&str]) -> io::Result<()> {
    for (name, value) in settings.shown() {
        if !shown.contains(&name.as_str()) {
            writeln!(out, "{:10} {value}", name.replace('_', "-"))?;
        }
    }
    Ok(())
}
