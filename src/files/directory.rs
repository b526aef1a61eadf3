//! A directory by its descriptor: what is in it, and ways into it that follow no links.

use super::beneath::open_beneath;
use super::pinned::Pinned;
use super::read::{ReadError, open_file_beneath};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// A directory that is open.
#[derive(Debug)]
pub struct Directory(OwnedFd);

/// What an entry of a directory was when it was looked at.
#[derive(Debug)]
pub struct Look {
    /// Its mode, size, times and owner.
    pub stat: Stat,
    /// Where a link leads, as written.
    pub link: Option<PathBuf>,
}

impl Look {
    /// What is under a name in a directory.
    pub(super) fn at(directory: BorrowedFd<'_>, name: &OsStr) -> io::Result<Self> {
        let stat = rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?;
        let is_link = FileType::from_raw_mode(stat.st_mode) == FileType::Symlink;
        let link = if is_link {
            let target = rustix::fs::readlinkat(directory, name, Vec::new())?;
            Some(OsString::from_vec(target.into_bytes()).into())
        } else {
            None
        };
        Ok(Self { stat, link })
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> FileType {
        FileType::from_raw_mode(self.stat.st_mode)
    }

    /// Its permissions, without the bits that make a program run as its owner.
    #[must_use]
    pub fn permissions(&self) -> u32 {
        self.stat.st_mode & 0o777
    }

    /// The size of a regular file, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        u64::try_from(self.stat.st_size).unwrap_or(0)
    }
}

impl Directory {
    /// A directory that was pinned.
    ///
    /// # Errors
    /// The system's.
    pub fn of(pinned: &Pinned) -> io::Result<Self> {
        pinned.open_directory().map(Self)
    }

    /// The directory at `path` below one that was pinned. No component may be a link.
    ///
    /// # Errors
    /// As [`open_beneath`].
    pub fn below(root: &Pinned, path: &Path) -> io::Result<Self> {
        open_beneath(root.as_fd(), path, OFlags::DIRECTORY).map(Self)
    }

    /// The number of the device that it is on.
    ///
    /// # Errors
    /// The system's.
    pub fn device(&self) -> io::Result<u64> {
        Ok(rustix::fs::fstat(&self.0)?.st_dev)
    }

    /// Calls `visit` with the name of each entry, in no order, as long as it goes on: for a
    /// directory of any size.
    ///
    /// # Errors
    /// The system's.
    pub fn each(
        &self,
        mut visit: impl FnMut(&OsStr) -> ControlFlow<()>,
    ) -> io::Result<ControlFlow<()>> {
        for entry in Dir::read_from(&self.0)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." && visit(OsStr::from_bytes(name)).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The names of what is in it, in order.
    ///
    /// # Errors
    /// The system's.
    pub fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                names.push(OsString::from_vec(name));
            }
        }
        names.sort();
        Ok(names)
    }

    /// What is under a name; a link is not followed.
    ///
    /// # Errors
    /// The system's.
    pub fn look(&self, name: &OsStr) -> io::Result<Look> {
        Look::at(self.as_fd(), name)
    }

    /// The directory of this name in it.
    ///
    /// # Errors
    /// The system's, also for a link.
    pub fn enter(&self, name: &OsStr) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Self(rustix::fs::openat(
            &self.0,
            name,
            flags,
            Mode::empty(),
        )?))
    }

    /// Removes what has this name in it: a directory only when it is empty.
    ///
    /// # Errors
    /// The system's.
    pub fn remove(&self, name: &OsStr) -> io::Result<()> {
        let flags = if self.look(name)?.kind() == FileType::Directory {
            AtFlags::REMOVEDIR
        } else {
            AtFlags::empty()
        };
        Ok(rustix::fs::unlinkat(&self.0, name, flags)?)
    }

    /// The regular file of this name in it.
    ///
    /// # Errors
    /// [`ReadError`], also for a link.
    pub fn open(&self, name: &OsStr) -> Result<File, ReadError> {
        open_file_beneath(self.as_fd(), Path::new(name))
    }
}

impl AsFd for Directory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
