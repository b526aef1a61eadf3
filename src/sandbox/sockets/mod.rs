//! The directories that sandboxes share with us for the sockets of their guests, one each. Made
//! before a container under a name that was never used, found again through its mounts, and gone
//! with it. Nobody inside can write there: the guest is given its socket ([`Offer`]).

mod offer;

pub(super) use offer::Offer;

use super::existing::Existing;
use crate::config::Paths;
use crate::digest::sha256;
use crate::engine::Endpoint;
use crate::engine::endpoint::Address;
use crate::files::private_directory;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Digits that stand for the engine.
const DIGITS: usize = 8;

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
}
