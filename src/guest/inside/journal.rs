//! The log of one agent on disk: bounded, rotated once, never in the way of the agent.

use crate::guest::LOG_DIR;
use crate::guest::log::{ROTATE_AT, paths};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// An open log.
pub struct Journal {
    path: PathBuf,
    file: Option<File>,
    length: u64,
}

/// Removes the log of an earlier run.
pub fn forget(key: &str) {
    for path in paths(key) {
        // There may be none.
        let _none = std::fs::remove_file(path);
    }
}

/// The last lines of a log, as text.
pub fn last_lines(key: &str, count: usize) -> String {
    let [_, path] = paths(key);
    let text = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

impl Journal {
    /// Opens the log for more; without one (a full or read-only disk) the agent runs all the same.
    pub fn open(key: &str) -> Self {
        let [_, path] = paths(key);
        let file = open(&path).ok();
        let length = file
            .as_ref()
            .and_then(|file| file.metadata().ok())
            .map_or(0, |metadata| metadata.len());
        Self { path, file, length }
    }

    pub fn append(&mut self, bytes: &[u8]) {
        let Some(file) = &mut self.file else { return };
        if file.write_all(bytes).is_err() {
            self.file = None;
            return;
        }
        self.length += bytes.len() as u64;
        if self.length > ROTATE_AT {
            self.length = 0;
            let older = self.path.with_extension("log.1");
            self.file = std::fs::rename(&self.path, older)
                .and_then(|()| open(&self.path))
                .ok();
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    std::fs::create_dir_all(LOG_DIR)?;
    OpenOptions::new().create(true).append(true).open(path)
}
