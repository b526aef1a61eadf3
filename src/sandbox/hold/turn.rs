//! Whose turn it is to start a sandbox: one file of the person's, locked by every start. Starts that have
//! nothing to do with each other share the lock. A start that must hold other sandboxes has it alone, so
//! that no sandbox begins to run meanwhile.
//!
//! Each start adds a byte to the file. A listing of sandboxes from before tells everything of them as
//! long as no other start has added one.

use crate::config::Paths;
use crate::files::private_directory;
use rustix::fs::{FlockOperation, SeekFrom, flock};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::time::Duration;
use tokio::time::Instant;

/// How long a start waits for the starts of other `dp`, which take as long when they fail.
const PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(3);

/// The lock, and the number of this start. Dropped, the next one has its turn.
pub(super) struct Turn {
    file: File,
    number: u64,
}

/// How many starts there were.
pub(super) fn count() -> Option<u64> {
    let found = std::fs::metadata(Paths::of_user()?.starts());
    match found {
        Ok(found) => Some(found.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(0),
        Err(_) => None,
    }
}

impl Turn {
    /// Waits until no start has the lock alone. `None` where there is no such file, or not in time.
    pub(super) async fn among_others() -> Option<Self> {
        let mut file = open().ok()?;
        lock(&file, FlockOperation::NonBlockingLockShared).await?;
        file.write_all(b".").ok()?;
        // The byte is at the end, whoever else adds one: this is where it ends.
        let number = rustix::fs::seek(&file, SeekFrom::Current(0)).ok()?;
        Some(Self { file, number })
    }

    /// Waits until no other start has the lock; `false` when that takes too long.
    pub(super) async fn alone(&mut self) -> bool {
        // Two that keep their share would wait for each other.
        let _unlocked = flock(&self.file, FlockOperation::Unlock);
        lock(&self.file, FlockOperation::NonBlockingLockExclusive)
            .await
            .is_some()
    }

    /// No other start came since there were `count` of them.
    pub(super) fn is_next_after(&self, count: u64) -> bool {
        self.number == count + 1
    }
}

fn open() -> io::Result<File> {
    let path = Paths::of_user().ok_or(io::ErrorKind::NotFound)?.starts();
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600);
    match options.open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            private_directory(path.parent().unwrap_or(&path))?;
            options.open(&path)
        }
        opened => opened,
    }
}

async fn lock(file: &File, how: FlockOperation) -> Option<()> {
    let deadline = Instant::now() + PATIENCE;
    while flock(file, how).is_err() {
        if Instant::now() > deadline {
            return None;
        }
        tokio::time::sleep(POLL).await;
    }
    Some(())
}
