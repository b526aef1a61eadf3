//! How a plan reads (`--dry-run`), and what came of one.

use super::super::output::Answer;
use super::refusal::lines;
use crate::engine::containers::MountRow;
use crate::sandbox::apply::Ready;
use crate::sandbox::plan::{Action, Plan};
use crate::sandbox::spec::Image;
use crate::sandbox::{Difference, SandboxName, Settings, Spec};
use serde::Serialize;
use serde_json::Value;
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
}

impl Planned {
    pub(super) fn new(spec: &Spec, plan: &Plan) -> Self {
        let image = match &spec.image {
            Image::Recipes(recipes) => recipes.iter().map(|recipe| recipe.tag.clone()).collect(),
            Image::Given(reference) => vec![reference.clone()],
        };
        let differences = match plan {
            Plan::Recreate(_, differences) | Plan::Refuse(_, differences) => differences.clone(),
            _ => Vec::new(),
        };
        let new = spec.container("", "");
        Self {
            action: plan.action(),
            name: spec.name.clone(),
            agent: spec.agent.clone(),
            workspace: spec.workspace.path().to_string(),
            image,
            user: format!(
                "{} ({}:{})",
                spec.account.name, spec.account.uid, spec.account.gid
            ),
            workdir: spec.workdir(),
            mounts: new.mounts.iter().map(MountRow::of).collect(),
            settings: spec.effective(),
            differences,
        }
    }
}

impl Answer for Planned {
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let what = match self.action {
            Action::Create => "create and start it",
            Action::Start => "start it",
            Action::Enter => "enter it, it runs",
            Action::Recreate => "remove it and make it anew",
            Action::Refuse => "refuse: it differs from what is asked",
        };
        writeln!(out, "sandbox    {}", self.name)?;
        writeln!(out, "would      {what}")?;
        for line in lines(&self.differences) {
            writeln!(out, "differs    {line}")?;
        }
        writeln!(out, "agent      {}", self.agent)?;
        writeln!(out, "workspace  {}", self.workspace)?;
        writeln!(out, "image      {}", self.image.join(" <- "))?;
        writeln!(out, "user       {}", self.user)?;
        writeln!(out, "directory  {}", self.workdir)?;
        for mount in &self.mounts {
            let mode = if mount.read_only { " (read-only)" } else { "" };
            writeln!(out, "mount      {} -> {}{mode}", mount.source, mount.target)?;
        }
        settings(out, &self.settings, &["image", "user", "workdir", "mounts"])
    }
}

/// A line for each setting, but for those that are `shown` already.
pub(super) fn settings(out: &mut dyn Write, settings: &Settings, shown: &[&str]) -> io::Result<()> {
    let settings = serde_json::to_value(settings)?;
    for (name, value) in settings.as_object().into_iter().flatten() {
        if !shown.contains(&name.as_str()) {
            writeln!(out, "{:10} {}", name.replace('_', "-"), plain(value))?;
        }
    }
    Ok(())
}

/// As a person writes it, without the marks of JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        value => value.to_string(),
    }
}
