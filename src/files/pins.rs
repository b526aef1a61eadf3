//! The paths of one command, each resolved once: what is approved is what is used.

use super::pinned::Pinned;
use super::walk::{Walked, walk};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What every path led to when it was first asked for; clones share it. A path that led nowhere
/// then leads nowhere later.
#[derive(Debug, Clone, Default)]
pub struct Pins(Arc<Mutex<BTreeMap<PathBuf, Result<Pinned, Failed>>>>);

/// An error that can be given more than once.
#[derive(Debug, Clone, Copy)]
struct Failed {
    code: Option<i32>,
    kind: io::ErrorKind,
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self {
            code: error.raw_os_error(),
            kind: error.kind(),
        }
    }
}

impl From<Failed> for io::Error {
    fn from(failed: Failed) -> Self {
        match failed.code {
            Some(code) => Self::from_raw_os_error(code),
            None => failed.kind.into(),
        }
    }
}

impl Pins {
    /// What `path` leads to, links followed; the same answer each time.
    ///
    /// # Errors
    /// The system's, the same each time.
    pub fn resolve(&self, path: &Path) -> io::Result<Pinned> {
        let path = std::path::absolute(path)?;
        self.once(path, Pinned::resolve)
    }

    /// What an absolute `path` leads to, and the way there.
    ///
    /// # Errors
    /// The system's; `ELOOP` where the path led elsewhere when it was first asked for.
    pub fn walk(&self, path: &Path) -> io::Result<Walked> {
        let (walked, end) = match walk(path) {
            Ok(walked) => (Some(walked.clone()), Ok(walked.end)),
            Err(error) => (None, Err(error)),
        };
        let known = self.once(path.to_path_buf(), |_| end)?;
        let is_same = |walked: &Walked| walked.end == known;
        walked.filter(is_same).ok_or_else(|| Errno::LOOP.into())
    }

    /// What is at an absolute path that holds no links; the same answer each time.
    ///
    /// # Errors
    /// The system's; `ELOOP` where a component is a link by now.
    pub fn at(&self, path: &Path) -> io::Result<Pinned> {
        self.once(path.to_path_buf(), Pinned::at)
    }

    /// The path that `path` leads to; itself where it leads nowhere.
    #[must_use]
    pub fn real(&self, path: &Path) -> PathBuf {
        let found = self.resolve(path);
        found.map_or_else(|_| path.to_path_buf(), |pinned| pinned.path().to_path_buf())
    }

    /// `path` leads to a directory; the same answer each time.
    #[must_use]
    pub fn is_directory(&self, path: &Path) -> bool {
        self.resolve(path).is_ok_and(|found| found.is_directory())
    }

    fn once(
        &self,
        path: PathBuf,
        open: impl FnOnce(&Path) -> io::Result<Pinned>,
    ) -> io::Result<Pinned> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&path) {
            return Ok(known.clone()?);
        }
        let found = open(&path).map_err(Failed::from);
        if let Ok(pinned) = &found {
            // Whoever asks for the place itself means the same.
            { known.entry(pinned.path().to_path_buf()) }.or_insert_with(|| Ok(pinned.clone()));
        }
        // The first to be there under this path stays, also where it is its own place.
        Ok(known.entry(path).or_insert(found).clone()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn the_first_look_counts() {
        let root = tempfile::tempdir().expect("a directory");
        let root = fs::canonicalize(root.path()).expect("a path");
        fs::create_dir(root.join("data")).expect("a directory");
        symlink("data", root.join("link")).expect("a link");
        let pins = Pins::default();
        let first = pins.resolve(&root.join("link")).expect("there");
        assert!(pins.resolve(&root.join("late")).is_err());
        fs::rename(root.join("data"), root.join("away")).expect("renamed");
        fs::remove_file(root.join("link")).expect("removed");
        for path in ["data", "link", "late"] {
            symlink("/etc", root.join(path)).expect("a link");
        }
        assert_eq!(pins.resolve(&root.join("link")).expect("kept"), first);
        assert_eq!(pins.resolve(&root.join("data")).expect("kept"), first);
        assert_eq!(pins.at(&root.join("data")).expect("kept"), first);
        assert_eq!(pins.real(&root.join("late")), root.join("late"));
        assert!(
            pins.resolve(&root.join("late")).is_err(),
            "it was not there"
        );
    }
}
