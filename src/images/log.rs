//! The whole output of a build, kept in a file when the build fails.
//!
//! A log is a help, never a condition: a directory that cannot be written fails no build.

use crate::files::private_directory;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use tempfile::NamedTempFile;

/// How many logs are kept.
const KEPT: usize = 10;
/// How logs are called, those that are being written too.
const EXTENSION: &str = "log";

/// A log that is being written; dropped, it is gone.
pub(super) struct Log {
    directory: PathBuf,
    file: Option<NamedTempFile>,
}

impl Log {
    /// A new one in `directory`, that only its owner may read.
    pub(super) fn begin(directory: &Path) -> Self {
        let begun = private_directory(directory).and_then(|()| {
            tempfile::Builder::new()
                .suffix(&format!(".{EXTENSION}"))
                .tempfile_in(directory)
        });
        Self {
            directory: directory.to_path_buf(),
            file: begun.ok(),
        }
    }

    /// Adds text as it is.
    pub(super) fn add(&mut self, text: &str) {
        if let Some(file) = &mut self.file
            && file.write_all(text.as_bytes()).is_err()
        {
            // A log with a hole would mislead.
            self.file = None;
        }
    }

    /// Keeps it under the image's name, in place of the one of an earlier failure, and answers
    /// where; only the newest are kept.
    pub(super) fn keep(self, tag: &str) -> Option<PathBuf> {
        let name = format!("{}.{EXTENSION}", tag.replace(['/', ':'], "-"));
        let path = self.directory.join(name);
        self.file?.persist(&path).ok()?;
        remove_old(&self.directory);
        Some(path)
    }
}

/// Also what a killed `dp` left half written.
fn remove_old(directory: &Path) {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut logs: Vec<(SystemTime, PathBuf)> = entries
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .filter(|(_, path)| path.extension().is_some_and(|found| found == EXTENSION))
        .collect();
    logs.sort();
    let old = logs.len().saturating_sub(KEPT);
    for (_, path) in &logs[..old] {
        // Somebody else may have removed it.
        let _gone = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).expect("a directory").flatten();
        let mut names: Vec<String> = entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_log_is_kept_when_it_is_wanted_and_only_its_owner_may_read_it() {
        let root = tempfile::tempdir().expect("a directory");
        let directory = root.path().join("state/builds");
        let mut log = Log::begin(&directory);
        log.add("one\n");
        drop(log);
        assert_eq!(names(&directory), [""; 0], "the build went well");
        for text in ["first", "second"] {
            let mut log = Log::begin(&directory);
            log.add(text);
            log.add("\n");
            let path = log.keep("dp-base:abc").expect("kept");
            assert_eq!(path, directory.join("dp-base-abc.log"));
            assert_eq!(
                fs::read_to_string(&path).expect("a log"),
                format!("{text}\n")
            );
            let mode = fs::metadata(&path).expect("a log").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(names(&directory), ["dp-base-abc.log"]);
    }

    #[test]
    fn the_newest_are_kept_and_nothing_else_is_removed() {
        let root = tempfile::tempdir().expect("a directory");
        fs::write(root.path().join("note.txt"), "mine").expect("a file");
        for number in 0..KEPT + 3 {
            let path = Log::begin(root.path()).keep(&format!("i:{number:02}"));
            let file = fs::File::open(path.expect("kept")).expect("a log");
            let age = std::time::Duration::from_secs(100 - number as u64);
            file.set_modified(SystemTime::now() - age).expect("dated");
        }
        let names = names(root.path());
        assert_eq!(names.len(), KEPT + 1, "{names:?}");
        assert_eq!((&*names[0], &*names[KEPT]), ("i-03.log", "note.txt"));
    }

    #[test]
    fn no_directory_is_no_log() {
        let root = tempfile::tempdir().expect("a directory");
        let file = root.path().join("file");
        fs::write(&file, "").expect("a file");
        let mut log = Log::begin(&file);
        log.add("x");
        assert_eq!(log.keep("i:1"), None);
    }
}
