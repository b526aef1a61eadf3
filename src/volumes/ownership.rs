//! Which containers are ours. Labels alone do not say: a container has all labels of its image, and
//! anybody can make an image. No image can name a volume that its containers mount, so a container
//! is ours when it has our labels and mounts a volume of the guest.

use crate::engine::containers::{ContainerRow, MountRow};
use crate::guest::BINARY_DIR;
use crate::labels::{self, Kind};

/// How the names of the guest's volumes begin.
const GUEST: &str = "dp-guest-";

/// A sandbox of ours: it runs the guest of a volume of ours, which it cannot change.
#[must_use]
pub fn is_sandbox(container: &ContainerRow) -> bool {
    let mut guests = guests(container);
    labels::is(&container.labels, Kind::Sandbox) && guests.any(|mount| mount.target == BINARY_DIR)
}

/// The container of a sandbox's Docker engine, in the same way; where it has the guest nobody knows.
#[must_use]
pub fn is_engine(container: &ContainerRow) -> bool {
    labels::is(&container.labels, Kind::Engine) && guests(container).next().is_some()
}

/// The mounts of a volume of the guest that a container cannot change.
fn guests(container: &ContainerRow) -> impl Iterator<Item = &MountRow> {
    let mounts = container.mounts.iter();
    mounts.filter(|mount| has_guest(mount) && mount.read_only)
}

/// The helper of a delivery of the guest.
#[must_use]
pub fn is_helper(container: &ContainerRow) -> bool {
    labels::is(&container.labels, Kind::Guest) && container.mounts.iter().any(has_guest)
}

/// A listing that leaves mounts out says nothing about a container that calls itself ours.
#[must_use]
pub fn is_undecided(container: &ContainerRow) -> bool {
    labels::is_ours(&container.labels) && container.mounts.is_empty()
}

fn has_guest(mount: &MountRow) -> bool {
    mount.kind == "volume" && mount.source.starts_with(GUEST)
}

/// What a sandbox mounts that is ours, for tests.
#[cfg(test)]
#[must_use]
pub fn guest_mount() -> MountRow {
    MountRow {
        kind: "volume".into(),
        source: format!("{GUEST}0123"),
        target: BINARY_DIR.into(),
        read_only: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_an_image_make_no_container_ours() {
        let labels = labels::of(Kind::Sandbox);
        let of = |mounts: Vec<MountRow>| ContainerRow {
            name: "dp-shell-app-0123".into(),
            labels: labels.clone(),
            mounts,
            ..ContainerRow::default()
        };
        let ours = guest_mount();
        assert!(is_sandbox(&of(vec![ours.clone()])));
        let without_labels = ContainerRow {
            labels: std::collections::BTreeMap::default(),
            ..of(vec![ours.clone()])
        };
        assert!(!is_sandbox(&without_labels));
        let others = [
            // A volume that an image declares has a name of the engine's choice.
            MountRow {
                source: "4f8b".into(),
                ..ours.clone()
            },
            MountRow {
                kind: "bind".into(),
                ..ours.clone()
            },
            MountRow {
                target: "/x".into(),
                ..ours.clone()
            },
            MountRow {
                read_only: false,
                ..ours.clone()
            },
        ];
        assert!(!is_sandbox(&of(Vec::new())));
        for mount in others {
            assert!(!is_sandbox(&of(vec![mount.clone()])), "{mount:?}");
        }
    }
}
