//! A local template as an archive: the directory as it is, uncommitted work included, without what
//! is made anew inside. Nothing that leads out of the directory goes in.

use crate::digest::sha256;
use crate::files::{Directory, Look, Pinned, open_file_beneath};
use crate::values::Memory;
use crate::values::text::short_path;
use rustix::fs::FileType;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// What is made anew inside, or belongs to the host alone.
const LEFT_OUT: [&str; 3] = [".git", "node_modules", ".venv"];

/// What all files of a template may have together: they are copied into the sandbox.
const LARGEST: Memory = Memory::bytes(64 << 30);

/// Why a directory cannot be a template's source.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A link leads out of it.
    #[error(
        "`{}` leads out of the template, to `{}`",
        short_path(link),
        short_path(target)
    )]
    Outside {
        /// The link, below the directory.
        link: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// Something cannot be read.
    #[error("cannot read `{}`", short_path(path))]
    Unreadable {
        /// On the host.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// There is more of it than a template has. A sparse file has its whole size.
    #[error(
        "the template has more than {}: `{}` has {size}",
        LARGEST,
        short_path(path)
    )]
    TooLarge {
        /// The file that is too much.
        path: PathBuf,
        /// Its size.
        size: Memory,
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
    look: Look,
}

/// A source that was looked through.
#[derive(Debug)]
pub struct Source {
    root: Pinned,
    /// Parents before what they hold, names in order.
    entries: Vec<Entry>,
    /// The sizes of all files.
    size: u64,
}

impl Source {
    /// Looks a directory through.
    ///
    /// # Errors
    /// `Outside` for a link that leads out, `Unreadable`.
    pub fn open(root: &Pinned) -> Result<Self, PackError> {
        let mut source = Self {
            root: root.clone(),
            entries: Vec::new(),
            size: 0,
        };
        let directory = Directory::of(root).map_err(source.unreadable(Path::new("")))?;
        source.add_directory(&directory, Path::new(""))?;
        Ok(source)
    }

    fn unreadable(&self, below: &Path) -> impl Fn(io::Error) -> PackError + use<> {
        let path = self.root.path().join(below);
        move |source| PackError::Unreadable {
            path: path.clone(),
            source,
        }
    }

    fn add_directory(&mut self, directory: &Directory, below: &Path) -> Result<(), PackError> {
        for name in directory.names().map_err(self.unreadable(below))? {
            if LEFT_OUT.iter().any(|left_out| name == *left_out) {
                continue;
            }
            let path = below.join(&name);
            let look = directory.look(&name).map_err(self.unreadable(&path))?;
            if let Some(target) = &look.link {
                inside(&path, target)?;
            }
            let kind = look.kind();
            if kind == FileType::RegularFile {
                self.size = self.size.saturating_add(look.size());
                if Memory::bytes(self.size) > LARGEST {
                    let size = Memory::bytes(look.size());
                    return Err(PackError::TooLarge { path, size });
                }
            }
            let is_directory = kind == FileType::Directory;
            if is_directory || matches!(kind, FileType::RegularFile | FileType::Symlink) {
                // Sockets, pipes and devices are nothing that a copy could be.
                self.entries.push(Entry {
                    path: path.clone(),
                    look,
                });
            }
            if is_directory {
                let entered = directory.enter(&name).map_err(self.unreadable(&path))?;
                self.add_directory(&entered, &path)?;
            }
        }
        Ok(())
    }

    /// A hash that changes when anything of it does: names, kinds, modes, sizes and times.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut text = Vec::new();
        for Entry { path, look } in &self.entries {
            text.extend_from_slice(path.as_os_str().as_bytes());
            // A directory's own size and time change with what is left out.
            let (size, seconds, nanoseconds) = if look.kind() == FileType::RegularFile {
                (look.size(), look.stat.st_mtime, look.stat.st_mtime_nsec)
            } else {
                (0, 0, 0)
            };
            let mode = look.stat.st_mode;
            let line = format!("\0{mode:o} {size} {seconds}.{nanoseconds}\0");
            text.extend_from_slice(line.as_bytes());
            if let Some(link) = &look.link {
                text.extend_from_slice(link.as_os_str().as_bytes());
            }
            text.push(b'\n');
        }
        sha256(text)
    }

    /// Writes it as an archive. Agents that run may put a link in the place of what was looked at:
    /// files are opened below the directory that was pinned, without following any.
    ///
    /// # Errors
    /// `Unreadable` for a file that went away or may not be read, `Write`.
    pub fn write(&self, out: impl Write) -> Result<(), PackError> {
        let mut archive = tar::Builder::new(out);
        for Entry { path, look } in &self.entries {
            let mut header = header(look);
            let added = match (&look.link, look.kind()) {
                (Some(target), _) => archive.append_link(&mut header, path, target),
                (None, FileType::Directory) => archive.append_data(&mut header, path, io::empty()),
                (None, _) => {
                    let file = open_file_beneath(self.root.as_fd(), path);
                    let file = file.map_err(|error| self.unreadable(path)(error.into()))?;
                    // One that grows meanwhile is cut, one that shrinks is filled up: the archive
                    // stays whole, and the next run sees that the file has changed.
                    header.set_size(look.size());
                    let content = io::Read::chain(file, io::repeat(0));
                    archive.append_data(&mut header, path, io::Read::take(content, look.size()))
                }
            };
            added.map_err(PackError::Write)?;
        }
        archive.finish().map_err(PackError::Write)
    }
}

fn header(look: &Look) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(match look.kind() {
        FileType::Directory => tar::EntryType::Directory,
        FileType::Symlink => tar::EntryType::Symlink,
        _ => tar::EntryType::Regular,
    });
    header.set_mode(look.stat.st_mode & 0o7777);
    header.set_mtime(u64::try_from(look.stat.st_mtime).unwrap_or(0));
    header.set_uid(look.stat.st_uid.into());
    header.set_gid(look.stat.st_gid.into());
    header.set_size(0);
    header
}

/// Refuses a link at `path` (below the root) whose target is not below the root.
pub(super) fn inside(path: &Path, target: &Path) -> Result<(), PackError> {
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
                target: target.to_path_buf(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::fs;
    use std::io::Read;
    use std::os::unix::fs::symlink;

    fn opened(root: &Path) -> Result<Source, PackError> {
        Source::open(&Pinned::resolve(root).expect("a directory"))
    }

    fn names(root: &Path) -> Vec<String> {
        let mut archive = Vec::new();
        opened(root)
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
    fn a_file_that_is_larger_than_a_template_is_refused() {
        let root = tempfile::tempdir().expect("a directory");
        let file = fs::File::create(root.path().join("sparse")).expect("a file");
        file.set_len(64 << 30).expect("a hole");
        assert!(opened(root.path()).is_ok());
        fs::write(root.path().join("straw"), "x").expect("a file");
        let error = opened(root.path()).expect_err("too large");
        assert!(matches!(error, PackError::TooLarge { .. }), "{error}");
    }

    #[test]
    fn a_link_that_leads_out_is_refused() {
        for target in ["/etc/passwd", "../x", "sub/../../x", "./../x"] {
            let root = tempfile::tempdir().expect("a directory");
            symlink(target, root.path().join("link")).expect("a link");
            let error = opened(root.path()).expect_err("outside");
            assert!(matches!(error, PackError::Outside { .. }), "{target}");
        }
        let root = tempfile::tempdir().expect("a directory");
        fs::create_dir(root.path().join("sub")).expect("a directory");
        symlink("../sub", root.path().join("sub/link")).expect("a link");
        assert!(opened(root.path()).is_ok());
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
            let source = opened(root.path()).expect("readable");
            fs::rename(root.path().join(path), root.path().join("away")).expect("renamed");
            symlink(outside.path().join(target), root.path().join(path)).expect("a link");
            let mut archive = Vec::new();
            let error = source.write(&mut archive).expect_err("a link");
            assert!(matches!(error, PackError::Unreadable { .. }), "{error}");
            assert!(!archive.windows(7).any(|window| window == b"private"));
        }
    }

    #[test]
    fn the_directory_that_was_pinned_is_packed_whatever_takes_its_place() {
        let outside = tempfile::tempdir().expect("a directory");
        fs::write(outside.path().join("key"), "private").expect("a file");
        let root = tempfile::tempdir().expect("a directory");
        let template = root.path().join("x");
        fs::create_dir(&template).expect("a directory");
        fs::write(template.join("key"), "own").expect("a file");
        let pinned = Pinned::resolve(&template).expect("a directory");
        fs::rename(&template, root.path().join("away")).expect("renamed");
        symlink(outside.path(), &template).expect("a link");
        let mut archive = Vec::new();
        let source = Source::open(&pinned).expect("readable");
        source.write(&mut archive).expect("packed");
        let holds = |text: &[u8]| archive.windows(text.len()).any(|window| window == text);
        assert!(holds(b"own") && !holds(b"private"));
    }

    #[test]
    fn the_fingerprint_sees_every_change() {
        let root = tempfile::tempdir().expect("a directory");
        let now = || opened(root.path()).expect("readable").fingerprint();
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
