//! The image's own files and our volumes, reached through descriptors: whatever links an image or an
//! agent made, nothing here leads PID 1, which is root, onto a mount that it was not told to manage.
//!
//! A link that stays on the image is followed, as images have them. An older kernel without
//! `openat2` is asked for the path of everything instead, which is as good before any process of
//! the sandbox runs.

use super::proc;
use super::system_file::mount_point;
use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, ResolveFlags, Uid};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// More links in a row than any image has.
const LINKS: usize = 16;
const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY);
const ENTRY: OFlags = OFlags::PATH.union(OFlags::NOFOLLOW);

/// A directory of the image, made where it is missing.
///
/// # Errors
/// The system's; `ReadOnlyFilesystem` for one that is, or is reached over, a mount.
pub fn directory(path: &Path) -> io::Result<OwnedFd> {
    let root = root()?;
    match open(root.as_fd(), path.as_os_str(), DIRECTORY, Links::OfImage) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let (parent, name) = parts(path)?;
            make(directory(parent)?.as_fd(), name, Links::None)
        }
        found => found,
    }
}

/// A directory of the image that is there.
///
/// # Errors
/// As [`directory`].
pub fn existing(path: &Path) -> io::Result<OwnedFd> {
    open(root()?.as_fd(), path.as_os_str(), DIRECTORY, Links::OfImage)
}

/// The directory that a file of the image is in, and its name there: links of the image that stand
/// in the file's own place are followed. The directory must be there.
///
/// # Errors
/// As [`directory`].
pub fn place(path: &Path) -> io::Result<(OwnedFd, PathBuf)> {
    let mut path = path.to_path_buf();
    for _ in 0..LINKS {
        let (parent, name) = parts(&path)?;
        let inside = existing(parent)?;
        match rustix::fs::readlinkat(&inside, name, Vec::new()) {
            Ok(target) => {
                let target = Path::new(OsStr::new(target.to_str().map_err(io::Error::other)?));
                path = parent.join(target);
            }
            Err(_) => return Ok((inside, name.into())),
        }
    }
    Err(Errno::LOOP.into())
}

/// Opens a regular file of a directory of the image for reading; never waits.
///
/// # Errors
/// As [`directory`]; `InvalidInput` for what is no regular file.
pub fn regular(directory: BorrowedFd<'_>, name: &OsStr) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = File::from(open(directory, name, flags, Links::None)?);
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        "is not a regular file",
    ))
}

/// The content of a regular file of the image, at most `limit` bytes of it.
///
/// # Errors
/// As [`regular`].
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let (directory, name) = place(path)?;
    let mut content = Vec::new();
    let file = regular(directory.as_fd(), name.as_os_str())?;
    file.take(limit).read_to_end(&mut content)?;
    Ok(content)
}

/// A volume that is mounted at `path`, and the directories below `home` that lead there; all are made
/// where they are missing. `volumes` are all that PID 1 may manage: one may lie in another.
///
/// # Errors
/// As [`directory`], for all but the volume itself.
pub fn volume(path: &Path, volumes: &[String], home: &Path) -> io::Result<(Vec<OwnedFd>, OwnedFd)> {
    let above = volumes.iter().map(Path::new);
    let above = above.filter(|above| *above != path && path.starts_with(above));
    let above = above.max_by_key(|above| above.components().count());
    let (mut at, mut so_far, links) = match above {
        Some(above) => (volume(above, volumes, home)?.1, above, Links::None),
        None => (root()?, Path::new("/"), Links::OfImage),
    };
    let (parent, name) = parts(path)?;
    let mut lead = Vec::new();
    for part in parent.strip_prefix(so_far).unwrap_or(parent).components() {
        let Component::Normal(part) = part else {
            continue;
        };
        at = make(at.as_fd(), part, links)?;
        let length = so_far.components().count() + 1;
        let full = path
            .ancestors()
            .find(|it| it.components().count() == length);
        so_far = full.unwrap_or(parent);
        if so_far != home && so_far.starts_with(home) {
            lead.push(at.try_clone()?);
        }
    }
    Ok((lead, mounted(at.as_fd(), name)?))
}

/// What stands at a name of a directory, a mount included, but never through a link.
fn mounted(directory: BorrowedFd<'_>, name: &OsStr) -> io::Result<OwnedFd> {
    make_directory(directory, name)?;
    let flags = DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(directory, name, flags, Mode::empty())?)
}

/// A directory that PID 1 itself had mounted, such as the one of the socket.
///
/// # Errors
/// The system's.
pub fn given(directory: BorrowedFd<'_>, name: &str) -> io::Result<OwnedFd> {
    let flags = DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(directory, name, flags, Mode::empty())?)
}

/// A directory in a directory, on the same mount, made where it is missing.
///
/// # Errors
/// As [`directory`].
pub fn make(directory: BorrowedFd<'_>, name: &OsStr, links: Links) -> io::Result<OwnedFd> {
    match open(directory, name, DIRECTORY, links) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make_directory(directory, name)?;
            open(directory, name, DIRECTORY, Links::None)
        }
        found => found,
    }
}

/// Gives everything in a directory to a user, but what is mounted there and what lies beyond links.
///
/// # Errors
/// The system's.
pub fn own_below(directory: BorrowedFd<'_>, uid: u32, gid: u32) -> io::Result<()> {
    for entry in rustix::fs::Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        let name = OsStr::new(name.to_str().map_err(io::Error::other)?);
        // A mount may be the host's.
        let Ok(entry) = open(directory, name, ENTRY, Links::None) else {
            continue;
        };
        if kind(&entry)? == FileType::Directory {
            own_below(
                open(directory, name, DIRECTORY, Links::None)?.as_fd(),
                uid,
                gid,
            )?;
        }
        // After what it holds: an interrupted run is seen by the owner and done again.
        let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
        rustix::fs::chownat(&entry, "", Some(uid), Some(gid), AtFlags::EMPTY_PATH)?;
    }
    Ok(())
}

/// Removes what stands at a name of a directory, and all below it. A link is removed, and what it
/// leads to stays. Nothing at all is no error.
///
/// # Errors
/// The system's; `ReadOnlyFilesystem` and `ResourceBusy` for what is mounted there.
pub fn remove(directory: BorrowedFd<'_>, name: &OsStr) -> io::Result<()> {
    match rustix::fs::unlinkat(directory, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        Err(Errno::ISDIR | Errno::PERM) => {}
        Err(error) => return Err(error.into()),
    }
    let inside = open(directory, name, DIRECTORY, Links::None)?;
    for entry in rustix::fs::Dir::read_from(&inside)? {
        let entry = entry?;
        let name = entry.file_name();
        if name != c"." && name != c".." {
            remove(inside.as_fd(), OsStr::from_bytes(name.to_bytes()))?;
        }
    }
    Ok(rustix::fs::unlinkat(directory, name, AtFlags::REMOVEDIR)?)
}

/// Puts a link to `target` at a path of the image. Directories that are missing are made; a name that
/// is taken stays as it is.
///
/// # Errors
/// As [`directory`].
pub fn link(path: &Path, target: &str) -> io::Result<()> {
    let (parent, name) = parts(path)?;
    match rustix::fs::symlinkat(target, directory(parent)?, name) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// True for what is there, on the image or on a mount.
#[must_use]
pub fn is_there(path: &Path) -> bool {
    let opened =
        root().and_then(|root| open(root.as_fd(), path.as_os_str(), OFlags::PATH, Links::OfImage));
    match opened {
        Ok(_) => true,
        Err(error) => error.kind() == io::ErrorKind::ReadOnlyFilesystem,
    }
}

/// Changes the mode of what a descriptor stands for, one of `O_PATH` as well.
///
/// # Errors
/// The system's.
pub fn set_mode(descriptor: &OwnedFd, mode: u32) -> io::Result<()> {
    let mode = Mode::from_raw_mode(mode);
    Ok(rustix::fs::chmod(proc::path_of(descriptor), mode)?)
}

/// Which links are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// Those that stay on the image.
    OfImage,
    /// None.
    None,
}

fn root() -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::open("/", flags, Mode::empty())?)
}

fn parts(path: &Path) -> io::Result<(&Path, &OsStr)> {
    let whole = path.parent().zip(path.file_name());
    whole.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "is no name of a file"))
}

fn make_directory(directory: BorrowedFd<'_>, name: &OsStr) -> io::Result<()> {
    match rustix::fs::mkdirat(directory, name, Mode::from_raw_mode(0o755)) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn kind(descriptor: &OwnedFd) -> io::Result<FileType> {
    let stat = rustix::fs::fstat(descriptor)?;
    Ok(FileType::from_raw_mode(stat.st_mode))
}

/// Opens something on the mount that `directory` is on.
fn open(
    directory: BorrowedFd<'_>,
    name: &OsStr,
    flags: OFlags,
    links: Links,
) -> io::Result<OwnedFd> {
    let flags = flags | OFlags::CLOEXEC;
    let mut resolve = ResolveFlags::NO_XDEV | ResolveFlags::NO_MAGICLINKS;
    if links == Links::None {
        resolve |= ResolveFlags::NO_SYMLINKS;
    }
    match rustix::fs::openat2(directory, name, flags, Mode::empty(), resolve) {
        Ok(opened) => Ok(opened),
        Err(Errno::XDEV) => Err(on_a_mount(name)),
        // `PERM` is what a profile of an older engine answers for what it does not know.
        Err(Errno::NOSYS | Errno::PERM) => open_by_path(directory, name, flags, links),
        // A link in the place of what is looked at is what it is.
        Err(Errno::LOOP) if flags.contains(ENTRY) => {
            Ok(rustix::fs::openat(directory, name, flags, Mode::empty())?)
        }
        Err(error) => Err(error.into()),
    }
}

fn open_by_path(
    directory: BorrowedFd<'_>,
    name: &OsStr,
    flags: OFlags,
    links: Links,
) -> io::Result<OwnedFd> {
    let base = proc::place_of(directory)?;
    let full = base.join(name);
    let is_entry = flags.contains(OFlags::NOFOLLOW);
    let real = if is_entry {
        full.clone()
    } else {
        std::fs::canonicalize(&full)?
    };
    if links == Links::None && real != full {
        return Err(Errno::LOOP.into());
    }
    let mounts = proc::text("self/mountinfo")?;
    if mount_point(&mounts, &real) != mount_point(&mounts, &base) {
        return Err(on_a_mount(name));
    }
    let flags = flags | OFlags::NOFOLLOW;
    Ok(rustix::fs::open(&real, flags, Mode::empty())?)
}

fn on_a_mount(name: &OsStr) -> io::Error {
    io::Error::new(
        io::ErrorKind::ReadOnlyFilesystem,
        format!("`{}` is on a mount, so it is left alone", name.display()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn no_link_leads_onto_a_mount() {
        let root = tempfile::tempdir().expect("a directory");
        let at = |name: &str| root.path().join(name);
        // `/proc` is a mount in every sandbox and on every machine.
        symlink("/proc", at("mount")).expect("a link");
        let error = directory(&at("mount/new")).expect_err("a mount");
        assert_eq!(error.kind(), io::ErrorKind::ReadOnlyFilesystem, "{error}");
        symlink("/proc/self/status", at("file")).expect("a link");
        let error = read(&at("file"), 1).expect_err("a mount");
        assert_eq!(error.kind(), io::ErrorKind::ReadOnlyFilesystem, "{error}");
    }

    #[test]
    fn links_that_stay_on_the_image_are_followed_and_what_is_missing_is_made() {
        let root = tempfile::tempdir().expect("a directory");
        let at = |name: &str| root.path().join(name);
        std::fs::create_dir(at("real")).expect("a directory");
        symlink("real", at("link")).expect("a link");
        directory(&at("link/new/newer")).expect("made");
        assert!(at("real/new/newer").is_dir());
        std::fs::write(at("real/text"), "text").expect("a file");
        symlink("link/text", at("named")).expect("a link");
        assert_eq!(read(&at("named"), 3).expect("read"), b"tex");
        let (_, name) = place(&at("named")).expect("there");
        assert_eq!(name, Path::new("text"));
    }

    #[test]
    fn what_is_removed_is_neither_led_away_nor_a_mount() {
        let root = tempfile::tempdir().expect("a directory");
        let at = |name: &str| root.path().join(name);
        let opened = File::open(root.path()).expect("a directory");
        std::fs::create_dir_all(at("all/deep")).expect("a directory");
        std::fs::create_dir(at("kept")).expect("a directory");
        std::fs::write(at("kept/file"), "").expect("a file");
        symlink(at("kept"), at("all/deep/link")).expect("a link");
        symlink(at("kept"), at("link")).expect("a link");
        for name in ["all", "link", "none"] {
            remove(opened.as_fd(), OsStr::new(name)).expect("removed");
            assert!(at(name).symlink_metadata().is_err(), "{name}");
        }
        assert!(at("kept/file").exists());
        let top = File::open("/").expect("a directory");
        assert!(remove(top.as_fd(), OsStr::new("proc")).is_err());
    }

    #[test]
    fn a_link_is_put_on_the_image_and_nowhere_else() {
        let root = tempfile::tempdir().expect("a directory");
        let at = |name: &str| root.path().join(name);
        link(&at("new/er/name"), "/target").expect("made");
        link(&at("new/er/name"), "/other").expect("it is taken");
        let target = std::fs::read_link(at("new/er/name")).expect("a link");
        assert_eq!(target, Path::new("/target"));
        symlink("/proc", at("mount")).expect("a link");
        let error = link(&at("mount/new/name"), "/target").expect_err("a mount");
        assert_eq!(error.kind(), io::ErrorKind::ReadOnlyFilesystem, "{error}");
        assert!(is_there(&at("new/er")) && is_there(Path::new("/proc/self/status")));
        assert!(!is_there(&at("none")) && !is_there(&at("new/er/name")));
    }

    #[test]
    fn in_a_volume_no_link_is_followed() {
        let root = tempfile::tempdir().expect("a directory");
        let home = root.path().join("home");
        let outside = root.path().join("outside");
        std::fs::create_dir(&home).expect("a directory");
        std::fs::create_dir(&outside).expect("a directory");
        symlink(&outside, home.join(".config")).expect("a link");
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let login = home.join(".config/agent");
        let volumes = [text(&home), text(&login)];
        assert!(volume(&login, &volumes, &home).is_err());
        assert!(!outside.join("agent").exists());
        let good = home.join(".local/share/agent");
        let volumes = [text(&home), text(&good)];
        let (lead, _) = volume(&good, &volumes, &home).expect("made");
        assert_eq!(lead.len(), 2);
        assert!(good.is_dir());
    }
}
