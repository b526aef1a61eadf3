//! The directories that sandboxes share with us for the sockets of their guests, one each. Made
//! before a container under a name that was never used, found again through its mounts, and gone
//! with it. Root inside can write there: what it leaves is in nobody's way, and is said where it
//! cannot be removed.

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

/// Removes a directory with all that is in it; no link is followed. `false` when something stays:
/// what belongs to root only root can remove.
pub fn forget(directory: &Path) -> bool {
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
