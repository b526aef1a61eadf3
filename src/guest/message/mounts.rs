//! What a sandbox mounts, as its guest sees it before anything else runs: the proof that the engine
//! mounted what `dp` meant.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Where it is, all links resolved. Empty where that cannot be said.
    #[serde(default)]
    pub path: String,
}

/// Directories that images have as links to others.
const ALIASES: [(&str, &str); 19] = [
    ("/bin", "/usr/bin"),
    ("/home", "/var/home"),
    ("/lib", "/usr/lib"),
    ("/lib32", "/usr/lib32"),
    ("/lib64", "/usr/lib"),
    ("/lib64", "/usr/lib64"),
    ("/libx32", "/usr/libx32"),
    ("/media", "/run/media"),
    ("/mnt", "/var/mnt"),
    ("/opt", "/var/opt"),
    ("/root", "/var/roothome"),
    ("/sbin", "/usr/bin"),
    ("/sbin", "/usr/sbin"),
    ("/srv", "/var/srv"),
    ("/usr/lib64", "/usr/lib"),
    ("/usr/sbin", "/usr/bin"),
    ("/usr/tmp", "/var/tmp"),
    ("/var/lock", "/run/lock"),
    ("/var/run", "/run"),
];

impl MountSeen {
    /// No link but one that images have led the engine to another place than `target`. An agent makes
    /// links as well: a mount that follows them may cover what a program of the person's reads.
    #[must_use]
    pub fn is_at(&self, target: &str) -> bool {
        let (target, path) = (plain(target), Path::new(&self.path));
        let is_alias = |(link, leads_to): (&str, &str)| {
            let rest = target.strip_prefix(link).ok();
            rest.is_some_and(|rest| plain(&format!("{leads_to}/{}", rest.display())) == path)
        };
        target == path || ALIASES.into_iter().any(is_alias)
    }
}

/// The path without what means nothing in it, such as `/./` and a `/` at its end.
fn plain(path: &str) -> PathBuf {
    Path::new(path).components().collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_is_where_it_was_asked_for_or_where_the_links_of_images_lead() {
        let table = [
            ("/data/x", "/data/x", true),
            ("//data/./x/", "/data/x", true),
            ("/var/run/docker.sock", "/run/docker.sock", true),
            ("/bin/tool", "/usr/bin/tool", true),
            ("/bin", "/usr/bin", true),
            ("/home/agent/.claude", "/var/home/agent/.claude", true),
            ("/data/x", "/workspace/x", false),
            ("/data/x", "/.dp/bin", false),
            ("/data/x", "/", false),
            ("/data/x", "", false),
            ("/data/x", "/data/x (deleted)", false),
            ("/bin/tool", "/usr/bin/other", false),
            ("/binary", "/usr/binary", false),
        ];
        for (target, path, expected) in table {
            let seen = MountSeen {
                device: 0,
                inode: 0,
                mount: 0,
                is_root: None,
                path: path.into(),
            };
            assert_eq!(seen.is_at(target), expected, "{target} {path}");
        }
    }
}
