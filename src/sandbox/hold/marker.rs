//! Containers that a `dp` has paused for a moment: a file for each, locked as long as that `dp` lives.
//! A file that nobody has locked says that a `dp` was killed: the next one lets the container go on.

use crate::config::Paths;
use crate::files::private_directory;
use rustix::fs::{FlockOperation, flock};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;

/// An engine's address is shorter.
const LONGEST: u64 = 8192;
/// How long another `dp` may have the file.
const PATIENCE: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(2);

/// The file, locked.
pub(super) struct Marker {
    path: PathBuf,
    file: File,
    /// The container.
    pub(super) id: String,
}

impl Marker {
    /// Makes the file of a container of the engine at `endpoint`; `None` when another `dp` has it.
    pub(super) async fn make(id: &str, endpoint: &str) -> Option<Self> {
        let path = path(id)?;
        private_directory(path.parent()?).ok()?;
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let mut options = OpenOptions::new();
            let file = { options.append(true).create(true).mode(0o600) }.open(&path);
            // Whoever looked at the file, or removed it, is done in a moment.
            let locked = Self::lock(path.clone(), file.ok()?, id);
            if let Some(mut marker) = locked.filter(Self::is_there) {
                marker.file.set_len(0).ok()?;
                marker.file.write_all(endpoint.as_bytes()).ok()?;
                return Some(marker);
            }
            tokio::time::sleep(POLL).await;
        }
        None
    }

    /// Takes over the file of a container that nobody holds any more.
    pub(super) fn take_over(id: &str) -> Option<Self> {
        let path = path(id)?;
        let file = OpenOptions::new().append(true).open(&path).ok()?;
        Self::lock(path, file, id).filter(Self::is_there)
    }

    fn lock(path: PathBuf, file: File, id: &str) -> Option<Self> {
        flock(&file, FlockOperation::NonBlockingLockExclusive).ok()?;
        let id = id.to_string();
        Some(Self { path, file, id })
    }

    fn is_there(&self) -> bool {
        let identity = |found: io::Result<std::fs::Metadata>| {
            found.ok().map(|found| (found.dev(), found.ino()))
        };
        identity(self.file.metadata()) == identity(std::fs::metadata(&self.path))
    }

    /// The container is one of the engine at `endpoint`, as whoever made the file called it.
    pub(super) fn is_of(&self, endpoint: &str) -> bool {
        let found = crate::files::read_text(&self.path, LONGEST);
        found.is_ok_and(|found| found == endpoint)
    }

    /// The container goes on.
    pub(super) fn remove(self) {
        // While it is locked, so that it is nobody else's.
        let _gone = std::fs::remove_file(&self.path);
    }
}

/// A `dp` that lives holds this container.
pub(super) fn is_locked(id: &str) -> bool {
    let file = path(id).and_then(|path| File::open(path).ok());
    file.is_some_and(|file| flock(&file, FlockOperation::NonBlockingLockShared).is_err())
}

/// The containers that have a file.
pub(super) fn all() -> Vec<String> {
    let listed = Paths::of_user().map(|paths| std::fs::read_dir(paths.held()));
    let entries = listed.into_iter().flatten().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|id| is_id(id))
        .collect()
}

fn path(id: &str) -> Option<PathBuf> {
    is_id(id).then(|| Some(Paths::of_user()?.held().join(id)))?
}

/// What an engine says becomes the name of a file.
fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::is_id;

    #[test]
    fn only_an_id_becomes_the_name_of_a_file() {
        assert!(is_id(&"0123456789abcdef".repeat(4)));
        for text in ["", "0123", &"../".repeat(22)[..64], &"g".repeat(64)] {
            assert!(!is_id(text), "{text}");
        }
    }
}
