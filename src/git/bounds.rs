//! What a clone may cost: whoever serves a repository may send references, objects or files without
//! an end.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// A directory is measured again after so long at least.
const PAUSE: Duration = Duration::from_millis(100);

/// The most that a clone may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Of everything together.
    pub deadline: Duration,
    /// On the disk, in bytes.
    pub bytes: u64,
    /// Files and directories.
    pub entries: usize,
    /// Of one process of git, in bytes. The list of references is kept there.
    pub memory: u64,
}

impl Bounds {
    /// Those of a template, which may take so long.
    #[must_use]
    pub fn of_template(deadline: Duration) -> Self {
        Self {
            deadline,
            bytes: 2 << 30,
            entries: 200_000,
            memory: 1 << 30,
        }
    }

    /// Starts a program that has at most this memory, and writes no file that is larger than all of it.
    /// The limits are ours for this moment, so that the program has them from its first step.
    pub(super) fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        static ONE: Mutex<()> = Mutex::new(());
        let _one = ONE
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let before = [Resource::Data, Resource::Fsize].map(|kind| (kind, getrlimit(kind)));
        for ((kind, now), most) in before.iter().zip([self.memory, self.bytes]) {
            let least = |limit: Option<u64>| Some(limit.map_or(most, |own| own.min(most)));
            let new = Rlimit {
                current: least(now.current),
                maximum: now.maximum,
            };
            // A system that has no such limit has the other bounds.
            let _kept = setrlimit(*kind, new);
        }
        let child = command.stdout(Stdio::null()).spawn();
        for (kind, own) in before {
            let _kept = setrlimit(kind, own);
        }
        child
    }

    /// Ends when what lies below `directory` is more than it may be.
    pub(super) async fn exceeded(&self, directory: &Path) {
        loop {
            let began = Instant::now();
            let (bounds, directory) = (*self, directory.to_path_buf());
            let measured = tokio::task::spawn_blocking(move || bounds.has_room(&directory)).await;
            if matches!(measured, Ok(false)) {
                return;
            }
            // Looking takes a quarter of the time at most.
            tokio::time::sleep(PAUSE.max(began.elapsed() * 3)).await;
        }
    }

    /// What lies below a directory is within the bounds. What is not there any more counts as nothing.
    pub(super) fn has_room(&self, directory: &Path) -> bool {
        let (mut bytes, mut entries) = (0_u64, 0);
        let mut pending = vec![directory.to_path_buf()];
        while let Some(at) = pending.pop() {
            for entry in std::fs::read_dir(at).into_iter().flatten().flatten() {
                let Ok(metadata) = entry.metadata() else {
                    continue;
                };
                entries += 1;
                bytes = bytes.saturating_add(metadata.len());
                if bytes > self.bytes || entries > self.entries {
                    return false;
                }
                if metadata.is_dir() {
                    pending.push(entry.path());
                }
            }
        }
        true
    }
}
