//! The log of one agent on disk: bounded, rotated once, never in the way of the agent.

use super::beneath;
use crate::guest::LOG_DIR;
use crate::guest::log::{ROTATE_AT, paths};
use rustix::fs::{AtFlags, Mode, OFlags};
use std::fs::File;
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
    let Ok(directory) = beneath::directory(Path::new(LOG_DIR)) else {
        return;
    };
    for path in paths(key) {
        let name = path.file_name().unwrap_or_default();
        // There may be none.
        let _none = rustix::fs::unlinkat(&directory, name, AtFlags::empty());
    }
}

/// The last lines of a log, as text.
pub fn last_lines(key: &str, count: usize) -> String {
    let [_, path] = paths(key);
    let text = beneath::read(&path, ROTATE_AT * 2).unwrap_or_default();
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
            self.file = rename(&self.path, &older)
                .and_then(|()| open(&self.path))
                .ok();
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    let directory = beneath::directory(Path::new(LOG_DIR))?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::APPEND;
    // Not through a link, and not into a FIFO, that an image has there.
    let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let name = path.file_name().unwrap_or_default();
    let file = rustix::fs::openat(directory, name, flags, Mode::from_raw_mode(0o644))?;
    let file = File::from(file);
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::other("what stands there is no file"))
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let directory = beneath::directory(Path::new(LOG_DIR))?;
    let name = |path: &Path| path.file_name().unwrap_or_default().to_os_string();
    Ok(rustix::fs::renameat(
        &directory,
        name(from),
        &directory,
        name(to),
    )?)
}
