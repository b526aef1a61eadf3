//! A local template as an archive: the directory as it is, uncommitted work included, without what
//! is made anew inside. Nothing that leads out of the directory goes in.

use crate::digest::sha256;
use rustix::fs::{Mode, OFlags};
use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

/// What is made anew inside, or belongs to the host alone.
const LEFT_OUT: [&str; 3] = [".git", "node_modules", ".venv"];

/// Why a directory cannot be a template's source.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A link leads out of it.
    #[error("`{}` leads out of the template, to `{}`", link.display(), target.display())]
    Outside {
        /// The link, below the directory.
        link: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// Something cannot be read.
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        /// On the host.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The archive cannot be written.
    #[error("cannot pass the template on")]
    Write(#[source] io::Error),
}

/// One thing in a source.
#[derive(Debug)]
struct Entry {
    /// Below the directory.
    path: PathBuf,
    metadata: Metadata,
    /// Where a link leads, as written.
    link: Option<PathBuf>,
}

/// A source that was looked through.
#[derive(Debug)]
pub struct Source {
    root: PathBuf,
    /// Parents before what they hold, names in order.
    entries: Vec<Entry>,
}

impl Source {
    /// Looks a directory through.
    ///
    /// # Errors
    /// `Outside` for a link that leads out, `Unreadable`.
    pub fn open(root: &Path) -> Result<Self, PackError> {
        let mut source = Self {
            root: root.to_path_buf(),
            entries: Vec::new(),
        };
        source.add_directory(Path::new(""))?;
        Ok(source)
    }

    fn add_directory(&mut self, below: &Path) -> Result<(), PackError> {
        let directory = self.root.join(below);
        let unreadable = |path: &Path| {
            let path = path.to_path_buf();
            move |source| PackError::Unreadable { path, source }
        };
        let listed = fs::read_dir(&directory).map_err(unreadable(&directory))?;
        let mut names = Vec::new();
        for entry in listed {
            names.push(entry.map_err(unreadable(&directory))?.file_name());
        }
        names.sort();
        for name in names {
            if LEFT_OUT.iter().any(|left_out| name == *left_out) {
                continue;
            }
            let path = below.join(&name);
            let full = self.root.join(&path);
            let metadata = fs::symlink_metadata(&full).map_err(unreadable(&full))?;
            let kind = metadata.file_type();
            let link = if kind.is_symlink() {
                let target = fs::read_link(&full).map_err(unreadable(&full))?;
                Some(inside(&path, target)?)
            } else {
                None
            };
            if kind.is_file() || kind.is_dir() || kind.is_symlink() {
                // Sockets, pipes and devices are nothing that a copy could be.
                self.entries.push(Entry {
                    path: path.clone(),
                    metadata,
                    link,
                });
            }
            if kind.is_dir() {
                self.add_directory(&path)?;
            }
        }
        Ok(())
    }

    /// A hash that changes when anything of it does: names, kinds, modes, sizes and times.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut text = Vec::new();
        for entry in &self.entries {
            let Entry {
                path,
                metadata,
                link,
            } = entry;
            text.extend_from_slice(path.as_os_str().as_bytes());
            let size = if metadata.is_file() {
                metadata.size()
            } else {
                0
            };
            // A directory's own time changes with what is left out.
            let time = if metadata.is_file() {
                (metadata.mtime(), metadata.mtime_nsec())
            } else {
                (0, 0)
            };
            let line = format!("\0{:o} {size} {}.{}\0", metadata.mode(), time.0, time.1);
            text.extend_from_slice(line.as_bytes());
            if let Some(link) = link {
                text.extend_from_slice(link.as_os_str().as_bytes());
            }
            text.push(b'\n');
        }
        sha256(text)
    }

    /// Writes it as an archive.
    ///
    /// # Errors
    /// `Unreadable` for a file that went away or may not be read, `Write`.
    pub fn write(&self, out: impl Write) -> Result<(), PackError> {
        let mut archive = tar::Builder::new(out);
        let mut opener = Opener::of(&self.root)?;
        for entry in &self.entries {
            let mut header = tar::Header::new_gnu();
            header.set_metadata(&entry.metadata);
            if let Some(target) = &entry.link {
                header.set_size(0);
                archive
                    .append_link(&mut header, &entry.path, target)
                    .map_err(PackError::Write)?;
            } else if entry.metadata.is_dir() {
                header.set_size(0);
                archive
                    .append_data(&mut header, &entry.path, io::empty())
                    .map_err(PackError::Write)?;
            } else {
                let file =
                    { opener.open(&entry.path) }.map_err(|source| PackError::Unreadable {
                        path: self.root.join(&entry.path),
                        source,
                    })?;
                // One that grows meanwhile is cut, one that shrinks is filled up: the archive
                // stays whole, and the next run sees that the file has changed.
                let size = entry.metadata.size();
                let content = io::Read::take(io::Read::chain(file, io::repeat(0)), size);
                archive
                    .append_data(&mut header, &entry.path, content)
                    .map_err(PackError::Write)?;
            }
        }
        archive.finish().map_err(PackError::Write)
    }
}

/// Opens the files of a source without following links: agents that run may put one in the place of
/// what was looked at, to be given what it leads to.
struct Opener {
    root: OwnedFd,
    /// The directory of the last file, below the root.
    last: PathBuf,
    directory: OwnedFd,
}

impl Opener {
    const DIRECTORY: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);

    fn of(path: &Path) -> Result<Self, PackError> {
        let open = || {
            let root = rustix::fs::open(path, Self::DIRECTORY, Mode::empty())?;
            Ok((root.try_clone()?, root))
        };
        let (root, directory) = open().map_err(|source| PackError::Unreadable {
            path: path.to_path_buf(),
            source,
        })?;
        let last = PathBuf::new();
        Ok(Self {
            root,
            last,
            directory,
        })
    }

    fn open(&mut self, path: &Path) -> io::Result<fs::File> {
        let above = path.parent().unwrap_or(Path::new(""));
        if above != self.last {
            self.directory = self.descend(above)?;
            self.last = above.to_path_buf();
        }
        let name = path.file_name().unwrap_or_default();
        // A pipe in its place would never be opened.
        let flags = OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        Ok(rustix::fs::openat(&self.directory, name, flags, Mode::empty())?.into())
    }

    fn descend(&self, path: &Path) -> io::Result<OwnedFd> {
        let mut directory = self.root.try_clone()?;
        for name in path {
            let flags = Self::DIRECTORY | OFlags::NOFOLLOW;
            directory = rustix::fs::openat(&directory, name, flags, Mode::empty())?;
        }
        Ok(directory)
    }
}

/// The target of a link at `path` (below the root), if it stays below the root.
fn inside(path: &Path, target: PathBuf) -> Result<PathBuf, PackError> {
    let mut depth = path.components().count() - 1;
    for part in target.components() {
        let stays = match part {
            Component::Normal(_) => {
                depth += 1;
                true
            }
            Component::CurDir => true,
            Component::ParentDir => {
                let stays = depth > 0;
                depth = depth.saturating_sub(1);
                stays
            }
            Component::RootDir | Component::Prefix(_) => false,
        };
        if !stays {
            return Err(PackError::Outside {
                link: path.to_path_buf(),
                target,
            });
        }
    }
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::io::Read;
    use std::os::unix::fs::symlink;

    fn names(root: &Path) -> Vec<String> {
        let mut archive = Vec::new();
        Source::open(root)
            .and_then(|source| source.write(&mut archive))
            .expect("packed");
        let mut archive = tar::Archive::new(archive.as_slice());
        let entries = archive.entries().expect("an archive");
        entries
            .map(|entry| {
                let mut entry = entry.expect("an entry");
                let mut text = String::new();
                entry.read_to_string(&mut text).expect("text");
                let path = entry.path().expect("a path").display().to_string();
                format!("{path}={text}")
            })
            .collect()
    }

    #[test]
    fn everything_but_what_is_made_inside_is_packed() {
        let root = tempfile::tempdir().expect("a directory");
        let files = BTreeMap::from([
            ("agent.py", "a"),
            ("sub/deep/file", "b"),
            (".git/config", "c"),
            ("sub/node_modules/x", "d"),
            (".venv/bin/python", "e"),
            (".env.example", "f"),
        ]);
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            fs::write(path, text).expect("a file");
        }
        symlink("sub/deep/file", root.path().join("link")).expect("a link");
        assert_eq!(
            names(root.path()),
            [
                ".env.example=f",
                "agent.py=a",
                "link=",
                "sub=",
                "sub/deep=",
                "sub/deep/file=b"
            ]
        );
    }

    #[test]
    fn a_link_that_leads_out_is_refused() {
        for target in ["/etc/passwd", "../x", "sub/../../x", "./../x"] {
            let root = tempfile::tempdir().expect("a directory");
            symlink(target, root.path().join("link")).expect("a link");
            let error = Source::open(root.path()).expect_err("outside");
            assert!(matches!(error, PackError::Outside { .. }), "{target}");
        }
        let root = tempfile::tempdir().expect("a directory");
        fs::create_dir(root.path().join("sub")).expect("a directory");
        symlink("../sub", root.path().join("sub/link")).expect("a link");
        assert!(Source::open(root.path()).is_ok());
    }

    #[test]
    fn what_becomes_a_link_after_the_look_is_not_followed() {
        let outside = tempfile::tempdir().expect("a directory");
        fs::create_dir(outside.path().join("sub")).expect("a directory");
        fs::write(outside.path().join("sub/key"), "private").expect("a file");
        for (path, target) in [("sub/key", "sub/key"), ("sub", "sub")] {
            let root = tempfile::tempdir().expect("a directory");
            fs::create_dir(root.path().join("sub")).expect("a directory");
            fs::write(root.path().join("sub/key"), "own").expect("a file");
            let source = Source::open(root.path()).expect("readable");
            fs::rename(root.path().join(path), root.path().join("away")).expect("renamed");
            symlink(outside.path().join(target), root.path().join(path)).expect("a link");
            let mut archive = Vec::new();
            let error = source.write(&mut archive).expect_err("a link");
            assert!(matches!(error, PackError::Unreadable { .. }), "{error}");
            assert!(!archive.windows(7).any(|window| window == b"private"));
        }
    }

    #[test]
    fn the_fingerprint_sees_every_change() {
        let root = tempfile::tempdir().expect("a directory");
        let now = || Source::open(root.path()).expect("readable").fingerprint();
        let mut seen = vec![now()];
        let file = root.path().join("file");
        let steps: [&dyn Fn(); 4] = [
            &|| fs::write(&file, "1").expect("a file"),
            &|| fs::write(&file, "22").expect("a file"),
            &|| fs::rename(&file, root.path().join("other")).expect("renamed"),
            &|| symlink("other", &file).expect("a link"),
        ];
        for step in steps {
            step();
            let fingerprint = now();
            assert!(!seen.contains(&fingerprint));
            seen.push(fingerprint);
        }
        fs::create_dir_all(root.path().join(".git/objects")).expect("a directory");
        assert_eq!(seen.last(), Some(&now()));
    }
}
