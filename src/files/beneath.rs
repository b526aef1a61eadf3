//! Opening without following links: by one `openat2` of the kernel, or component by component where
//! the kernel is older than 5.6 or a filter forbids the call.

use rustix::fs::{Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path};

/// Opens what is at an absolute path that holds no links.
///
/// # Errors
/// `ELOOP` where a component is a link, and the system's others.
pub fn open_absolute(path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
    let below = path.strip_prefix("/").map_err(|_| Errno::INVAL)?;
    let root = rustix::fs::open("/", directory_flags(), Mode::empty())?;
    open_beneath(root.as_fd(), below, flags)
}

/// Opens what is at `path` below `root`. No component may be a link, and none may lead upwards. An
/// empty path is the root itself.
///
/// # Errors
/// `ELOOP` where a component is a link, `EXDEV` for one that leads upwards, and the system's others.
pub fn open_beneath(root: BorrowedFd<'_>, path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    let flags = flags | OFlags::CLOEXEC;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    match rustix::fs::openat2(root, path, flags, Mode::empty(), resolve) {
        // `EAGAIN`: something was renamed meanwhile, and the kernel does not know whether it left
        // the root.
        Err(Errno::NOSYS | Errno::PERM | Errno::AGAIN) => walk(root, path, flags),
        outcome => Ok(outcome?),
    }
}

/// The same, one component after the other.
fn walk(root: BorrowedFd<'_>, path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
    let mut at = rustix::fs::openat(root, ".", directory_flags(), Mode::empty())?;
    let mut parts = path.components().peekable();
    while let Some(part) = parts.next() {
        let name = match part {
            Component::Normal(name) => name,
            Component::CurDir => continue,
            _ => return Err(Errno::XDEV.into()),
        };
        if parts.peek().is_none() {
            return last(at.as_fd(), Path::new(name), flags);
        }
        let flags = directory_flags() | OFlags::NOFOLLOW;
        at = rustix::fs::openat(&at, name, flags, Mode::empty())?;
    }
    last(at.as_fd(), Path::new("."), flags)
}

/// With `O_PATH` a link itself would be opened.
fn last(directory: BorrowedFd<'_>, name: &Path, flags: OFlags) -> io::Result<OwnedFd> {
    let flags = flags | OFlags::NOFOLLOW;
    let opened = rustix::fs::openat(directory, name, flags, Mode::empty())?;
    let mode = rustix::fs::fstat(&opened)?.st_mode;
    if rustix::fs::FileType::from_raw_mode(mode) == rustix::fs::FileType::Symlink {
        return Err(Errno::LOOP.into());
    }
    Ok(opened)
}

fn directory_flags() -> OFlags {
    OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn both_ways_open_the_same_and_follow_nothing() {
        let root = tempfile::tempdir().expect("a directory");
        fs::create_dir_all(root.path().join("a/b")).expect("a directory");
        fs::write(root.path().join("a/b/file"), "x").expect("a file");
        symlink("a", root.path().join("link")).expect("a link");
        symlink("/etc/passwd", root.path().join("a/out")).expect("a link");
        let at = fs::File::open(root.path()).expect("a directory");
        for flags in [OFlags::PATH, OFlags::RDONLY] {
            for path in ["a/b/file", "./a/b", ""] {
                assert!(
                    open_beneath(at.as_fd(), Path::new(path), flags).is_ok(),
                    "{path}"
                );
                assert!(walk(at.as_fd(), Path::new(path), flags).is_ok());
            }
            for path in [
                "link",
                "link/b/file",
                "a/out",
                "..",
                "a/../../x",
                "/etc",
                "none",
            ] {
                let path = Path::new(path);
                assert!(open_beneath(at.as_fd(), path, flags).is_err(), "{path:?}");
                let walked = walk(at.as_fd(), path, flags);
                assert!(walked.is_err(), "{path:?}");
            }
        }
        let real = fs::canonicalize(root.path()).expect("a path");
        assert!(open_absolute(&real.join("a/b/file"), OFlags::PATH).is_ok());
        assert!(open_absolute(&real.join("link/b"), OFlags::PATH).is_err());
    }
}
