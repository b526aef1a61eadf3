//! What deliveries of the guest leave behind: the volumes of other builds, and helpers of a `dp`
//! that died. Nothing of a person's is in them, and whoever misses one has it delivered again.

use super::{guest, ownership};
use crate::engine::containers::ContainerRow;
use crate::engine::volumes::VolumeRow;
use crate::engine::{Engine, EngineError};
use crate::labels::{self, Kind};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// A younger volume may be of a build that somebody is at work with.
const VOLUME: SignedDuration = SignedDuration::from_hours(1);
/// A delivery takes seconds.
const HELPER: SignedDuration = SignedDuration::from_mins(10);

/// What nobody needs any more, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Leftovers {
    /// Volumes with the guest of another build.
    pub guest_volumes: Vec<String>,
    /// Containers that a delivery which was cut off left.
    pub guest_helpers: Vec<String>,
    /// Containers of Docker engines whose sandbox is gone.
    pub engines: Vec<String>,
}

impl Leftovers {
    /// Decides: `volumes` and `containers` are all that there are, `own` is the build whose volume
    /// is kept whatever its age.
    #[must_use]
    pub fn new(
        volumes: &[VolumeRow],
        containers: &[ContainerRow],
        own: Option<&str>,
        now: Timestamp,
    ) -> Self {
        let (helpers, others): (Vec<_>, Vec<_>) = containers
            .iter()
            .partition(|container| is_stale_helper(container, now));
        let own = own.map(guest);
        let is_used = |volume: &VolumeRow| {
            let mut mounts = others.iter().flat_map(|container| &container.mounts);
            mounts.any(|mount| mount.source == volume.name)
        };
        let unneeded = volumes.iter().filter(|volume| {
            is_stale(volume, now) && own.as_ref() != Some(&volume.name) && !is_used(volume)
        });
        Self {
            guest_volumes: unneeded.map(|volume| volume.name.clone()).collect(),
            guest_helpers: helpers.iter().map(|helper| helper.name.clone()).collect(),
            engines: { others.iter() }
                .filter(|container| is_abandoned(container, containers))
                .map(|container| container.name.clone())
                .collect(),
        }
    }

    /// Looks for them, as if the containers of the IDs `gone` were no more. Two calls at once.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn find(
        engine: &Engine,
        own: Option<&str>,
        gone: &[String],
    ) -> Result<Self, EngineError> {
        let label = labels::filter(labels::KIND, Kind::Guest.as_str());
        // Whoever uses a volume need not be ours.
        let (volumes, containers) = tokio::join!(engine.volumes(&label), engine.containers(&[]));
        let mut containers = containers?;
        containers.retain(|container| !gone.contains(&container.id));
        Ok(Self::new(&volumes?, &containers, own, Timestamp::now()))
    }

    /// Removes them and answers what is gone by it: what somebody else was faster with, to use or
    /// to remove, is left out.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn remove(self, engine: &Engine) -> Result<Self, EngineError> {
        let mut removed = Self::default();
        for helper in self.guest_helpers {
            if is_done(engine.remove_container(&helper).await)? {
                removed.guest_helpers.push(helper);
            }
        }
        for engine_container in self.engines {
            if is_done(engine.remove_container(&engine_container).await)? {
                removed.engines.push(engine_container);
            }
        }
        for volume in self.guest_volumes {
            if is_done(engine.remove_volume(&volume).await)? {
                removed.guest_volumes.push(volume);
            }
        }
        Ok(removed)
    }

    /// There is nothing to remove.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let all = [&self.guest_volumes, &self.guest_helpers, &self.engines];
        all.iter().all(|some| some.is_empty())
    }
}

/// What somebody else was faster with, to use or to remove, is not done by us.
pub(super) fn is_done(removal: Result<(), EngineError>) -> Result<bool, EngineError> {
    match removal {
        Ok(()) => Ok(true),
        Err(error) if error.is_conflict() || error.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}

/// A guest's volume that no build at work has made just now. One whose age is not told is not.
fn is_stale(volume: &VolumeRow, now: Timestamp) -> bool {
    let created = volume.created.as_deref().map(str::parse::<Timestamp>);
    labels::is(&volume.labels, Kind::Guest)
        && matches!(created, Some(Ok(created)) if now.duration_since(created) > VOLUME)
}

/// A Docker engine's container that joins a container which is no more.
fn is_abandoned(container: &ContainerRow, all: &[ContainerRow]) -> bool {
    let sandbox = container.network.strip_prefix("container:");
    ownership::is_engine(container)
        && sandbox.is_some_and(|id| all.iter().all(|other| other.id != id))
}

/// A helper that never runs, whose delivery must have ended long ago.
fn is_stale_helper(container: &ContainerRow, now: Timestamp) -> bool {
    let created = Timestamp::from_second(container.created);
    ownership::is_helper(container)
        && container.state == "created"
        && created.is_ok_and(|created| now.duration_since(created) > HELPER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::containers::MountRow;

    const NOW: &str = "2026-11-21T12:00:00Z";

    fn volume(build: &str, kind: Kind, created: Option<&str>) -> VolumeRow {
        VolumeRow {
            name: guest(build),
            labels: labels::of(kind),
            created: created.map(str::to_string),
            ..VolumeRow::default()
        }
    }

    fn container(name: &str, kind: Kind, state: &str, age: i64, volume: &str) -> ContainerRow {
        let now: Timestamp = NOW.parse().expect("a time");
        ContainerRow {
            name: name.into(),
            labels: labels::of(kind),
            state: state.into(),
            created: now.as_second() - age,
            mounts: vec![MountRow {
                kind: "volume".into(),
                source: volume.into(),
                target: crate::guest::BINARY_DIR.into(),
                read_only: true,
            }],
            ..ContainerRow::default()
        }
    }

    #[test]
    fn volumes_are_stale_after_an_hour() {
        let table = [
            (Kind::Guest, Some("2026-11-21T10:59:59Z"), true),
            (Kind::Guest, Some("2026-11-21T11:59:59+01:00"), true),
            (Kind::Guest, Some("2026-11-21T11:00:01Z"), false),
            (Kind::Guest, Some("2026-11-22T00:00:00Z"), false),
            (Kind::Guest, Some("yesterday"), false),
            (Kind::Guest, None, false),
            (Kind::Login, Some("2020-01-01T00:00:00Z"), false),
        ];
        let now = NOW.parse().expect("a time");
        for (kind, created, expected) in table {
            let volume = volume("a", kind, created);
            assert_eq!(is_stale(&volume, now), expected, "{volume:?}");
        }
    }

    #[test]
    fn what_is_our_own_or_used_is_kept() {
        let old = Some("2026-11-20T00:00:00Z");
        let volumes = ["own", "used", "unused", "delivered", "cut-off"]
            .map(|build| volume(build, Kind::Guest, old));
        let containers = [
            container("dp-x", Kind::Sandbox, "exited", 9999, "dp-guest-used"),
            container("new", Kind::Guest, "created", 599, "dp-guest-delivered"),
            container("old", Kind::Guest, "created", 601, "dp-guest-cut-off"),
            container("runs", Kind::Guest, "running", 9999, "dp-guest-own"),
            // An image may carry any label, and containers inherit them.
            container(
                "labelled",
                Kind::Guest,
                "created",
                9999,
                "a-volume-of-its-own",
            ),
        ];
        let now = NOW.parse().expect("a time");
        let found = Leftovers::new(&volumes, &containers, Some("own"), now);
        let expected = Leftovers {
            guest_volumes: vec!["dp-guest-unused".into(), "dp-guest-cut-off".into()],
            guest_helpers: vec!["old".into()],
            engines: Vec::new(),
        };
        assert_eq!(found, expected);
        let found = Leftovers::new(&volumes, &containers[..3], None, now);
        assert_eq!(found.guest_volumes[0], "dp-guest-own");
    }

    #[test]
    fn an_engine_goes_when_its_sandbox_is_gone() {
        let engine = |name: &str, network: &str| ContainerRow {
            network: network.into(),
            mounts: vec![ownership::guest_mount()],
            ..container(name, Kind::Engine, "created", 0, "unused")
        };
        let sandbox = ContainerRow {
            id: "there".into(),
            ..container("dp-x", Kind::Sandbox, "exited", 0, "dp-guest-used")
        };
        let foreign = ContainerRow {
            mounts: Vec::new(),
            ..engine("foreign", "container:gone")
        };
        let containers = [
            sandbox,
            engine("its", "container:there"),
            engine("left", "container:gone"),
            engine("other", "bridge"),
            foreign,
        ];
        let now = NOW.parse().expect("a time");
        let found = Leftovers::new(&[], &containers, None, now);
        assert_eq!(found.engines, ["left"]);
    }
}
