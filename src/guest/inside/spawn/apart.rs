//! A user namespace of its own for a process and all that it starts. Few numbers of users are there, each as the same
//! number, and root's is not among them: for the kernel nobody there can become root, by a program with the set-user
//! bit, by file capabilities, or by whatever somebody leaves there who is root elsewhere.
//!
//! The process makes the namespace while it is root still, so that the namespace is root's. It waits until a thread
//! here has written the numbers (`user_namespaces(7)`), and only then becomes who it is to be.

use rustix::fs::{Mode, OFlags};
use rustix::pipe::PipeFlags;
use rustix::process::Pid;
use rustix::thread::{CapabilitySet, CapabilitySets, UnshareFlags};
use std::fmt::Write;
use std::io;
use std::os::fd::OwnedFd;
use std::thread::JoinHandle;

/// What maps the numbers of a further user namespace, within this one: the process keeps it when it becomes a user.
const MAPPING: [CapabilitySet; 2] = [CapabilitySet::SETUID, CapabilitySet::SETGID];
const STACK: usize = 64 * 1024;
const WRITTEN: u8 = 1;
const REFUSED: u8 = 0;

/// The numbers of a namespace: ranges (first, count) that do not overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers {
    users: String,
    groups: String,
}

impl Numbers {
    /// The numbers of one user and its group, and these ranges.
    ///
    /// # Errors
    /// When root's is among the users.
    pub fn new(user: u32, group: u32, ranges: &[(u32, u32)]) -> io::Result<Self> {
        let is_root = |(first, count): (u32, u32)| first == 0 && count > 0;
        if is_root((user, 1)) || ranges.iter().copied().any(is_root) {
            return Err(io::Error::other("root has no user namespace apart"));
        }
        Ok(Self {
            users: map(user, ranges),
            groups: map(group, ranges),
        })
    }
}

/// The text of a `uid_map` or a `gid_map`: each number is itself.
fn map(own: u32, ranges: &[(u32, u32)]) -> String {
    let is_own =
        |(first, count): &(u32, u32)| (*first..first.saturating_add(*count)).contains(&own);
    let own = (!ranges.iter().any(is_own)).then_some((own, 1));
    let mut text = String::new();
    for (first, count) in own.iter().chain(ranges) {
        writeln!(text, "{first} {first} {count}").expect("a text takes what is written to it");
    }
    text
}

/// The side of the process that goes there, between fork and exec.
pub struct Entrance {
    made: OwnedFd,
    mapped: OwnedFd,
}

/// The side that stays: a thread, as the one that starts a process waits until the process executes its program.
pub struct Mapper(JoinHandle<io::Result<()>>);

/// Prepares for one process.
///
/// # Errors
/// The system's.
pub fn prepare(numbers: &Numbers) -> io::Result<(Entrance, Mapper)> {
    let (said, made) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
    let (mapped, answer) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
    let numbers = numbers.clone();
    let work = move || {
        let mut pid = [0; 4];
        if rustix::io::read(&said, &mut pid)? < pid.len() {
            // It has not come so far, and whoever starts it knows why.
            return Ok(());
        }
        let written = write(&numbers, i32::from_ne_bytes(pid));
        // The process has this end as well, so it would not see that it is closed.
        let outcome = if written.is_ok() { WRITTEN } else { REFUSED };
        rustix::io::write(&answer, &[outcome])?;
        written
    };
    let thread = std::thread::Builder::new().stack_size(STACK);
    let mapper = thread.spawn(work)?;
    Ok((Entrance { made, mapped }, Mapper(mapper)))
}

/// Writes the numbers of the namespace that our child `pid` has made, which waits for it.
fn write(numbers: &Numbers, pid: i32) -> io::Result<()> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let process = rustix::fs::open(format!("/proc/{pid}"), flags, Mode::empty())?;
    for (name, map) in [("gid_map", &numbers.groups), ("uid_map", &numbers.users)] {
        let flags = OFlags::WRONLY | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&process, name, flags, Mode::empty())?;
        // The kernel takes a map by one write, or not at all.
        rustix::io::write(&file, map.as_bytes())?;
    }
    Ok(())
}

/// Says that a process was not started, and how it would have been.
pub fn refused(error: &io::Error) -> io::Error {
    io::Error::other(format!("in a user namespace of its own: {error}"))
}

impl Mapper {
    /// Waits for the thread, once the process is there or is known not to come.
    ///
    /// # Errors
    /// Why the numbers could not be written.
    pub fn finish(self) -> io::Result<()> {
        let lost = |_| Err(io::Error::other("the thread that writes numbers was lost"));
        self.0.join().unwrap_or_else(lost)
    }
}

impl Entrance {
    /// Makes the namespace and waits for its numbers. System calls only.
    pub fn enter(&self) -> io::Result<()> {
        #[expect(
            unsafe_code,
            reason = "a new user namespace shares no descriptors anew"
        )]
        // SAFETY: the table of descriptors stays shared as it is.
        unsafe {
            rustix::thread::unshare_unsafe(UnshareFlags::NEWUSER)?;
        }
        let pid = Pid::as_raw(Some(rustix::process::getpid()));
        rustix::io::write(&self.made, &pid.to_ne_bytes())?;
        let mut answer = [REFUSED];
        rustix::io::read(&self.mapped, &mut answer)?;
        if answer != [WRITTEN] {
            return Err(rustix::io::Errno::PERM.into());
        }
        Ok(())
    }

    /// Keeps what maps numbers, of a process that has become a user. System calls only.
    pub fn keep_mapping() -> io::Result<()> {
        let kept = MAPPING[0] | MAPPING[1];
        let sets = CapabilitySets {
            effective: kept,
            permitted: kept,
            inheritable: kept,
        };
        rustix::thread::set_capabilities(None, sets)?;
        for capability in MAPPING {
            rustix::thread::configure_capability_in_ambient_set(capability, true)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_in_no_namespace_apart() {
        for (user, ranges) in [(0, &[(1, 5)][..]), (7, &[(0, 5)])] {
            let numbers = Numbers::new(user, 7, ranges);
            assert!(numbers.is_err(), "{user} {ranges:?}");
        }
    }

    #[test]
    fn each_number_is_itself_and_none_is_named_twice() {
        let numbers = Numbers::new(7, 105, &[(1, 6), (100, 10)]).expect("numbers");
        assert_eq!(numbers.users, "7 7 1\n1 1 6\n100 100 10\n");
        assert_eq!(numbers.groups, "1 1 6\n100 100 10\n");
    }
}
