//! What no mount may hold: an engine's socket by whatever name, since whoever has it has the machine,
//! and the directories in which `dp` keeps approvals, secrets, sockets and its configuration.
//!
//! Places are compared by what they are, device and inode, and by where they lie on their file system:
//! a link, another mount, or the directory above makes no difference. A hard link to a socket is looked
//! for where the socket has more than one name.

use super::spec::Spec;
use crate::config::Paths;
use crate::engine::Endpoint;
use crate::engine::endpoint::{Address, Surroundings};
use crate::files::{Bounds, Identity, Location, MountTable, Names, Pinned, Pins, names_below};
use crate::git::Repository;
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
    /// It may hold another name of the socket of an engine.
    #[error("{what} may hold another name of the engine's socket `{}`, and is too large to be searched", socket.display())]
    Unsearched {
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
/// gives agents more than what is guarded here. A source is what it was when a person agreed to it.
///
/// # Errors
/// [`Guarded`], the first one.
pub fn check(
    spec: &Spec,
    paths: &Paths,
    endpoint: &Endpoint,
    pins: &Pins,
    is_forced: bool,
) -> Result<(), Guarded> {
    let table = MountTable::read();
    let sockets = if spec.engine_socket.is_some() {
        Vec::new()
    } else {
        sockets(endpoint, &table)
    };
    let config = paths.config.parent().unwrap_or(Path::new("/"));
    let own = [paths.state.as_path(), config].map(|path| Kept::of(path, &table));
    for (source, what) in sources(spec).into_iter().skip(usize::from(is_forced)) {
        let Ok(source) = pins.at(&source) else {
            continue;
        };
        let source = Source::of(&source, &table);
        for socket in &sockets {
            source.check_socket(socket, &what)?;
        }
        let is_own = |own: &&Kept| source.is_or_holds(own) || source.is_within(own);
        if let Some(own) = own.iter().find(is_own) {
            return Err(Guarded::Own {
                what,
                directory: own.path.clone(),
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
fn sockets(endpoint: &Endpoint, table: &MountTable) -> Vec<Kept> {
    let mut known = Surroundings::of_process(None).known_sockets();
    known.extend(["/run/docker.sock", "/run/containerd/containerd.sock"].map(PathBuf::from));
    if let Address::Unix(path) = &endpoint.address {
        known.insert(0, path.clone());
    }
    let kept = known.iter().map(|path| Kept::of(path, table));
    let is_socket = |kept: &Kept| kept.pinned.as_ref().is_some_and(Pinned::is_socket);
    kept.filter(is_socket).collect()
}

/// What nobody may mount.
struct Kept {
    /// As it is known.
    path: PathBuf,
    /// What it is, where it is there.
    pinned: Option<Pinned>,
    location: Option<Location>,
    /// What it is, and every directory above it, as far as they are there.
    above: Vec<Identity>,
}

impl Kept {
    fn of(path: &Path, table: &MountTable) -> Self {
        let mut all = path.ancestors().map(Pinned::resolve);
        let pinned = all.next().and_then(Result::ok);
        // What is not there yet would be made in the first directory that is.
        let nearest = pinned.clone().or_else(|| all.find_map(Result::ok));
        let above = nearest
            .iter()
            .flat_map(|nearest| nearest.path().ancestors());
        let above = above.filter_map(|path| Pinned::at(path).ok());
        Self {
            path: path.to_path_buf(),
            location: nearest.as_ref().and_then(|found| table.location(found)),
            above: above.map(|found| found.identity()).collect(),
            pinned,
        }
    }
}

/// What is to be mounted.
struct Source<'a> {
    pinned: &'a Pinned,
    location: Option<Location>,
    /// What is mounted below it.
    below: Vec<Location>,
}

impl<'a> Source<'a> {
    fn of(pinned: &'a Pinned, table: &MountTable) -> Self {
        Self {
            pinned,
            location: table.location(pinned),
            below: table.below(pinned.path()).collect(),
        }
    }

    /// Everything that a mount of it brings in.
    fn locations(&self) -> impl Iterator<Item = &Location> {
        self.location.iter().chain(&self.below)
    }

    /// It is `kept` or a directory above it, under whatever name.
    fn is_or_holds(&self, kept: &Kept) -> bool {
        let holds = |location: &Location| self.locations().any(|own| own.is_or_holds(location));
        kept.above.contains(&self.pinned.identity()) || kept.location.as_ref().is_some_and(holds)
    }

    /// It lies in the directory `kept`, or something in it does.
    fn is_within(&self, kept: &Kept) -> bool {
        let Some(directory) = &kept.pinned else {
            return false;
        };
        let lies_in = |location: &Location| self.locations().any(|own| location.is_or_holds(own));
        self.pinned.path().starts_with(directory.path())
            || kept.location.as_ref().is_some_and(lies_in)
    }

    fn check_socket(&self, kept: &Kept, what: &str) -> Result<(), Guarded> {
        let socket = || kept.path.clone();
        let what = || what.to_string();
        let holds = Err(Guarded::Socket {
            what: what(),
            socket: socket(),
        });
        if self.is_or_holds(kept) {
            return holds;
        }
        let Some(pinned) = kept.pinned.as_ref().filter(|it| it.has_other_names()) else {
            return Ok(());
        };
        if self.pinned.identity() == pinned.identity() {
            return holds;
        }
        if !self.pinned.is_directory() {
            return Ok(());
        }
        match names_below(self.pinned, &[pinned.identity()], Bounds::default()) {
            Names::Nowhere => Ok(()),
            Names::At(_) => holds,
            Names::Unknown => Err(Guarded::Unsearched {
                what: what(),
                socket: socket(),
            }),
        }
    }
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
        let table = MountTable::read();
        let kept = |name: &str| Kept::of(&at(name), &table);
        let pinned = |name: &str| Pinned::resolve(&at(name)).expect("there");
        let holds = |name: &str, other: &str| {
            let pinned = pinned(name);
            let source = Source::of(&pinned, &table);
            source.is_or_holds(&kept(other)) || source.check_socket(&kept(other), "").is_err()
        };
        for name in ["run", "link", "run/user", "link/user/socket", "other", ""] {
            assert!(holds(name, "run/user/socket"), "{name}");
            assert!(holds(name, "link/user/socket"), "{name}");
        }
        std::fs::create_dir(at("beside")).expect("a directory");
        assert!(!holds("beside", "run/user/socket"));
        // What is not there yet counts as well.
        assert!(holds("link", "run/state/dp"));
        let within = pinned("link/user/socket");
        let within = Source::of(&within, &table);
        assert!(within.is_within(&kept("run")) && !within.is_within(&kept("beside")));
        // A name of it deeper in a directory of somebody else.
        std::fs::create_dir_all(at("beside/a/b")).expect("a directory");
        std::fs::hard_link(at("run/user/socket"), at("beside/a/b/x")).expect("a name");
        assert!(holds("beside", "run/user/socket"));
        assert!(!holds("beside", "run/user"));
    }
}
