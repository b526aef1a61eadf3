//! Whether the volumes that a container is to have may be used: a name is no proof of who made it.

use crate::engine::containers::NewMount;
use crate::engine::volumes::VolumeRow;
use crate::engine::{Engine, EngineError};
use crate::labels::{KIND, MANAGED};

/// Looks for volumes that have the names of new `mounts` and were not made for that: without our
/// labels, or of another kind. Answers the first one's name. One call.
///
/// # Errors
/// [`EngineError`].
pub async fn foreign(engine: &Engine, mounts: &[NewMount]) -> Result<Option<String>, EngineError> {
    let names: Vec<&str> = mounts
        .iter()
        .filter_map(|mount| match mount {
            NewMount::Volume { name, .. } => Some(name.as_str()),
            NewMount::Bind { .. } => None,
        })
        .collect();
    let found = engine.volumes_named(&names).await?;
    let foreign = found.into_iter().find(|volume| !is_ours(volume, mounts));
    Ok(foreign.map(|volume| volume.name))
}

fn is_ours(volume: &VolumeRow, mounts: &[NewMount]) -> bool {
    mounts.iter().any(|mount| match mount {
        NewMount::Volume { name, labels, .. } => {
            let is_same =
                |key| volume.labels.contains_key(key) && volume.labels.get(key) == labels.get(key);
            *name == volume.name && is_same(MANAGED) && is_same(KIND)
        }
        NewMount::Bind { .. } => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::{self, Kind};
    use std::collections::BTreeMap;

    #[test]
    fn a_volume_is_ours_by_its_labels() {
        let mounts = [NewMount::Volume {
            name: "dp-login-1-x".into(),
            target: "/x".into(),
            read_only: false,
            labels: labels::of(Kind::Login),
        }];
        let table = [
            ("dp-login-1-x", labels::of(Kind::Login), true),
            ("dp-login-1-x", labels::of(Kind::Engine), false),
            ("dp-login-1-x", BTreeMap::new(), false),
            ("dp-login-1-y", labels::of(Kind::Login), false),
        ];
        for (name, labels, expected) in table {
            let volume = VolumeRow {
                mountpoint: String::new(),
                name: name.into(),
                labels,
                created: None,
                driver: "local".into(),
            };
            assert_eq!(is_ours(&volume, &mounts), expected, "{volume:?}");
        }
    }
}
