//! Looks at what is mounted, for the host's proof, and holds everything back until the host has
//! said that it is right.

use super::command::failure;
use super::proc;
use crate::guest::message::mounts::{MountSeen, MountsSeen};
use crate::guest::message::{Failure, FailureCode};
use rustix::fs::{AtFlags, Mode, OFlags, StatxAttributes, StatxFlags};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;
use tokio::sync::watch;

/// Whether the host has said that the mounts are right.
pub struct Gate(watch::Sender<bool>);

impl Gate {
    /// One that is shut.
    pub fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// The mounts are right.
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    /// The mounts were found to be right.
    pub fn is_open(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for the host's word as long as it takes.
    pub async fn opened(&self) {
        // The sender is ours, so the wait ends with `true` or not at all.
        let mut word = self.0.subscribe();
        let _opened = word.wait_for(|is_open| *is_open).await;
    }

    /// Waits a while for the host's word.
    ///
    /// # Errors
    /// `Unproven`.
    pub async fn pass(&self, patience: Duration) -> Result<(), Failure> {
        let _late = tokio::time::timeout(patience, self.opened()).await;
        self.check()
    }

    /// Refuses while the host has not given its word.
    ///
    /// # Errors
    /// `Unproven`.
    pub fn check(&self) -> Result<(), Failure> {
        if self.is_open() {
            return Ok(());
        }
        let message = "nobody has proven that the sandbox mounts what it should";
        Err(failure(FailureCode::Unproven, message))
    }
}

/// What is at each of `targets`.
pub fn look(targets: &[String], is_confirmed: bool) -> MountsSeen {
    let kernel = proc::text("sys/kernel/random/boot_id");
    MountsSeen {
        kernel: kernel.unwrap_or_default().trim().to_string(),
        is_confirmed,
        seen: targets.iter().map(|target| look_at(target).ok()).collect(),
    }
}

fn look_at(target: &str) -> io::Result<MountSeen> {
    let opened = rustix::fs::open(target, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    let found = rustix::fs::fstat(&opened)?;
    Ok(MountSeen {
        device: found.st_dev,
        inode: found.st_ino,
        mount: mount_of(&opened)?,
        is_root: is_root(&opened),
        path: path_of(&opened),
    })
}

/// Where a descriptor is, all links resolved: the kernel keeps it up to date.
fn path_of(opened: &OwnedFd) -> String {
    let path = proc::place_of(opened);
    let path = path.unwrap_or_default().into_os_string();
    path.into_string().unwrap_or_default()
}

/// The number of the mount that a descriptor is in.
fn mount_of(opened: &OwnedFd) -> io::Result<u64> {
    let text = proc::text(&format!("self/fdinfo/{}", opened.as_raw_fd()))?;
    let number = text.lines().find_map(|line| line.strip_prefix("mnt_id:"));
    let number = number.and_then(|number| number.trim().parse().ok());
    number.ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn is_root(opened: &OwnedFd) -> Option<bool> {
    let found = rustix::fs::statx(opened, "", AtFlags::EMPTY_PATH, StatxFlags::empty()).ok()?;
    let is_known = found
        .stx_attributes_mask
        .contains(StatxAttributes::MOUNT_ROOT);
    is_known.then(|| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_is_told_from_what_lies_in_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let below = directory.path().to_string_lossy().into_owned();
        let seen = look(
            &[
                "/proc".into(),
                "/proc/self".into(),
                below.clone(),
                "/no".into(),
            ],
            false,
        );
        assert_eq!(seen.kernel.len(), 36, "{seen:?}");
        let [Some(proc), Some(within), Some(plain), None] = &seen.seen[..] else {
            panic!("{seen:?}");
        };
        assert_eq!(proc.mount, within.mount);
        assert_ne!(proc.inode, within.inode);
        assert_ne!(proc.mount, plain.mount);
        assert_ne!(proc.is_root, Some(false));
        assert_ne!((within.is_root, plain.is_root), (Some(true), Some(true)));
        assert!(proc.is_at("/proc") && plain.is_at(&below));
        // It is a link.
        assert!(!within.is_at("/proc/self"));
    }

    #[tokio::test]
    async fn nothing_passes_before_the_word_is_given() {
        let gate = Gate::new();
        assert!(!gate.is_open());
        let refused = gate.pass(Duration::ZERO).await;
        let refused = refused.expect_err("nobody said a word");
        assert_eq!(refused.code, FailureCode::Unproven);
        gate.open();
        assert!(gate.is_open());
        gate.pass(Duration::ZERO).await.expect("open");
    }
}
