//! The directories that sandboxes share with us for the sockets of their guests, one each. Made
//! before a container, gone with it, and made again by whoever starts one that lacks it.

use super::existing::Existing;
use super::name::SandboxName;
use crate::config::Paths;
use crate::digest::sha256;
use crate::engine::Endpoint;
use crate::engine::endpoint::Address;
use crate::files::private_directory;
use crate::guest::SOCKET_NAME;
use std::io;
use std::path::{Path, PathBuf};

/// Digits that stand for the engine, and as many for the sandbox.
const DIGITS: usize = 8;

/// The directory of a sandbox; `None` where the engine does not share our files. Two engines may
/// hold sandboxes of one name.
#[must_use]
pub fn directory(paths: &Paths, endpoint: &Endpoint, name: &SandboxName) -> Option<PathBuf> {
    Some(paths.socket_directory(&entry(&prefix(endpoint)?, name)))
}

/// The directory that a sandbox of another name has on the same engine as the one of `directory`.
pub(super) fn beside(directory: &Path, name: &SandboxName) -> PathBuf {
    let own = directory.file_name().unwrap_or_default().to_string_lossy();
    let prefix: String = own.chars().take(DIGITS).collect();
    directory.with_file_name(entry(&prefix, name))
}

fn entry(prefix: &str, name: &SandboxName) -> String {
    format!("{prefix}{}", &sha256(name.to_string())[..DIGITS])
}

/// What the names of all directories of an engine begin with.
fn prefix(endpoint: &Endpoint) -> Option<String> {
    let Address::Unix(_) = endpoint.address else {
        return None;
    };
    Some(sha256(endpoint.to_string())[..DIGITS].to_string())
}

/// Makes a directory, where there is to be one, and answers it when it was not there before.
pub(super) fn make(directory: Option<&Path>) -> io::Result<Option<&Path>> {
    let fresh = directory.filter(|directory| !directory.exists());
    directory.map_or(Ok(()), private_directory)?;
    Ok(fresh)
}

/// Removes a directory with what we put there: one that is not empty then stays.
pub fn forget(directory: &Path) {
    let _gone = std::fs::remove_file(directory.join(SOCKET_NAME));
    let _kept = std::fs::remove_dir(directory);
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
