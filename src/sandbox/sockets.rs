//! The directories that sandboxes share with us for the sockets of their guests, one each. Made
//! before a container under a name that was never used, found again through its mounts, and gone
//! with it. Root inside can write there: what it leaves is in nobody's way, is removed whenever `dp`
//! comes by, and is said.

use super::existing::Existing;
use crate::config::Paths;
use crate::digest::sha256;
use crate::engine::Endpoint;
use crate::engine::endpoint::Address;
use crate::files::{Directory, Pinned, private_directory};
use crate::guest::SOCKET_NAME;
use rustix::fs::FileType;
use std::ffi::OsString;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::ops::ControlFlow;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Digits that stand for the engine.
const DIGITS: usize = 8;
/// How many entries are removed at a time: there may be any number.
const MOST: usize = 1000;

/// A directory for a new sandbox; `None` where the engine does not share our files.
#[must_use]
pub fn directory(paths: &Paths, endpoint: &Endpoint) -> Option<PathBuf> {
    let prefix = prefix(endpoint)?;
    Some(paths.socket_directory(&format!("{prefix}{}", random())))
}

/// Another directory for a new sandbox of the same engine.
pub(super) fn another(directory: &Path) -> PathBuf {
    let own = directory.file_name().unwrap_or_default().to_string_lossy();
    let prefix: String = own.chars().take(DIGITS).collect();
    directory.with_file_name(format!("{prefix}{}", random()))
}

/// Sixteen digits; the keys of the hash are the system's random bytes.
pub(super) fn random() -> String {
    format!("{:016x}", RandomState::new().hash_one(std::process::id()))
}

/// What the names of all directories of an engine begin with.
fn prefix(endpoint: &Endpoint) -> Option<String> {
    let Address::Unix(_) = endpoint.address else {
        return None;
    };
    Some(sha256(endpoint.to_string())[..DIGITS].to_string())
}

/// Makes a directory that was not there before.
///
/// # Errors
/// The system's, also when something is there.
pub(super) fn make(directory: &Path) -> io::Result<()> {
    private_directory(directory.parent().unwrap_or(Path::new("/")))?;
    std::fs::DirBuilder::new().mode(0o700).create(directory)
}

/// It lies where we make such directories: an engine says what a container mounts, and may say
/// anything.
#[must_use]
pub fn is_own(directory: &Path) -> bool {
    let place = Paths::of_user().map(|paths| paths.socket_directory(""));
    is_in(directory, place.as_deref())
}

fn is_in(directory: &Path, place: Option<&Path>) -> bool {
    directory.file_name().is_some() && place.is_some() && directory.parent() == place
}

/// Removes a directory of ours with all that is in it; no link is followed. `false` when something
/// stays: what belongs to root only root can remove.
pub fn forget(directory: &Path) -> bool {
    if !is_own(directory) {
        return true;
    }
    match std::fs::remove_dir_all(directory) {
        Err(error) => error.kind() == io::ErrorKind::NotFound,
        Ok(()) => true,
    }
}

/// What was in a directory beside the guest's socket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Strays {
    /// Entries that were removed.
    pub removed: usize,
    /// There is something that could not be removed, or more than is removed at a time.
    pub is_left: bool,
}

/// Removes what root inside left in a directory of ours beside the guest's socket. A directory that
/// is not empty stays, and so does everything where root inside took the directory over.
#[must_use]
pub fn clear(directory: &Path) -> Strays {
    if is_own(directory) {
        sweep(directory)
    } else {
        Strays::default()
    }
}

fn sweep(directory: &Path) -> Strays {
    let (place, name) = (directory.parent(), directory.file_name());
    let place = place.unwrap_or(Path::new("/"));
    // Above it may be links of the person's; it is none itself.
    let found = Pinned::resolve(place).and_then(|place| {
        let directory = Directory::below(&place, Path::new(name.unwrap_or_default()))?;
        let (names, is_left) = strays(&directory)?;
        Ok((directory, names, is_left))
    });
    let (directory, names, is_left) = match found {
        Ok(found) => found,
        Err(error) => {
            return Strays {
                is_left: error.kind() != io::ErrorKind::NotFound,
                ..Strays::default()
            };
        }
    };
    let mut strays = Strays {
        removed: 0,
        is_left,
    };
    for name in names {
        match directory.remove(&name) {
            Ok(()) => strays.removed += 1,
            Err(error) => strays.is_left |= error.kind() != io::ErrorKind::NotFound,
        }
    }
    strays
}

/// The names of everything that is not the guest's socket, and whether there are more.
fn strays(directory: &Directory) -> io::Result<(Vec<OsString>, bool)> {
    let mut names = Vec::new();
    let ended = directory.each(|name| {
        let is_socket = || {
            let look = directory.look(name);
            look.is_ok_and(|look| look.kind() == FileType::Socket)
        };
        if name == SOCKET_NAME && is_socket() {
            return ControlFlow::Continue(());
        }
        if names.len() == MOST {
            return ControlFlow::Break(());
        }
        names.push(name.to_os_string());
        ControlFlow::Continue(())
    })?;
    Ok((names, ended.is_break()))
}

/// All directories for sandboxes of this engine.
#[must_use]
pub fn all(paths: &Paths, endpoint: &Endpoint) -> Vec<PathBuf> {
    let Some(prefix) = prefix(endpoint) else {
        return Vec::new();
    };
    let is_of_engine = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(&prefix))
    };
    let listed = std::fs::read_dir(paths.socket_directory(""));
    let entries = listed.into_iter().flatten();
    let mut all: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(is_of_engine)
        .collect();
    all.sort();
    all
}

/// Keeps those that none of `sandboxes` has.
pub fn retain_unused(directories: &mut Vec<PathBuf>, sandboxes: &[Existing]) {
    directories.retain(|directory| {
        let mut used = sandboxes.iter().filter_map(Existing::socket_directory);
        !used.any(|used| used == directory)
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    #[test]
    fn only_directories_in_our_place_are_ours() {
        let place = Path::new("/home/ann/.local/state/dp/s/");
        let table = [
            ("/home/ann/.local/state/dp/s/0123", true),
            ("/home/ann/.local/state/dp/s", false),
            ("/home/ann/.local/state/dp/s/..", false),
            ("/home/ann/.local/state/dp/s/0123/..", false),
            ("/home/ann/.local/state/dp/s/../s/0123", false),
            ("/home/ann", false),
            ("/", false),
            ("", false),
        ];
        for (directory, expected) in table {
            let directory = Path::new(directory);
            assert_eq!(is_in(directory, Some(place)), expected, "{directory:?}");
            assert!(!is_in(directory, None));
        }
    }

    #[test]
    fn everything_but_the_guests_socket_is_removed() {
        let root = tempfile::tempdir().expect("a directory");
        let root = std::fs::canonicalize(root.path()).expect("a path");
        let shared = root.join("s");
        std::fs::create_dir(&shared).expect("a directory");
        assert_eq!(sweep(&root.join("none")), Strays::default());
        let own = UnixListener::bind(shared.join(SOCKET_NAME)).expect("a socket");
        assert_eq!(sweep(&shared), Strays::default());
        let other = UnixListener::bind(shared.join("other.sock")).expect("a socket");
        std::fs::write(root.join("kept"), "").expect("a file");
        symlink(root.join("kept"), shared.join("link")).expect("a link");
        std::fs::write(shared.join("file"), "").expect("a file");
        std::fs::create_dir(shared.join("empty")).expect("a directory");
        let removed = |removed, is_left| Strays { removed, is_left };
        assert_eq!(sweep(&shared), removed(4, false));
        assert!(root.join("kept").exists() && shared.join(SOCKET_NAME).exists());
        std::fs::create_dir_all(shared.join("full/er")).expect("a directory");
        assert_eq!(sweep(&shared), removed(0, true));
        std::fs::remove_dir_all(shared.join("full")).expect("removed");
        std::fs::remove_file(shared.join(SOCKET_NAME)).expect("removed");
        std::fs::write(shared.join(SOCKET_NAME), "no socket").expect("a file");
        assert_eq!(sweep(&shared), removed(1, false));
        for number in 0..=MOST {
            std::fs::write(shared.join(format!("{number}")), "").expect("a file");
        }
        assert_eq!(sweep(&shared), removed(MOST, true));
        assert_eq!(sweep(&shared), removed(1, false));
        symlink(&root, root.join("to")).expect("a link");
        assert!(sweep(&root.join("to")).is_left, "a link is not followed");
        assert!(root.join("kept").exists());
        drop((own, other));
    }
}
