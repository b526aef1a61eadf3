//! What no mount may hold: an engine's socket by whatever name, since whoever has it has the machine,
//! and the directories in which `dp` keeps approvals, secrets, sockets and its configuration.
//!
//! Places are compared by what they are, device and inode, so that a link, another mount of the same
//! directory, or the directory above makes no difference.

use super::spec::Spec;
use crate::config::Paths;
use crate::engine::Endpoint;
use crate::engine::endpoint::{Address, Surroundings};
use crate::git::Repository;
use std::fs::Metadata;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// A mount that would give more than anybody asked for.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Guarded {
    /// It is, or holds, the socket of an engine.
    #[error("{what} would give agents the engine's socket `{}`, and with it this machine", socket.display())]
    Socket {
        /// The mount, in words.
        what: String,
        /// The socket.
        socket: PathBuf,
    },
    /// It is, holds, or is in a directory of `dp`'s own.
    #[error("{what} would give agents `{}`, where `dp` keeps what protects you from them", directory.display())]
    Own {
        /// The mount, in words.
        what: String,
        /// The directory.
        directory: PathBuf,
    },
}

/// Checks everything of this machine that `spec` mounts, but what `dp` itself adds. Whoever asks for
/// the engine's socket by its option has it anyway, and whoever forces a workspace as wide as a home
/// gives agents more than what is guarded here.
///
/// # Errors
/// [`Guarded`], the first one.
pub fn check(
    spec: &Spec,
    paths: &Paths,
    endpoint: &Endpoint,
    is_forced: bool,
) -> Result<(), Guarded> {
    let sockets = if spec.engine_socket.is_some() {
        Vec::new()
    } else {
        sockets(endpoint)
    };
    let config = paths.config.parent().unwrap_or(Path::new("/"));
    let own = [paths.state.as_path(), config];
    for (source, what) in sources(spec).into_iter().skip(usize::from(is_forced)) {
        let Ok(source) = Place::of(&source) else {
            continue;
        };
        if let Some(socket) = sockets.iter().find(|socket| source.is_or_holds(socket)) {
            return Err(Guarded::Socket {
                what,
                socket: socket.clone(),
            });
        }
        let is_own = |own: &&&Path| source.is_or_holds(own) || source.is_within(own);
        if let Some(directory) = own.iter().find(is_own) {
            return Err(Guarded::Own {
                what,
                directory: directory.to_path_buf(),
            });
        }
    }
    Ok(())
}

/// What is mounted, and what a person knows it as; the workspace first.
fn sources(spec: &Spec) -> Vec<(PathBuf, String)> {
    let workspace = spec.workspace.path();
    let mut sources = vec![(workspace.into(), format!("the workspace `{workspace}`"))];
    let repository = match &spec.repository {
        Repository::Linked(linked) => Some(&linked.common),
        Repository::Submodule(directory) => Some(directory),
        _ => None,
    };
    if let Some(path) = repository {
        sources.push((path.clone(), format!("the repository `{}`", path.display())));
    }
    let settings = spec.effective();
    for mount in settings.mounts.iter().flatten() {
        sources.push(((&mount.source).into(), format!("the mount `{mount}`")));
    }
    sources
}

/// The sockets of this machine's engines that are there.
fn sockets(endpoint: &Endpoint) -> Vec<PathBuf> {
    let mut known = Surroundings::of_process(None).known_sockets();
    known.extend(["/run/docker.sock", "/run/containerd/containerd.sock"].map(PathBuf::from));
    if let Address::Unix(path) = &endpoint.address {
        known.insert(0, path.clone());
    }
    let is_socket = |path: &PathBuf| {
        let found = std::fs::metadata(path);
        found.is_ok_and(|found| found.file_type().is_socket())
    };
    known.retain(is_socket);
    known
}

/// Something on this machine.
struct Place {
    path: PathBuf,
    identity: (u64, u64),
}

impl Place {
    fn of(path: &Path) -> std::io::Result<Self> {
        let path = std::fs::canonicalize(path)?;
        let identity = identity(&std::fs::metadata(&path)?);
        Ok(Self { path, identity })
    }

    /// It is `other` or a directory above it.
    fn is_or_holds(&self, other: &Path) -> bool {
        let other = real(other);
        let mut above = other.ancestors();
        above.any(|path| {
            let found = std::fs::metadata(path);
            found.is_ok_and(|found| identity(&found) == self.identity)
        })
    }

    /// It lies in the directory `other`.
    fn is_within(&self, other: &Path) -> bool {
        let Ok(other) = std::fs::metadata(other) else {
            return false;
        };
        let mut above = self.path.ancestors();
        above.any(|path| {
            let found = std::fs::metadata(path);
            found.is_ok_and(|found| identity(&found) == identity(&other))
        })
    }
}

/// Links resolved, as far as it is there.
fn real(path: &Path) -> PathBuf {
    let mut there = path.ancestors();
    let found = there.find_map(|above| Some((above, std::fs::canonicalize(above).ok()?)));
    match found {
        // Joined with nothing, the path of a file would end as one of a directory does.
        Some((above, real)) if above == path => real,
        Some((above, real)) => real.join(path.strip_prefix(above).unwrap_or(Path::new(""))),
        None => path.to_path_buf(),
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_compared_by_what_they_are() {
        let root = tempfile::tempdir().expect("a directory");
        let at = |name: &str| root.path().join(name);
        std::fs::create_dir_all(at("run/user")).expect("a directory");
        std::fs::write(at("run/user/socket"), "").expect("a file");
        std::os::unix::fs::symlink("run", at("link")).expect("a link");
        std::fs::hard_link(at("run/user/socket"), at("other")).expect("a name");
        let holds = |name: &str, other: &str| {
            let place = Place::of(&at(name)).expect("there");
            place.is_or_holds(&at(other))
        };
        for name in ["run", "link", "run/user", "link/user/socket", "other", ""] {
            assert!(holds(name, "run/user/socket"), "{name}");
            assert!(holds(name, "link/user/socket"), "{name}");
        }
        std::fs::create_dir(at("beside")).expect("a directory");
        assert!(!holds("beside", "run/user/socket"));
        // What is not there yet counts as well.
        assert!(holds("link", "run/state/dp"));
        let within = Place::of(&at("link/user/socket")).expect("there");
        assert!(within.is_within(&at("run")) && !within.is_within(&at("beside")));
    }
}
