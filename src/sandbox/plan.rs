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
    /// The name belongs to the sandbox that another person has for this workspace and agent.
    OfAnother(Existing),
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
    /// See [`Plan::Refuse`], [`Plan::NameTaken`] and [`Plan::OfAnother`].
    Refuse,
}

impl Plan {
    /// Decides. `observed` are the sandboxes of this workspace and agent, and the one of this
    /// name, as far as they were looked for. Another person's is entered under no name: what is
    /// typed and what is logged in there is theirs.
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
        let (of_others, mut ours): (Vec<_>, Vec<_>) = observed
            .iter()
            .filter(of_workspace)
            .partition(|found| found.is_of_another(spec.owner));
        // The one of the derived name first, so that a choice between several is stable.
        ours.sort_by_key(|found| (found.name != spec.name, found.name.clone()));
        let mut ours = ours.into_iter();
        let mut of_others = of_others.into_iter();
        let Some(found) = ours.find(|found| !is_named || found.name == spec.name) else {
            return match of_others.find(|found| found.name == spec.name) {
                Some(other) => Self::OfAnother(other.clone()),
                None => Self::Create,
            };
        };
        let differences = differences(spec, found);
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
            Self::Refuse(..) | Self::NameTaken(_) | Self::OfAnother(_) => Action::Refuse,
        }
    }
}

/// What `found` is not and is to be, each with who says so: the command line, or a workspace file
/// that has changed.
fn differences(spec: &Spec, found: &Existing) -> Vec<Difference> {
    let origins = &spec.origins;
    let asked = spec.asked.differences(&found.settings).into_iter();
    let asked = asked.map(|one| {
        let origin = origins.of(&one.setting);
        one.because(origin)
    });
    let drift = spec.asked.drift(&spec.file, &found.file, &found.settings);
    let drift = drift.into_iter().map(|one| {
        let origin = origins.of_change(&one.setting);
        one.because(origin)
    });
    asked.chain(drift).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::containers::{ContainerRow, Gpus};
    use crate::git::Repository;
    use crate::guest::message::Account;
    use crate::labels::{self, Kind};
    use crate::sandbox::spec::Image;
    use crate::sandbox::workspace::Workspace;
    use crate::sandbox::{Origins, Settings};
    use std::path::Path;

    const ME: u32 = 1000;
    const OTHER: u32 = 1001;

    /// The shell of this directory, wanted by [`ME`].
    fn wanted(name: &str, memory: Option<&str>) -> Spec {
        let here = std::env::current_dir().expect("a directory");
        let workspace = Workspace::open(
            &here,
            Path::new("/nobody"),
            true,
            &crate::files::Pins::default(),
        );
        Spec {
            name: name.parse().expect("a name"),
            workspace: workspace.expect("a workspace"),
            agent: "shell".into(),
            programs: Vec::new(),
            asked: Settings {
                memory: memory.map(|size| size.parse().expect("a size")),
                ..Settings::default()
            },
            file: Settings::default(),
            account: Account {
                name: "agent".into(),
                uid: ME,
                gid: ME,
                home: "/home/agent".into(),
                groups: Vec::new(),
            },
            image: Image::Given("x".into()),
            guest_volume: String::new(),
            socket_directory: None,
            repository: Repository::Within,
            login_files: Vec::new(),
            engine_socket: None,
            gpus: Gpus::default(),
            has_engine_by_default: false,
            door_token: String::new(),
            docker_client_volume: String::new(),
            origins: Origins::default(),
            owner: ME,
        }
    }

    /// A shell of 1 GiB that is there: here, or of another directory.
    fn existing(name: &str, is_here: bool, owner: u32, state: &str) -> Existing {
        let workspace = wanted(name, None).workspace.id().to_string();
        let mut labels = labels::of(Kind::Sandbox);
        let mut set = |key: &str, value: String| labels.insert(key.into(), value);
        set(labels::AGENT, "shell".into());
        set(labels::OWNER, owner.to_string());
        set(labels::SPEC, r#"{"memory":1073741824}"#.into());
        set(
            labels::WORKSPACE_ID,
            if is_here { workspace } else { "else".into() },
        );
        let row = ContainerRow {
            name: format!("dp-{name}"),
            state: state.into(),
            labels,
            mounts: vec![crate::volumes::ownership::guest_mount()],
            ..ContainerRow::default()
        };
        Existing::of(row).expect("a sandbox")
    }

    /// What is decided, and about which.
    fn decided(plan: &Plan) -> (&'static str, &str) {
        match plan {
            Plan::Create => ("create", ""),
            Plan::Start(found) => ("start", found.name.as_str()),
            Plan::Enter(found) => ("enter", found.name.as_str()),
            Plan::Recreate(found, _) => ("recreate", found.name.as_str()),
            Plan::Refuse(found, _) => ("refuse", found.name.as_str()),
            Plan::NameTaken(found) => ("taken", found.name.as_str()),
            Plan::OfAnother(found) => ("another's", found.name.as_str()),
        }
    }

    #[test]
    fn what_is_done_about_a_wanted_sandbox() {
        let mine = |name, state| existing(name, true, ME, state);
        let theirs = |name| existing(name, true, OTHER, "running");
        let elsewhere = |name| existing(name, false, ME, "running");
        // What is asked: `a` is the derived name; named or not; a limit; to make it anew.
        let any = ("a", false, None, false);
        let named = ("b", true, None, false);
        let more = ("a", false, Some("2g"), false);
        let anew = ("a", false, Some("2g"), true);
        let table = [
            (any, vec![], ("create", "")),
            (any, vec![mine("a", "running")], ("enter", "a")),
            (any, vec![mine("a", "exited")], ("start", "a")),
            (any, vec![mine("a", "paused")], ("start", "a")),
            (any, vec![mine("b", "running")], ("enter", "b")),
            (
                any,
                vec![mine("c", "exited"), mine("b", "running")],
                ("enter", "b"),
            ),
            (
                any,
                vec![mine("0", "running"), mine("a", "exited")],
                ("start", "a"),
            ),
            (any, vec![elsewhere("a")], ("taken", "a")),
            (any, vec![elsewhere("b")], ("create", "")),
            (any, vec![theirs("a")], ("another's", "a")),
            (any, vec![theirs("b")], ("create", "")),
            (any, vec![theirs("a"), mine("b", "running")], ("enter", "b")),
            (named, vec![mine("a", "running")], ("create", "")),
            (
                named,
                vec![mine("a", "running"), mine("b", "exited")],
                ("start", "b"),
            ),
            (
                named,
                vec![theirs("b"), mine("a", "running")],
                ("another's", "b"),
            ),
            (more, vec![mine("a", "running")], ("refuse", "a")),
            (more, vec![theirs("a")], ("another's", "a")),
            (anew, vec![], ("create", "")),
            (anew, vec![mine("a", "exited")], ("recreate", "a")),
            (anew, vec![mine("b", "running")], ("recreate", "b")),
            (anew, vec![theirs("a")], ("another's", "a")),
            (anew, vec![elsewhere("a")], ("taken", "a")),
        ];
        for ((name, is_named, memory, recreate), observed, expected) in table {
            let spec = wanted(name, memory);
            let plan = Plan::new(&spec, is_named, &observed, recreate);
            assert_eq!(decided(&plan), expected, "{name} {memory:?} {observed:?}");
        }
    }
}
