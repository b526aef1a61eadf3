//! Files that give whoever runs or opens them the rights of somebody else: programs with the
//! set-user-ID or set-group-ID bit, programs with capabilities, device nodes. Root inside a sandbox
//! can leave them in a directory of the host. The search has bounds: an agent chose what lies there.

use super::directory::{Directory, Look};
use super::pinned::Pinned;
use rustix::fs::FileType;
use rustix::io::Errno;
use std::ffi::OsStr;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const SET_USER_OR_GROUP: u32 = 0o6000;
const EXECUTABLE: u32 = 0o111;
const CAPABILITIES: &str = "security.capability";

/// How far a search goes.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Files and directories that are looked at.
    pub entries: usize,
    /// How long it may take.
    pub time: Duration,
    /// How many paths are kept.
    pub paths: usize,
    /// Bytes of the paths of all directories together: they are kept until their turn.
    pub bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            entries: 200_000,
            time: Duration::from_secs(2),
            paths: 10,
            bytes: 64 << 20,
        }
    }
}

/// What a file gives its rights by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Means {
    /// The set-user-ID or the set-group-ID bit.
    Bit,
    /// Capabilities of the file.
    Capability,
    /// It is a device.
    Device,
}

/// Why a part was not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unseen {
    /// A bound was reached.
    TooMuch,
    /// This directory cannot be read by the person.
    Closed(PathBuf),
    /// The path of this directory is longer than the system takes.
    TooDeep(PathBuf),
    /// This directory cannot be read for another reason.
    Unreadable(PathBuf, String),
    /// This directory is on another filesystem.
    Elsewhere(PathBuf),
}

/// What was found.
#[derive(Debug, Default)]
pub struct Privileged {
    /// The first of them.
    pub paths: Vec<(PathBuf, Means)>,
    /// How many there are.
    pub count: usize,
    /// The first reason why this is not all.
    pub unseen: Option<Unseen>,
}

/// Looks at these files, and below these directories. No link is followed, also not in the paths
/// given. What is not there is left out.
#[must_use]
pub fn privileged_files(roots: &[PathBuf], bounds: Bounds) -> Privileged {
    let mut search = Search {
        bounds,
        end: Instant::now() + bounds.time,
        found: Privileged::default(),
    };
    let mut done: Vec<Pinned> = Vec::new();
    for root in roots {
        let Ok(root) = Pinned::at(root) else {
            continue;
        };
        let has = |outer: &Pinned| {
            root.path().starts_with(outer.path())
                && root.identity().device == outer.identity().device
        };
        if done.iter().any(has) {
            continue;
        }
        search.root(&root);
        done.push(root);
    }
    search.found
}

struct Search {
    bounds: Bounds,
    end: Instant,
    found: Privileged,
}

impl Search {
    fn root(&mut self, root: &Pinned) {
        if root.is_directory() {
            return self.below(root);
        }
        // The descriptor of a file has no name in it: the empty one stands for itself.
        if let Ok(stat) = rustix::fs::fstat(root)
            && let Some(means) = means(root.as_fd(), OsStr::new(""), &Look { stat, link: None })
        {
            self.keep(root.path().to_path_buf(), means);
        }
    }

    fn below(&mut self, root: &Pinned) {
        let mut pending = vec![PathBuf::new()];
        while let Some(at) = pending.pop() {
            match self.directory(root, &at, &mut pending) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => return self.unseen(Unseen::TooMuch),
                Err(error) if is_gone(&error) => {}
                Err(error) => self.unseen(why(root.path().join(at), &error)),
            }
        }
    }

    fn directory(
        &mut self,
        root: &Pinned,
        at: &Path,
        pending: &mut Vec<PathBuf>,
    ) -> io::Result<ControlFlow<()>> {
        let directory = Directory::below(root, at)?;
        if directory.device()? != root.identity().device {
            self.unseen(Unseen::Elsewhere(root.path().join(at)));
            return Ok(ControlFlow::Continue(()));
        }
        directory.each(|name| {
            if !self.may_go_on() {
                return ControlFlow::Break(());
            }
            let Ok(look) = directory.look(name) else {
                return ControlFlow::Continue(());
            };
            if look.kind() == FileType::Directory {
                let path = at.join(name);
                let Some(left) = self.bounds.bytes.checked_sub(path.as_os_str().len()) else {
                    return ControlFlow::Break(());
                };
                self.bounds.bytes = left;
                pending.push(path);
            } else if let Some(means) = means(directory.as_fd(), name, &look) {
                self.keep(root.path().join(at).join(name), means);
            }
            ControlFlow::Continue(())
        })
    }

    /// Counts an entry.
    fn may_go_on(&mut self) -> bool {
        if self.bounds.entries == 0 || Instant::now() > self.end {
            return false;
        }
        self.bounds.entries -= 1;
        true
    }

    fn keep(&mut self, path: PathBuf, means: Means) {
        self.found.count += 1;
        if self.found.paths.len() < self.bounds.paths {
            self.found.paths.push((path, means));
        }
    }

    fn unseen(&mut self, why: Unseen) {
        self.found.unseen.get_or_insert(why);
    }
}

/// Why a directory was not looked at.
fn why(path: PathBuf, error: &io::Error) -> Unseen {
    match Errno::from_io_error(error) {
        Some(Errno::ACCESS | Errno::PERM) => Unseen::Closed(path),
        Some(Errno::NAMETOOLONG) => Unseen::TooDeep(path),
        _ => Unseen::Unreadable(path, error.to_string()),
    }
}

/// Somebody removed the directory meanwhile, or put something else in its place.
fn is_gone(error: &io::Error) -> bool {
    let gone = [Errno::NOENT, Errno::NOTDIR, Errno::LOOP];
    gone.iter()
        .any(|gone| error.raw_os_error() == Some(gone.raw_os_error()))
}

fn means(directory: BorrowedFd<'_>, name: &OsStr, look: &Look) -> Option<Means> {
    match look.kind() {
        FileType::CharacterDevice | FileType::BlockDevice => Some(Means::Device),
        FileType::RegularFile if look.stat.st_mode & SET_USER_OR_GROUP != 0 => Some(Means::Bit),
        FileType::RegularFile if look.stat.st_mode & EXECUTABLE != 0 => {
            let directory = PathBuf::from(format!("/proc/self/fd/{}", directory.as_raw_fd()));
            has_capabilities(&directory, name).then_some(Means::Capability)
        }
        _ => None,
    }
}

fn has_capabilities(directory: &Path, name: &OsStr) -> bool {
    let mut value = [0_u8; 64];
    let read = if name.is_empty() {
        rustix::fs::getxattr(directory, CAPABILITIES, &mut value)
    } else {
        rustix::fs::lgetxattr(directory.join(name), CAPABILITIES, &mut value)
    };
    matches!(read, Ok(_) | Err(Errno::RANGE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn set_user(path: &Path) {
        fs::write(path, "").expect("a file");
        fs::set_permissions(path, fs::Permissions::from_mode(0o4755)).expect("a mode");
    }

    fn names(found: &Privileged, root: &Path) -> Vec<String> {
        let below = |path: &Path| {
            path.strip_prefix(root)
                .map(|path| path.display().to_string())
        };
        let mut names: Vec<String> = { found.paths.iter() }
            .map(|(path, _)| below(path).expect("below the root"))
            .collect();
        names.sort();
        names
    }

    fn root() -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().expect("a directory");
        let path = fs::canonicalize(root.path()).expect("a path");
        (root, path)
    }

    #[test]
    fn programs_with_the_bit_are_found_wherever_they_hide() {
        let (_held, root) = root();
        let (_other, elsewhere) = self::root();
        set_user(&elsewhere.join("foreign"));
        for name in [".git/objects/aa", "node_modules/.bin", "a\nb"] {
            fs::create_dir_all(root.join(name)).expect("a directory");
            set_user(&root.join(name).join("x"));
        }
        fs::write(root.join("group"), "").expect("a file");
        fs::set_permissions(root.join("group"), fs::Permissions::from_mode(0o2644)).expect("set");
        fs::write(root.join("plain"), "").expect("a file");
        fs::set_permissions(root.join("plain"), fs::Permissions::from_mode(0o1777)).expect("set");
        fs::set_permissions(root.join("a\nb"), fs::Permissions::from_mode(0o2755)).expect("set");
        symlink(&elsewhere, root.join("link")).expect("a link");
        symlink(elsewhere.join("foreign"), root.join("file")).expect("a link");
        let roots = [root.clone(), root.join("a\nb"), root.join("link")];
        let found = privileged_files(&roots, Bounds::default());
        let expected = [
            ".git/objects/aa/x",
            "a\nb/x",
            "group",
            "node_modules/.bin/x",
        ];
        assert_eq!(names(&found, &root), expected);
        assert_eq!((found.count, found.unseen), (4, None));
        let file = privileged_files(&[root.join("group")], Bounds::default());
        assert_eq!(file.paths, [(root.join("group"), Means::Bit)]);
    }

    #[test]
    fn capabilities_and_devices_are_found_too() {
        if !rustix::process::geteuid().is_root() {
            return; // Only root makes them.
        }
        let (_held, root) = root();
        fs::write(root.join("capable"), "").expect("a file");
        fs::set_permissions(root.join("capable"), fs::Permissions::from_mode(0o755)).expect("set");
        // Version 2, effective, CAP_SETUID.
        let mut value = [0_u8; 20];
        value[..5].copy_from_slice(&[1, 0, 0, 2, 0x80]);
        let flags = rustix::fs::XattrFlags::empty();
        let set = rustix::fs::setxattr(root.join("capable"), CAPABILITIES, &value, flags);
        set.expect("the filesystem keeps capabilities");
        let device = rustix::fs::makedev(1, 3);
        let kind = FileType::CharacterDevice;
        let made = rustix::fs::mknodat(
            rustix::fs::CWD,
            root.join("device"),
            kind,
            rustix::fs::Mode::RUSR,
            device,
        );
        let mut found = privileged_files(std::slice::from_ref(&root), Bounds::default()).paths;
        found.sort();
        let mut expected = vec![(root.join("capable"), Means::Capability)];
        // A container may make none.
        expected.extend(made.is_ok().then(|| (root.join("device"), Means::Device)));
        assert_eq!(found, expected);
        let file = privileged_files(&[root.join("capable")], Bounds::default());
        assert_eq!(file.count, 1);
    }

    #[test]
    fn a_directory_that_is_too_deep_is_said_to_be() {
        let (_held, root) = root();
        let mut at = Directory::of(&Pinned::at(&root).expect("there")).expect("a directory");
        for _ in 0..2500 {
            let mode = rustix::fs::Mode::RWXU;
            rustix::fs::mkdirat(at.as_fd(), "d", mode).expect("a directory");
            at = at.enter(OsStr::new("d")).expect("a directory");
        }
        let found = privileged_files(std::slice::from_ref(&root), Bounds::default());
        // The standard library keeps a descriptor of each while it removes them.
        let removed = std::process::Command::new("rm")
            .arg("-rf")
            .arg(root.join("d"))
            .status();
        assert!(removed.expect("rm").success());
        assert!(
            matches!(found.unseen, Some(Unseen::TooDeep(_))),
            "{:?}",
            found.unseen
        );
    }

    #[test]
    fn a_bound_ends_it_and_is_said() {
        let (_held, root) = root();
        for number in 0..20 {
            fs::create_dir(root.join(format!("d{number}"))).expect("a directory");
            set_user(&root.join(format!("d{number}/x")));
        }
        let search = |bounds| privileged_files(std::slice::from_ref(&root), bounds);
        let bounds = Bounds::default();
        let all = search(bounds);
        assert_eq!((all.count, all.paths.len(), all.unseen), (20, 10, None));
        for bounds in [
            Bounds {
                entries: 30,
                ..bounds
            },
            Bounds {
                time: Duration::ZERO,
                ..bounds
            },
            Bounds {
                bytes: 20,
                ..bounds
            },
        ] {
            let found = search(bounds);
            assert_eq!(found.unseen, Some(Unseen::TooMuch), "{bounds:?}");
            assert!(found.count < 20, "{bounds:?}");
        }
    }
}
