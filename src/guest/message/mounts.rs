//! What a sandbox mounts, as its guest sees it before anything else runs: the proof that the engine
//! mounted what `dp` meant.

use serde::{Deserialize, Serialize};

/// The answer to [`Request::Mounts`](super::Request::Mounts).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MountsSeen {
    /// `boot_id` of the kernel that the guest runs on: numbers of devices and inodes mean the same
    /// to everybody on one kernel.
    #[serde(default)]
    pub kernel: String,
    /// [`Request::Confirm`](super::Request::Confirm) was received since the start.
    #[serde(default)]
    pub is_confirmed: bool,
    /// In the order of the targets; `None` for one that is not there.
    #[serde(default)]
    pub seen: Vec<Option<MountSeen>>,
}

/// What is mounted at a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MountSeen {
    /// The device's number.
    pub device: u64,
    /// The inode's number on it.
    pub inode: u64,
    /// The number of the mount: what lies in another mount has that mount's number.
    pub mount: u64,
    /// It is the root of a mount. Kernels before 5.8 do not say.
    #[serde(default)]
    pub is_root: Option<bool>,
}

/// What must be mounted at a target of the engine's container, which starts while an agent may run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Where it is inside.
    pub target: String,
    /// Device and inode of the source; `None` for one that is not on the host.
    pub identity: Option<(u64, u64)>,
    /// An agent of the sandbox could put something else in the place of the source.
    pub is_exposed: bool,
}
