//! A path that was resolved once, and what it led to then.

use super::beneath::{open_absolute, open_beneath};
use super::directory::Look;
use super::read::{ReadError, read_beneath, read_descriptor};
use rustix::fs::{FileType, OFlags};
use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a file or directory is, on one kernel, under whatever path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The device's number.
    pub device: u64,
    /// The inode's number on it.
    pub inode: u64,
}

/// A file, directory or socket of this machine, held by a descriptor: whoever renames it, or puts
/// something else in its place, does not change what this is. The number of its inode is not given
/// to another one while this is held.
#[derive(Clone)]
pub struct Pinned(Arc<Held>);

struct Held {
    path: PathBuf,
    descriptor: OwnedFd,
    identity: Identity,
    kind: FileType,
    owner: u32,
}

impl Pinned {
    /// Follows the links of `path` once, and keeps what they lead to.
    ///
    /// # Errors
    /// The system's; `ELOOP` where somebody makes a component a link meanwhile.
    pub fn resolve(path: &Path) -> io::Result<Self> {
        Self::at(&std::fs::canonicalize(path)?)
    }

    /// What is at an absolute path that holds no links.
    ///
    /// # Errors
    /// `ELOOP` where a component is a link by now, and the system's others.
    pub fn at(path: &Path) -> io::Result<Self> {
        Self::of(path.to_path_buf(), open_absolute(path, OFlags::PATH)?)
    }

    /// What is at `path` below this directory. No component may be a link.
    ///
    /// # Errors
    /// As [`open_beneath`](super::open_beneath).
    pub fn below(&self, path: &Path) -> io::Result<Self> {
        let opened = open_beneath(self.as_fd(), path, OFlags::PATH)?;
        Self::of(self.path().join(path), opened)
    }

    fn of(path: PathBuf, descriptor: OwnedFd) -> io::Result<Self> {
        let found = rustix::fs::fstat(&descriptor)?;
        let identity = Identity {
            device: found.st_dev,
            inode: found.st_ino,
        };
        Ok(Self(Arc::new(Held {
            path,
            descriptor,
            identity,
            kind: FileType::from_raw_mode(found.st_mode),
            owner: found.st_uid,
        })))
    }

    /// Where it was, absolute and without links.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Device and inode.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.0.identity
    }

    /// The user that it belonged to when it was found.
    #[must_use]
    pub fn owner(&self) -> u32 {
        self.0.owner
    }

    /// It has more than one name by now.
    #[must_use]
    pub fn has_other_names(&self) -> bool {
        rustix::fs::fstat(self).map_or(true, |found| found.st_nlink > 1)
    }

    /// It is a socket.
    #[must_use]
    pub fn is_socket(&self) -> bool {
        self.0.kind == FileType::Socket
    }

    /// It is a directory.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.0.kind == FileType::Directory
    }

    /// It is a regular file.
    #[must_use]
    pub fn is_regular(&self) -> bool {
        self.0.kind == FileType::RegularFile
    }

    /// What is under a name right below this directory; a link is not followed.
    ///
    /// # Errors
    /// The system's.
    pub fn look(&self, name: &OsStr) -> io::Result<Look> {
        Look::at(self.as_fd(), name)
    }

    /// A descriptor of this directory that can be listed.
    ///
    /// # Errors
    /// The system's.
    pub fn open_directory(&self) -> io::Result<OwnedFd> {
        open_beneath(self.as_fd(), Path::new(""), OFlags::DIRECTORY)
    }

    /// The content of this file.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn read(&self, limit: u64) -> Result<Vec<u8>, ReadError> {
        read_descriptor(self.as_fd(), limit)
    }

    /// The content of a file below this directory. No component of `path` may be a link.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn read_below(&self, path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
        read_beneath(self.as_fd(), path, limit)
    }
}

impl AsFd for Pinned {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.descriptor.as_fd()
    }
}

/// Two are the same when they are the same thing under the same path.
impl PartialEq for Pinned {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity() && self.path() == other.path()
    }
}

impl Eq for Pinned {}

impl fmt::Debug for Pinned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pinned({:?})", self.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn what_is_put_in_its_place_is_something_else() {
        let root = tempfile::tempdir().expect("a directory");
        let root = fs::canonicalize(root.path()).expect("a path");
        fs::create_dir(root.join("data")).expect("a directory");
        fs::write(root.join("data/file"), "own").expect("a file");
        symlink("data", root.join("link")).expect("a link");
        let pinned = Pinned::resolve(&root.join("link")).expect("there");
        assert_eq!(pinned.path(), root.join("data"));
        assert!(pinned.is_directory() && !pinned.is_regular());
        fs::rename(root.join("data"), root.join("away")).expect("renamed");
        symlink("/etc", root.join("data")).expect("a link");
        assert!(Pinned::at(pinned.path()).is_err(), "a link is not followed");
        let led = Pinned::resolve(&root.join("data")).expect("there");
        assert_ne!(led.identity(), pinned.identity());
        symlink("file", root.join("away/led")).expect("a link");
        let look = |name: &str| pinned.look(OsStr::new(name)).expect("there").kind();
        assert_eq!(look("file"), FileType::RegularFile);
        assert_eq!(look("led"), FileType::Symlink);
        let read = pinned.read_below(Path::new("file"), 10).expect("a file");
        assert_eq!(read, b"own", "the descriptor is still the directory");
    }
}
