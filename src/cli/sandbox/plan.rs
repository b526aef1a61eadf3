//! How a plan reads (`--dry-run`), and what came of one.

use super::super::Result;
use super::super::output::Answer;
use super::enter::Gathered;
use super::options::SandboxOptions;
use super::refusal::lines;
use crate::engine::Engine;
use crate::engine::containers::MountRow;
use crate::sandbox::apply::{ApplyError, Ready};
use crate::sandbox::forecast::Forecast;
use crate::sandbox::plan::{Action, Plan};
use crate::sandbox::spec::Image;
use crate::sandbox::{Difference, Existing, SandboxName, Settings, Spec};
use serde::Serialize;
use std::io::{self, Write};

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
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
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
    mounts: Vec<MountRow>,
    settings: Settings,
    differences: Vec<Difference>,
    /// The sandbox that has the name and is another one.
    taken_by: Option<Taken>,
    #[serde(flatten)]
    forecast: Forecast,
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

/// Says what a run would do, and does nothing.
pub(super) async fn rehearse(gathered: &Gathered, options: &SandboxOptions) -> Result<Planned> {
    let (engine, spec) = (&gathered.engine, &gathered.spec);
    let mut plan = gathered.plan(options.recreate).await?;
    if plan == Plan::Create {
        plan = of_name(engine, spec).await?;
    }
    let authorities = gathered.authorities.as_ref();
    let forecast = Forecast::of(engine, spec, &plan, options.pull, authorities).await?;
    Ok(Planned::new(spec, plan, forecast))
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
            Plan::Enter(found) | Plan::Start(found) => new.replaced_by(found),
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
        let new = spec.container("", "");
        let account = &spec.account;
        Self {
            action,
            name: spec.name.clone(),
            agent: spec.agent.clone(),
            workspace: spec.workspace.path().to_string(),
            image,
            user: format!("{} ({}:{})", account.name, account.uid, account.gid),
            workdir: spec.workdir(),
            mounts: new.mounts.iter().map(MountRow::of).collect(),
            settings: spec.effective(),
            differences: Vec::new(),
            taken_by: None,
            forecast,
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
    fn replaced_by(self, found: Existing) -> Self {
        let user = match (&found.settings.user, found.settings.home()) {
            (Some(user), "/root") => format!("root ({user})"),
            (Some(user), _) => format!("agent ({user})"),
            (None, _) => self.user,
        };
        Self {
            name: found.name,
            image: vec![found.image],
            user,
            workdir: found.settings.workdir.clone().unwrap_or(self.workdir),
            mounts: found.mounts,
            settings: found.settings,
            ..self
        }
    }

    /// An image, and what it costs to have it.
    fn image(&self, tag: &String) -> String {
        let forecast = &self.forecast;
        if forecast.to_build.contains(tag) {
            format!("{tag} (to be built)")
        } else if forecast.to_pull.contains(tag) {
            format!("{tag} (to be pulled)")
        } else {
            tag.clone()
        }
    }
}

impl Answer for Planned {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
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
        writeln!(out, "sandbox    {}", self.name)?;
        writeln!(out, "would      {what}")?;
        if let Some(taken) = &self.taken_by {
            write!(out, "taken by   {} in {}", taken.agent, taken.workspace)?;
            match taken.owner {
                Some(owner) => writeln!(out, " of user {owner}")?,
                None => writeln!(out)?,
            }
        }
        for line in lines(&self.differences) {
            writeln!(out, "differs    {line}")?;
        }
        writeln!(out, "agent      {}", self.agent)?;
        writeln!(out, "workspace  {}", self.workspace)?;
        let images: Vec<String> = self.image.iter().map(|tag| self.image(tag)).collect();
        writeln!(out, "image      {}", images.join(" <- "))?;
        writeln!(out, "user       {}", self.user)?;
        writeln!(out, "directory  {}", self.workdir)?;
        for mount in &self.mounts {
            let mode = if mount.read_only { " (read-only)" } else { "" };
            let is_new = self.forecast.new_volumes.contains(&mount.source);
            let new = if is_new { " (new volume)" } else { "" };
            writeln!(
                out,
                "mount      {} -> {}{mode}{new}",
                mount.source, mount.target
            )?;
        }
        settings(out, &self.settings, &["image", "user", "workdir", "mounts"])
    }
}

/// A line for each setting, but for those that are `shown` already.
pub(super) fn settings(out: &mut dyn Write, settings: &Settings, shown: &[&str]) -> io::Result<()> {
    for (name, value) in settings.shown() {
        if !shown.contains(&name.as_str()) {
            writeln!(out, "{:10} {value}", name.replace('_', "-"))?;
        }
    }
    Ok(())
}
