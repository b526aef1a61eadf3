//! What the kernel says under `/proc`, which it mounts itself: the only files that are reached by a
//! plain path.

use rustix::process::Pid;
use std::fs;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::path::{Path, PathBuf};

/// The text of a file of `/proc`.
///
/// # Errors
/// The system's.
pub fn text(name: &str) -> io::Result<String> {
    fs::read_to_string(Path::new("/proc").join(name))
}

/// Where a descriptor is, all links resolved: the kernel keeps it up to date.
///
/// # Errors
/// The system's.
pub fn place_of(descriptor: impl AsFd) -> io::Result<PathBuf> {
    fs::read_link(path_of(descriptor))
}

/// A path that is what the descriptor is, whatever becomes of its names.
#[must_use]
pub fn path_of(descriptor: impl AsFd) -> PathBuf {
    let number = descriptor.as_fd().as_raw_fd();
    format!("/proc/self/fd/{number}").into()
}

/// Every process of this PID namespace.
pub fn processes() -> impl Iterator<Item = Pid> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(Pid::from_raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_is_found_by_its_path() {
        let directory = tempfile::tempdir().expect("a directory");
        let real = fs::canonicalize(directory.path()).expect("a path");
        let opened = fs::File::open(&real).expect("a directory");
        assert_eq!(place_of(&opened).expect("a place"), real);
        assert!(path_of(&opened).is_dir());
        let own = rustix::process::getpid();
        assert!(processes().any(|pid| pid == own));
        assert!(text("self/uid_map").is_ok() && text("none").is_err());
    }
}
