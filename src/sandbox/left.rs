//! Where sandboxes may have left something on this machine: the paths of it that they could write.

use super::Existing;
use crate::engine::endpoint::Address;
use crate::engine::{Endpoint, containers::MountRow};
use crate::guest::SOCKET_DIR;
use std::path::PathBuf;

/// Files and directories of this machine that one of `sandboxes` could write, the outer ones first;
/// none where the engine's paths are another machine's.
#[must_use]
pub fn writable(endpoint: &Endpoint, sandboxes: &[Existing]) -> Vec<PathBuf> {
    let Address::Unix(_) = endpoint.address else {
        return Vec::new();
    };
    let mounts = sandboxes.iter().flat_map(|sandbox| &sandbox.mounts);
    let is_left =
        |mount: &&MountRow| mount.kind == "bind" && !mount.read_only && mount.target != SOCKET_DIR;
    let mut paths: Vec<PathBuf> = mounts
        .filter(is_left)
        .map(|mount| (&mount.source).into())
        .collect();
    paths.sort();
    paths.dedup();
    paths
}
