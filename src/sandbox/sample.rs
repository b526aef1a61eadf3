//! A sandbox as the engine would tell of it, for unit tests.

use super::existing::Existing;
use crate::engine::containers::{ContainerRow, MountRow};
use crate::labels::{self, Kind};
use crate::volumes::ownership;

/// In this state, with these sources mounted at their own paths, read-only or not.
pub(super) fn sandbox(id: &str, state: &str, binds: &[(&str, bool)]) -> Existing {
    let mounts = binds.iter().map(|(source, read_only)| MountRow {
        kind: "bind".into(),
        source: (*source).to_string(),
        target: (*source).to_string(),
        read_only: *read_only,
    });
    Existing::of(ContainerRow {
        id: id.into(),
        name: format!("dp-{id}"),
        state: state.into(),
        status: "Up 3 minutes".into(),
        labels: labels::of(Kind::Sandbox),
        mounts: mounts.chain([ownership::guest_mount()]).collect(),
        ..ContainerRow::default()
    })
    .expect("a sandbox")
}
