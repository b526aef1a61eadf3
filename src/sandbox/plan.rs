//! What to do about a sandbox that is wanted: decided purely, printed by `--dry-run`, tested by
//! table, carried out by `apply`.

use super::existing::Existing;
use super::settings::Difference;
use super::spec::Spec;
use serde::Serialize;

/// The decision.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// There is none: create and start it.
    Create,
    /// It is there, stopped.
    Start(Existing),
    /// It runs.
    Enter(Existing),
    /// It is there and is to be made anew.
    Recreate(Existing, Vec<Difference>),
    /// It is there and differs from what is asked.
    Refuse(Existing, Vec<Difference>),
    /// The name belongs to a sandbox of another workspace or agent.
    NameTaken(Existing),
}

/// The name of a decision, for people and programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// See [`Plan::Create`].
    Create,
    /// See [`Plan::Start`].
    Start,
    /// See [`Plan::Enter`].
    Enter,
    /// See [`Plan::Recreate`].
    Recreate,
    /// See [`Plan::Refuse`] and [`Plan::NameTaken`].
    Refuse,
}

impl Plan {
    /// Decides. `observed` are the sandboxes of this workspace and agent, and the one of this
    /// name, as far as they were looked for.
    #[must_use]
    pub fn new(spec: &Spec, is_named: bool, observed: &[Existing], recreate: bool) -> Self {
        let of_workspace = |found: &&Existing| {
            found.workspace_id == spec.workspace.id() && found.agent == spec.agent
        };
        if let Some(other) = observed
            .iter()
            .find(|found| found.name == spec.name && !of_workspace(found))
        {
            return Self::NameTaken(other.clone());
        }
        let mut ours = observed.iter().filter(of_workspace);
        let found = if is_named {
            ours.find(|found| found.name == spec.name)
        } else {
            // The one of the derived name first, so that a choice between several is stable.
            let mut ours: Vec<_> = ours.collect();
            ours.sort_by_key(|found| (found.name != spec.name, found.name.clone()));
            ours.first().copied()
        };
        let Some(found) = found else {
            return Self::Create;
        };
        let mut differences = spec.asked.differences(&found.settings);
        differences.extend(spec.asked.drift(&spec.file, &found.file, &found.settings));
        if recreate {
            Self::Recreate(found.clone(), differences)
        } else if !differences.is_empty() {
            Self::Refuse(found.clone(), differences)
        } else if found.is_running() {
            Self::Enter(found.clone())
        } else {
            Self::Start(found.clone())
        }
    }

    /// Its name.
    #[must_use]
    pub fn action(&self) -> Action {
        match self {
            Self::Create => Action::Create,
            Self::Start(_) => Action::Start,
            Self::Enter(_) => Action::Enter,
            Self::Recreate(..) => Action::Recreate,
            Self::Refuse(..) | Self::NameTaken(_) => Action::Refuse,
        }
    }
}
