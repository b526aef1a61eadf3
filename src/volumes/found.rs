//! The volumes of `dp` that an engine has, read from their labels, and who uses them.

use super::ownership;
use crate::engine::containers::ContainerRow;
use crate::engine::volumes::VolumeRow;
use crate::engine::{Engine, EngineError};
use crate::labels::{self, Kind};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// A volume of ours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// `home`, `workspace`, `login`, `engine` or `guest`; the label's word.
    pub kind: String,
    /// The path of the workspace that it belongs to.
    pub workspace: Option<String>,
    /// The identifier of that workspace.
    pub workspace_id: Option<String>,
    /// What a platform calls the workspace.
    pub key: Option<String>,
    /// The agent whose login it is, or whose sandbox it serves.
    pub agent: Option<String>,
    /// Bytes on disk, once they are measured and if the engine tells.
    pub size: Option<u64>,
    /// The containers that mount it, running or not; as JSON their names.
    #[serde(serialize_with = "names")]
    pub used_by: Vec<User>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When a container that mounts it ran last. What containers that are gone did with it, no
    /// engine remembers.
    pub last_used: Option<Timestamp>,
    /// When it may be removed.
    pub expires: Option<Timestamp>,
    /// All labels.
    #[serde(skip)]
    pub labels: BTreeMap<String, String>,
    /// The driver, mostly `local`.
    #[serde(skip)]
    pub driver: String,
    /// Where its files are on the engine's machine.
    #[serde(skip)]
    pub mountpoint: String,
}

/// A container that mounts a volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// The sandbox's name; of a container that is no sandbox, the container's.
    pub name: String,
    /// The container's ID.
    pub container: String,
    /// `running`, `exited`, …: the engine's word.
    pub state: String,
}

fn names<S: Serializer>(users: &[User], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(users.iter().map(|user| &user.name))
}

impl User {
    fn of(container: &ContainerRow) -> Self {
        let is_sandbox = ownership::is_sandbox(container);
        let name = container.name.strip_prefix("dp-").filter(|_| is_sandbox);
        Self {
            name: name.unwrap_or(&container.name).to_string(),
            container: container.id.clone(),
            state: container.state.clone(),
        }
    }

    /// Its processes are there, frozen perhaps.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        ["running", "paused", "restarting"].contains(&self.state.as_str())
    }
}

impl Volume {
    /// Reads a volume that nobody uses; `None` when it is not ours.
    #[must_use]
    pub fn of(row: VolumeRow) -> Option<Self> {
        if !labels::is_ours(&row.labels) {
            return None;
        }
        let label = |key: &str| row.labels.get(key).filter(|value| !value.is_empty());
        Some(Self {
            kind: label(labels::KIND).cloned().unwrap_or_default(),
            workspace: label(labels::WORKSPACE).cloned(),
            workspace_id: label(labels::WORKSPACE_ID).cloned(),
            key: label(labels::KEY).cloned(),
            agent: label(labels::AGENT).cloned(),
            created: row.created.and_then(|time| time.parse().ok()),
            expires: label(labels::EXPIRES).and_then(|time| moment(time)),
            name: row.name,
            driver: row.driver,
            mountpoint: row.mountpoint,
            labels: row.labels,
            ..Self::default()
        })
    }

    /// All that are ours, by kind and name, with those who use them. Two calls at once.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn all(engine: &Engine) -> Result<Vec<Self>, EngineError> {
        let label = labels::filter(labels::MANAGED, "true");
        // Whoever uses a volume need not be ours.
        let (rows, containers) = tokio::join!(engine.volumes(&label), engine.containers(&[]));
        Ok(Self::with_users(rows?, &containers?))
    }

    /// Puts volumes and all containers together.
    #[must_use]
    pub fn with_users(rows: Vec<VolumeRow>, containers: &[ContainerRow]) -> Vec<Self> {
        let mut users: BTreeMap<&str, Vec<User>> = BTreeMap::new();
        for container in containers {
            for mount in container
                .mounts
                .iter()
                .filter(|mount| mount.kind == "volume")
            {
                let of_this = users.entry(&mount.source).or_default();
                // One container may mount a volume at two places.
                if of_this
                    .last()
                    .is_none_or(|last| last.container != container.id)
                {
                    of_this.push(User::of(container));
                }
            }
        }
        let mut volumes: Vec<Self> = rows.into_iter().filter_map(Self::of).collect();
        for volume in &mut volumes {
            volume.used_by = users.remove(volume.name.as_str()).unwrap_or_default();
        }
        volumes.sort_by(|a, b| (&a.kind, &a.name).cmp(&(&b.kind, &b.name)));
        volumes
    }

    /// It is of this kind.
    #[must_use]
    pub fn is(&self, kind: Kind) -> bool {
        self.kind == kind.as_str()
    }

    /// It is known to be somebody else's than this numeric user's.
    #[must_use]
    pub fn is_of_another(&self, person: u32) -> bool {
        let owner = self.labels.get(labels::OWNER);
        let owner: Option<u32> = owner.and_then(|owner| owner.parse().ok());
        owner.is_some_and(|owner| owner != person)
    }

    /// A container mounts it, running or not.
    #[must_use]
    pub fn is_used(&self) -> bool {
        !self.used_by.is_empty()
    }

    /// Its time is over; one that has no end never is.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// What it belongs to: a platform's key, a workspace's path, or an agent.
    #[must_use]
    pub fn belongs_to(&self) -> Option<&str> {
        let owner = self.key.as_ref().or(self.workspace.as_ref());
        owner.or(self.agent.as_ref()).map(String::as_str)
    }
}

/// RFC 3339, or seconds since 1970.
fn moment(text: &str) -> Option<Timestamp> {
    match text.parse() {
        Ok(seconds) => Timestamp::from_second(seconds).ok(),
        Err(_) => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::containers::MountRow;

    fn row(name: &str, kind: Kind, more: &[(&str, &str)]) -> VolumeRow {
        let more = more
            .iter()
            .map(|(key, value)| (key.to_string(), value.to_string()));
        VolumeRow {
            name: name.into(),
            labels: labels::of(kind).into_iter().chain(more).collect(),
            created: Some("2026-11-21T12:00:00+01:00".into()),
            ..VolumeRow::default()
        }
    }

    fn container(name: &str, labels: BTreeMap<String, String>, volumes: &[&str]) -> ContainerRow {
        let mount = |kind: &str, source: &str| MountRow {
            kind: kind.into(),
            source: source.into(),
            target: "/x".into(),
            read_only: false,
        };
        let volumes = volumes.iter().map(|volume| mount("volume", volume));
        ContainerRow {
            id: format!("id of {name}"),
            name: name.into(),
            labels,
            state: "exited".into(),
            mounts: std::iter::once(mount("bind", "unused"))
                .chain(volumes)
                .collect(),
            ..ContainerRow::default()
        }
    }

    #[test]
    fn labels_tell_what_a_volume_is() {
        let labels = [
            (labels::WORKSPACE, "/w"),
            (labels::WORKSPACE_ID, "0123"),
            (labels::AGENT, ""),
            (labels::EXPIRES, "1795262400"),
        ];
        let volume = Volume::of(row("a", Kind::Home, &labels)).expect("it is ours");
        assert!(volume.is(Kind::Home) && !volume.is(Kind::Login));
        assert_eq!(volume.belongs_to(), Some("/w"));
        assert_eq!(
            (volume.workspace_id.as_deref(), &volume.agent),
            (Some("0123"), &None)
        );
        assert_eq!(
            volume.created.map(|t| t.to_string()),
            Some("2026-11-21T11:00:00Z".into())
        );
        assert_eq!(
            volume.expires.map(|t| t.to_string()),
            Some("2026-11-21T12:00:00Z".into())
        );
        let key = [(labels::KEY, "k"), (labels::WORKSPACE, "/w")];
        let volume = Volume::of(row("a", Kind::Workspace, &key)).expect("it is ours");
        assert_eq!(volume.belongs_to(), Some("k"));
        let mut foreign = row("a", Kind::Home, &[]);
        foreign
            .labels
            .insert(labels::MANAGED.into(), "false".into());
        assert_eq!(Volume::of(foreign), None);
        assert_eq!(Volume::of(VolumeRow::default()), None);
    }

    #[test]
    fn ends_are_read_in_both_forms_and_nothing_else_is_an_end() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().expect("a time");
        let table = [
            ("2026-11-21T12:00:00Z", true),
            ("2026-11-21T13:00:01+01:00", false),
            ("1795262400", true),
            ("1795262401", false),
            ("99999999999999", false),
            ("soon", false),
        ];
        for (end, expected) in table {
            let volume = Volume::of(row("a", Kind::Home, &[(labels::EXPIRES, end)]));
            assert_eq!(
                volume.expect("it is ours").is_expired(now),
                expected,
                "{end}"
            );
        }
    }

    #[test]
    fn users_are_sandboxes_and_whoever_else_mounts_it() {
        let rows = ["used", "unused"].map(|name| row(name, Kind::Home, &[]));
        let mut ours = container(
            "dp-claude-app",
            labels::of(Kind::Sandbox),
            &["used", "used"],
        );
        ours.mounts.push(ownership::guest_mount());
        let containers = [
            ours,
            container("dp-mine", BTreeMap::new(), &["other", "used"]),
        ];
        let found = Volume::with_users(rows.to_vec(), &containers);
        let users = |volume: &Volume| -> Vec<String> {
            volume
                .used_by
                .iter()
                .map(|user| user.name.clone())
                .collect()
        };
        assert_eq!(found[0].name, "unused");
        assert!(!found[0].is_used());
        assert_eq!(users(&found[1]), ["claude-app", "dp-mine"]);
        let json = serde_json::to_value(&found[1]).expect("JSON");
        assert_eq!(
            json["used_by"],
            serde_json::json!(["claude-app", "dp-mine"])
        );
    }
}
