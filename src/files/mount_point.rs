//! The place below a directory where something will be mounted. An engine follows links on the way
//! there, and makes what is missing as root; here nothing is followed, and what is missing is made as
//! the person.

use super::pinned::Pinned;
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

/// What a mount point has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// For a directory.
    Directory,
    /// For a file, a socket or a device.
    File,
}

impl Point {
    fn is(self, kind: FileType) -> bool {
        (self == Self::Directory) == (kind == FileType::Directory)
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The mount point.
    There,
    /// Nothing from this path on.
    Missing(PathBuf),
}

/// Why nothing can be mounted there. Each names the place on the way.
#[derive(Debug)]
pub enum Hindrance {
    /// A link.
    Link(PathBuf),
    /// Something that is no directory, or a directory where a file has to be.
    Kind(PathBuf, Point),
    /// The system's reason.
    Io(PathBuf, io::Error),
}

/// Looks for the mount point at `path` below `root`. A path that leads upwards is an error.
///
/// # Errors
/// [`Hindrance`].
pub fn find_mount_point(root: &Pinned, path: &Path, point: Point) -> Result<Found, Hindrance> {
    walk(root, path, point, false)
}

/// The same, and makes what is missing.
///
/// # Errors
/// [`Hindrance`].
pub fn make_mount_point(root: &Pinned, path: &Path, point: Point) -> Result<(), Hindrance> {
    walk(root, path, point, true).map(drop)
}

fn walk(root: &Pinned, path: &Path, point: Point, makes: bool) -> Result<Found, Hindrance> {
    let mut place = root.path().to_path_buf();
    let mut parts = path.components().peekable();
    if parts.peek().is_some() && !root.is_directory() {
        return Err(Hindrance::Kind(place, Point::Directory));
    }
    let own = root.as_fd().try_clone_to_owned();
    let mut at = own.map_err(|error| Hindrance::Io(place.clone(), error))?;
    while let Some(part) = parts.next() {
        place.push(part);
        let Component::Normal(name) = part else {
            return Err(Hindrance::Io(place, Errno::XDEV.into()));
        };
        let wanted = if parts.peek().is_some() {
            Point::Directory
        } else {
            point
        };
        let name = Path::new(name);
        let opened = match (open(&at, name), makes) {
            (Err(Errno::NOENT), false) => return Ok(Found::Missing(place)),
            (Err(Errno::NOENT), true) => make(&at, name, wanted).and_then(|()| open(&at, name)),
            (opened, _) => opened,
        };
        let opened = opened.and_then(|opened| {
            let mode = rustix::fs::fstat(&opened)?.st_mode;
            Ok((opened, FileType::from_raw_mode(mode)))
        });
        match opened {
            Ok((_, FileType::Symlink)) => return Err(Hindrance::Link(place)),
            Ok((_, kind)) if !wanted.is(kind) => return Err(Hindrance::Kind(place, wanted)),
            Ok((opened, _)) => at = opened,
            Err(error) => return Err(Hindrance::Io(place, error.into())),
        }
    }
    Ok(Found::There)
}

/// A link is opened itself.
fn open(at: &OwnedFd, name: &Path) -> Result<OwnedFd, Errno> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(at, name, flags, Mode::empty())
}

/// Whoever makes something else there meanwhile is found out afterwards.
fn make(at: &OwnedFd, name: &Path, point: Point) -> Result<(), Errno> {
    let made = match point {
        Point::Directory => rustix::fs::mkdirat(at, name, Mode::from_raw_mode(0o755)),
        Point::File => {
            let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
            rustix::fs::openat(at, name, flags, Mode::from_raw_mode(0o644)).map(drop)
        }
    };
    match made {
        Err(Errno::EXIST) => Ok(()),
        made => made,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn said(outcome: Result<Found, Hindrance>, root: &Path) -> String {
        let below = |place: &Path| {
            let below = place.strip_prefix(root).expect("below the root");
            below.display().to_string()
        };
        match outcome {
            Ok(Found::There) => "there".into(),
            Ok(Found::Missing(place)) => format!("missing {}", below(&place)),
            Err(Hindrance::Link(place)) => format!("link {}", below(&place)),
            Err(Hindrance::Kind(place, point)) => format!("no {point:?} {}", below(&place)),
            Err(Hindrance::Io(place, _)) => format!("error {}", below(&place)),
        }
    }

    #[test]
    fn nothing_on_the_way_is_followed_or_replaced() {
        let outside = tempfile::tempdir().expect("a directory");
        let root = tempfile::tempdir().expect("a directory");
        let root = fs::canonicalize(root.path()).expect("a path");
        fs::create_dir_all(root.join("a/b")).expect("a directory");
        fs::write(root.join("a/file"), "kept").expect("a file");
        symlink(outside.path(), root.join("a/led")).expect("a link");
        symlink(outside.path().join("none"), root.join("dangling")).expect("a link");
        symlink("b", root.join("a/near")).expect("a link");
        let pinned = Pinned::at(&root).expect("there");
        let table = [
            ("a/b", Point::Directory, "there"),
            ("a/file", Point::File, "there"),
            ("", Point::Directory, "there"),
            ("a/b", Point::File, "no File a/b"),
            ("a/file", Point::Directory, "no Directory a/file"),
            ("a/file/x", Point::File, "no Directory a/file"),
            ("a/led", Point::Directory, "link a/led"),
            ("a/led/x/y", Point::File, "link a/led"),
            ("a/near/x", Point::Directory, "link a/near"),
            ("dangling", Point::File, "link dangling"),
            ("../x", Point::File, "error .."),
        ];
        for (path, point, expected) in table {
            let path = Path::new(path);
            let found = said(find_mount_point(&pinned, path, point), &root);
            assert_eq!(found, expected, "{path:?} {point:?}");
            let made = make_mount_point(&pinned, path, point).map(|()| Found::There);
            assert_eq!(said(made, &root), expected, "{path:?} {point:?}");
        }
        assert_eq!(
            fs::read_dir(outside.path()).expect("a directory").count(),
            0
        );
        let text = fs::read_to_string(root.join("a/file")).expect("a file");
        assert_eq!(text, "kept");
        for (path, point) in [("x/y/z", Point::Directory), ("x/v/w", Point::File)] {
            let path = Path::new(path);
            let missing = find_mount_point(&pinned, path, point).expect("nothing in the way");
            assert!(matches!(missing, Found::Missing(_)), "{missing:?}");
            make_mount_point(&pinned, path, point).expect("made");
            let found = find_mount_point(&pinned, path, point).expect("made");
            assert_eq!(found, Found::There);
        }
        assert_eq!(fs::metadata(root.join("x/v/w")).expect("a file").len(), 0);
        // A file has nothing below it.
        let file = Pinned::at(&root.join("a/file")).expect("there");
        let found = find_mount_point(&file, Path::new("x"), Point::File);
        assert!(matches!(found, Err(Hindrance::Kind(_, Point::Directory))));
    }
}
