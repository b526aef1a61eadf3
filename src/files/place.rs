//! Putting things into a directory that others may write as well: everything is made below its
//! descriptor, no link on the way is followed, and what stands in the way of a file is replaced, not
//! written through.

use super::beneath::open_beneath;
use super::pinned::Pinned;
use rustix::fs::{AtFlags, CWD, Gid, Mode, OFlags, RenameFlags, Timespec, Timestamps, Uid};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::path::{Component, Path};

/// How often another name is tried for a file that is on its way.
const TRIES: u32 = 64;
/// What every permission of a copy is within: nothing runs as its owner, or is sticky.
const PERMISSIONS: u32 = 0o777;
/// What is a hole when it is all zeros.
const BLOCK: usize = 64 * 1024;
static ZEROS: [u8; BLOCK] = [0; BLOCK];

/// What a file is besides its content.
#[derive(Debug, Clone, Copy)]
pub struct Traits {
    /// Its mode; the bits that make a program run as its owner are left out.
    pub mode: u32,
    /// When it was changed, in seconds since 1970.
    pub modified: i64,
    /// User and group; `None` for whoever makes it.
    pub owner: Option<(u32, u32)>,
}

/// A directory in which things are made.
#[derive(Debug)]
pub struct Place(OwnedFd);

impl Place {
    /// A directory that was pinned.
    ///
    /// # Errors
    /// The system's.
    pub fn of(pinned: &Pinned) -> io::Result<Self> {
        pinned.open_directory().map(Self)
    }

    /// A directory below, made with all above it where it is not there.
    ///
    /// # Errors
    /// The system's; `ELOOP` or `ENOTDIR` where something else stands in the way.
    pub fn directory(&self, path: &Path) -> io::Result<Self> {
        self.directory_of(path, None)
    }

    /// The same, and what is made belongs to `owner`, user and group.
    ///
    /// # Errors
    /// As [`Place::directory`].
    pub fn directory_of(&self, path: &Path, owner: Option<(u32, u32)>) -> io::Result<Self> {
        let mut at = self.0.try_clone()?;
        for part in path.components() {
            let name = match part {
                Component::Normal(name) => name,
                Component::CurDir => continue,
                _ => return Err(Errno::XDEV.into()),
            };
            let is_new = match rustix::fs::mkdirat(&at, name, Mode::RWXU) {
                Ok(()) => true,
                Err(Errno::EXIST) => false,
                Err(error) => return Err(error.into()),
            };
            let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            at = rustix::fs::openat(&at, name, flags, Mode::empty())?;
            if is_new {
                give(&at, owner)?;
            }
        }
        Ok(Self(at))
    }

    /// Sets the permissions of the directory itself.
    ///
    /// # Errors
    /// The system's.
    pub fn set_permissions(&self, mode: u32) -> io::Result<()> {
        Ok(rustix::fs::fchmod(&self.0, permissions(mode))?)
    }

    /// A file of this name and content, of `size` bytes, in place of what was there. Until it is
    /// whole it has no name, so nothing of it stays when `dp` is ended; where the filesystem knows no
    /// such files it is called `.dp-cp-PID-NUMBER` meanwhile.
    ///
    /// # Errors
    /// The system's, `UnexpectedEof` when there is less of it; what was there is untouched then.
    pub fn file(
        &self,
        name: &Path,
        content: &mut dyn Read,
        size: u64,
        traits: Traits,
    ) -> io::Result<()> {
        let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
        let Ok(opened) = rustix::fs::openat(&self.0, ".", flags, Mode::RUSR | Mode::WUSR) else {
            return self.named_file(name, content, size, traits);
        };
        let file = File::from(opened);
        fill(&file, content, size, traits)?;
        let own = format!("/proc/self/fd/{}", file.as_raw_fd());
        let link = |new: &Path| -> io::Result<()> {
            let flags = AtFlags::SYMLINK_FOLLOW;
            Ok(rustix::fs::linkat(CWD, &*own, &self.0, new, flags)?)
        };
        match link(name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.replace(name, |new| link(Path::new(new)))
            }
            linked => linked,
        }
    }

    fn named_file(
        &self,
        name: &Path,
        content: &mut dyn Read,
        size: u64,
        traits: Traits,
    ) -> io::Result<()> {
        self.replace(name, |new| {
            let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
            let opened = rustix::fs::openat(&self.0, new, flags, Mode::RUSR | Mode::WUSR)?;
            fill(&File::from(opened), content, size, traits)
        })
    }

    /// A file of this name and content, where there is nothing.
    ///
    /// # Errors
    /// The system's; `EEXIST` where there is something, be it a link that leads nowhere.
    pub fn new_file(&self, name: &Path, content: &[u8], mode: u32) -> io::Result<()> {
        let make = |new: &str| {
            let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
            let opened = rustix::fs::openat(&self.0, new, flags, Mode::RUSR | Mode::WUSR)?;
            let mut file = File::from(opened);
            file.write_all(content)?;
            Ok(rustix::fs::fchmod(&file, permissions(mode))?)
        };
        self.put(make, |new| {
            let flags = RenameFlags::NOREPLACE;
            match rustix::fs::renameat_with(&self.0, new, &self.0, name, flags) {
                // Not every file system can.
                Err(Errno::INVAL | Errno::NOSYS) => {
                    rustix::fs::linkat(&self.0, new, &self.0, name, AtFlags::empty())?;
                    Ok(rustix::fs::unlinkat(&self.0, new, AtFlags::empty())?)
                }
                renamed => Ok(renamed?),
            }
        })
    }

    /// An empty file of this name, where there is nothing: what is there stays as it is.
    ///
    /// # Errors
    /// The system's.
    pub fn empty_file(&self, name: &Path) -> io::Result<()> {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o644);
        match rustix::fs::openat(&self.0, name, flags, mode) {
            Ok(_) | Err(Errno::EXIST) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// A link of this name, in place of what was there.
    ///
    /// # Errors
    /// The system's.
    pub fn link(&self, name: &Path, target: &Path) -> io::Result<()> {
        self.replace(name, |new| Ok(rustix::fs::symlinkat(target, &self.0, new)?))
    }

    /// Another name for the file at `other` below `root`, in place of what was there.
    ///
    /// # Errors
    /// The system's.
    pub fn hard_link(&self, name: &Path, root: &Self, other: &Path) -> io::Result<()> {
        let above = other.parent().unwrap_or(Path::new(""));
        let above = open_beneath(root.0.as_fd(), above, OFlags::PATH | OFlags::DIRECTORY)?;
        let other = other.file_name().ok_or(Errno::INVAL)?;
        self.replace(name, |new| {
            let flags = AtFlags::empty();
            Ok(rustix::fs::linkat(&above, other, &self.0, new, flags)?)
        })
    }

    /// Makes something under a name that nobody has and gives it the right one: a link of that name
    /// is replaced, not followed.
    fn replace(&self, name: &Path, make: impl FnMut(&str) -> io::Result<()>) -> io::Result<()> {
        let rename = |new: &str| Ok(rustix::fs::renameat(&self.0, new, &self.0, name)?);
        self.put(make, rename)
    }

    /// Makes something under a name that nobody has, and lets `name` give it the right one.
    fn put(
        &self,
        mut make: impl FnMut(&str) -> io::Result<()>,
        name: impl Fn(&str) -> io::Result<()>,
    ) -> io::Result<()> {
        let own = std::process::id();
        let mut outcome = Err(Errno::EXIST.into());
        for number in 0..TRIES {
            let new = format!(".dp-cp-{own}-{number}");
            outcome = make(&new);
            match &outcome {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(_) => {}
                Ok(()) => outcome = name(&new),
            }
            if outcome.is_err() {
                // The first failure is the one to tell.
                let _gone = rustix::fs::unlinkat(&self.0, &*new, AtFlags::empty());
            }
            break;
        }
        outcome
    }
}

/// Writes all that a file is. Blocks of zeros become holes: a file inside may be far larger than the
/// disk is.
fn fill(file: &File, content: &mut dyn Read, size: u64, traits: Traits) -> io::Result<()> {
    let mut block = vec![0; BLOCK];
    let mut at = 0;
    while at < size {
        let mut length = 0;
        while length < BLOCK {
            match content.read(&mut block[length..]) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if block[..length] != ZEROS[..length] {
            file.write_all_at(&block[..length], at)?;
        }
        at += length as u64;
    }
    file.set_len(size)?;
    give(file, traits.owner)?;
    rustix::fs::fchmod(file, permissions(traits.mode))?;
    let time = Timespec {
        tv_sec: traits.modified,
        tv_nsec: 0,
    };
    let times = Timestamps {
        last_access: time,
        last_modification: time,
    };
    Ok(rustix::fs::futimens(file, &times)?)
}

fn give(file: impl AsFd, owner: Option<(u32, u32)>) -> io::Result<()> {
    let Some((user, group)) = owner else {
        return Ok(());
    };
    let (user, group) = (Uid::from_raw(user), Gid::from_raw(group));
    Ok(rustix::fs::fchown(file, Some(user), Some(group))?)
}

fn permissions(mode: u32) -> Mode {
    Mode::from_raw_mode(mode & PERMISSIONS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    #[test]
    fn nothing_is_written_through_a_link() {
        let outside = tempfile::tempdir().expect("a directory");
        fs::write(outside.path().join("key"), "private").expect("a file");
        let root = tempfile::tempdir().expect("a directory");
        symlink(outside.path(), root.path().join("led")).expect("a link");
        symlink(outside.path().join("key"), root.path().join("file")).expect("a link");
        let pinned = Pinned::resolve(root.path()).expect("a directory");
        let place = Place::of(&pinned).expect("a directory");
        assert!(place.directory(Path::new("led")).is_err());
        assert!(place.directory(Path::new("led/x")).is_err());
        assert!(place.directory(Path::new("../x")).is_err());
        let traits = Traits {
            mode: 0o6755,
            modified: 1,
            owner: None,
        };
        place
            .file(Path::new("file"), &mut "own".as_bytes(), 3, traits)
            .expect("replaced");
        let file = root.path().join("file");
        assert_eq!(fs::read_to_string(&file).expect("a file"), "own");
        let metadata = fs::symlink_metadata(&file).expect("a file");
        assert_eq!(metadata.permissions().mode() & 0o7777, 0o755);
        let key = fs::read_to_string(outside.path().join("key"));
        assert_eq!(key.expect("a file"), "private");
        assert_eq!(
            fs::read_dir(outside.path()).expect("a directory").count(),
            1
        );
        symlink(outside.path().join("none"), root.path().join("dangling")).expect("a link");
        for name in ["dangling", "file"] {
            place.empty_file(Path::new(name)).expect("left as it is");
        }
        assert_eq!(fs::read_to_string(&file).expect("a file"), "own");
        assert!(!outside.path().join("none").exists());
        for name in ["dangling", "file", "led"] {
            let made = place.new_file(Path::new(name), b"x", 0o644);
            let kind = made.expect_err(name).kind();
            assert_eq!(kind, io::ErrorKind::AlreadyExists, "{name}");
        }
        let fresh = Path::new("fresh");
        place.new_file(fresh, b"x", 0o644).expect("made");
        let made = root.path().join(fresh);
        assert_eq!(fs::read_to_string(&made).expect("a file"), "x");
        fs::remove_file(made).expect("ours");
        fs::remove_file(root.path().join("dangling")).expect("a link");
        let hard = place.hard_link(Path::new("hard"), &place, Path::new("led/key"));
        assert!(hard.is_err());
        let deep = place.directory(Path::new("a/b")).expect("made");
        deep.link(Path::new("l"), Path::new("/nowhere"))
            .expect("made");
        place
            .hard_link(Path::new("hard"), &place, Path::new("file"))
            .expect("made");
        assert!(root.path().join("hard").is_file());
        assert_eq!(fs::read_dir(root.path()).expect("a directory").count(), 4);
    }

    #[test]
    fn a_copy_that_ends_early_leaves_nothing_and_zeros_take_no_room() {
        let root = tempfile::tempdir().expect("a directory");
        let pinned = Pinned::resolve(root.path()).expect("a directory");
        let place = Place::of(&pinned).expect("a directory");
        let name = Path::new("file");
        let ways = [Place::file, Place::named_file];
        let traits = Traits {
            mode: 0o644,
            modified: 1,
            owner: None,
        };
        for way in ways {
            fs::write(root.path().join(name), "before").expect("a file");
            let short = way(&place, name, &mut "own".as_bytes(), 9, traits);
            assert!(short.is_err());
            let text = fs::read_to_string(root.path().join(name));
            assert_eq!(text.expect("a file"), "before");
            let hole = io::repeat(0).take(1 << 30);
            let mut content = "own".as_bytes().chain(hole).chain("end".as_bytes());
            let size = (1 << 30) + 6;
            way(&place, name, &mut content, size, traits).expect("written");
            let metadata = fs::metadata(root.path().join(name)).expect("a file");
            assert_eq!(metadata.len(), size);
            assert!(metadata.blocks() * 512 < 1 << 20, "{}", metadata.blocks());
            let mut end = [0; 4];
            let file = fs::File::open(root.path().join(name)).expect("a file");
            file.read_exact_at(&mut end, size - 4).expect("its end");
            assert_eq!(&end, b"\0end");
            let names = fs::read_dir(root.path()).expect("a directory");
            assert_eq!(names.count(), 1);
        }
    }
}
