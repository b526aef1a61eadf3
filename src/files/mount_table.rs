//! Where paths lie on the file systems of this machine, by the kernel's list of mounts: one directory
//! can be mounted at several places, and a link-free path does not tell.

use super::pinned::Pinned;
use super::read::read_text;
use std::ffi::OsString;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// The longest list that is read, in bytes.
const LIMIT: u64 = 16 << 20;

/// The mounts of this process.
#[derive(Debug, Clone, Default)]
pub struct MountTable(Vec<Mount>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Mount {
    id: u64,
    /// `major:minor`.
    device: String,
    /// What of the file system is mounted.
    root: PathBuf,
    point: PathBuf,
}

/// A place on a file system, under whatever path it is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    device: String,
    path: PathBuf,
}

impl Location {
    /// It is `other`, or a directory that `other` lies in.
    #[must_use]
    pub fn is_or_holds(&self, other: &Self) -> bool {
        self.device == other.device && other.path.starts_with(&self.path)
    }
}

impl MountTable {
    /// What the kernel says; empty where it says nothing.
    #[must_use]
    pub fn read() -> Self {
        let text = read_text(Path::new("/proc/self/mountinfo"), LIMIT);
        Self::parse(&text.unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        Self(text.lines().filter_map(Mount::parse).collect())
    }

    /// Where a file or directory lies; `None` where the kernel does not tell.
    #[must_use]
    pub fn location(&self, pinned: &Pinned) -> Option<Location> {
        let own = format!("/proc/self/fdinfo/{}", pinned.as_fd().as_raw_fd());
        let text = read_text(Path::new(&own), LIMIT).ok()?;
        let id = text.lines().find_map(|line| line.strip_prefix("mnt_id:"))?;
        let id = id.trim().parse::<u64>().ok()?;
        let mount = self.0.iter().find(|mount| mount.id == id)?;
        let rest = pinned.path().strip_prefix(&mount.point).ok()?;
        Some(Location {
            device: mount.device.clone(),
            path: joined(&mount.root, rest),
        })
    }

    /// What is mounted below a directory: a bind mount of that directory has these, too.
    pub fn below<'a>(&'a self, directory: &'a Path) -> impl Iterator<Item = Location> + 'a {
        let is_below =
            move |mount: &&Mount| mount.point != directory && mount.point.starts_with(directory);
        self.0.iter().filter(is_below).map(|mount| Location {
            device: mount.device.clone(),
            path: mount.root.clone(),
        })
    }
}

impl Mount {
    /// `36 35 98:0 /root /point options - type source options`
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split(' ');
        let id = fields.next()?.parse().ok()?;
        let device = fields.nth(1)?.to_string();
        Some(Self {
            id,
            device,
            root: unescaped(fields.next()?),
            point: unescaped(fields.next()?),
        })
    }
}

/// Joined with nothing, the path of a file would end as one of a directory does.
fn joined(root: &Path, rest: &Path) -> PathBuf {
    if rest.as_os_str().is_empty() {
        return root.to_path_buf();
    }
    root.join(rest)
}

/// The kernel writes a space as `\040`.
fn unescaped(text: &str) -> PathBuf {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..3).filter(|_| *first == b'\\');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            bytes.push(byte);
            rest = &after[3..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_the_same_under_every_mount_of_it() {
        let table = MountTable::parse(
            "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n\
             2 1 0:25 / /run rw shared:1 - tmpfs tmpfs rw\n\
             3 1 0:25 /d /srv/a\\040b\\134 rw - tmpfs tmpfs rw\n\
             nonsense\n",
        );
        let below: Vec<Location> = table.below(Path::new("/srv")).collect();
        let expected = Location {
            device: "0:25".into(),
            path: "/d".into(),
        };
        assert_eq!(below, [expected]);
        assert_eq!(table.0[2].point, Path::new("/srv/a b\\"));
        assert_eq!(table.below(Path::new("/run")).count(), 0);
        let at = |path: &str| Location {
            device: "0:25".into(),
            path: path.into(),
        };
        assert!(at("/d").is_or_holds(&at("/d/x")) && at("/d").is_or_holds(&at("/d")));
        assert!(!at("/d/x").is_or_holds(&at("/d")) && !at("/d").is_or_holds(&at("/dx")));
    }

    #[test]
    fn the_kernel_says_where_a_directory_lies() {
        let root = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(root.path().join("a")).expect("a directory");
        let table = MountTable::read();
        let at = |path: &Path| {
            let pinned = Pinned::resolve(path).expect("there");
            table.location(&pinned).expect("the kernel tells")
        };
        let (outer, inner) = (at(root.path()), at(&root.path().join("a")));
        assert!(outer.is_or_holds(&inner) && !inner.is_or_holds(&outer));
        assert!(!outer.is_or_holds(&at(Path::new("/proc"))));
    }
}
