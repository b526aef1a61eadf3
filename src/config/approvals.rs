//! What workspace files were allowed to ask for beyond their own directory: one file, written whole.

use super::private_directory;
use crate::files::read_small;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// More than anybody approves, in bytes.
const LIMIT: u64 = 16 * 1024 * 1024;

/// The approvals of one person.
#[derive(Debug)]
pub struct Approvals {
    path: PathBuf,
    given: Given,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Given {
    /// By the canonical path of the workspace file.
    #[serde(default)]
    files: BTreeMap<PathBuf, Approval>,
}

/// What one file may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The requests that were approved, in words.
    pub requests: BTreeSet<String>,
    /// When.
    pub at: jiff::Timestamp,
}

impl Approvals {
    /// Reads `approvals.json` of a state directory; none is none given.
    ///
    /// # Errors
    /// The system's, or that the file is not what we write.
    pub fn read(state: &Path) -> io::Result<Self> {
        let path = state.join("approvals.json");
        let given = match read_small(&path, LIMIT) {
            Ok(text) => serde_json::from_slice(&text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Given::default(),
            Err(error) => return Err(error),
        };
        Ok(Self { path, given })
    }

    /// Every one of `requests` was approved for `file`.
    #[must_use]
    pub fn allows(&self, file: &Path, requests: &[String]) -> bool {
        let approval = self.given.files.get(file);
        requests
            .iter()
            .all(|request| approval.is_some_and(|given| given.requests.contains(request)))
    }

    /// Approves exactly `requests` for `file`.
    ///
    /// # Errors
    /// The system's; nothing is changed then.
    pub fn grant(&mut self, file: &Path, requests: &[String]) -> io::Result<()> {
        let approval = Approval {
            requests: requests.iter().cloned().collect(),
            at: jiff::Timestamp::now(),
        };
        self.given.files.insert(file.to_path_buf(), approval);
        self.write()
    }

    /// Takes an approval back; false when there was none.
    ///
    /// # Errors
    /// The system's; nothing is changed then.
    pub fn revoke(&mut self, file: &Path) -> io::Result<bool> {
        let had = self.given.files.remove(file).is_some();
        if had {
            self.write()?;
        }
        Ok(had)
    }

    /// All that was given, by file.
    pub fn all(&self) -> impl Iterator<Item = (&Path, &Approval)> {
        let files = self.given.files.iter();
        files.map(|(path, approval)| (path.as_path(), approval))
    }

    fn write(&self) -> io::Result<()> {
        let directory = self.path.parent().unwrap_or(Path::new("/"));
        private_directory(directory)?;
        // Readable by its owner alone from the start.
        let mut new = tempfile::NamedTempFile::new_in(directory)?;
        serde_json::to_writer_pretty(&mut new, &self.given)?;
        new.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_approved_is_allowed_and_nothing_else() {
        let state = tempfile::tempdir().expect("a directory");
        let file = Path::new("/team/dp.yml");
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        let read = || Approvals::read(state.path()).expect("readable");
        assert!(read().allows(file, &[]));
        assert!(!read().allows(file, &words(&["a"])));
        read().grant(file, &words(&["a", "b"])).expect("written");
        assert!(read().allows(file, &words(&["b"])));
        assert!(!read().allows(file, &words(&["b", "c"])));
        assert!(!read().allows(Path::new("/other/dp.yml"), &words(&["a"])));
        assert_eq!(read().all().count(), 1);
        assert!(read().revoke(file).expect("written"));
        assert!(!read().revoke(file).expect("nothing to do"));
        assert!(!read().allows(file, &words(&["a"])));
    }
}
