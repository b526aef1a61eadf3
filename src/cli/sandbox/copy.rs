//! What a copy reads and writes of this machine. An agent may change the same directories at the
//! same time: what is read is what was looked at, and what is written goes nowhere else.

use super::super::{Error, Result};
use crate::engine::Engine;
use crate::files::{self, Directory, Pinned, Place, Walked};
use crate::sandbox::Existing;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// What is to be copied into a sandbox.
pub(super) struct Original {
    /// The directory that it is in.
    pub(super) above: Directory,
    /// Its name in the directory above it.
    pub(super) name: OsString,
}

impl Original {
    /// Finds what a person has typed. A link is copied as a link.
    pub(super) fn open(written: &Written, path: &Path) -> Result<Self> {
        let missing = |error: io::Error| {
            let message = format!("`{}` cannot be read", path.display());
            Error::not_found("no-file", message).cause(error)
        };
        let (above, name) = match (path.parent(), path.file_name()) {
            (Some(above), Some(name)) if !ends_in_dot(path) => {
                let above = if above.as_os_str().is_empty() {
                    Path::new(".")
                } else {
                    above
                };
                (written.typed(above)?, name.to_os_string())
            }
            // `.`, `..` and `/` have their name elsewhere.
            _ => {
                let found = written.typed(path)?;
                let above = found.path().parent().unwrap_or(Path::new("/"));
                let name = found.path().file_name().unwrap_or(OsStr::new("."));
                (Pinned::at(above).map_err(missing)?, name.to_os_string())
            }
        };
        let above = Directory::of(&above).map_err(missing)?;
        above.look(&name).map_err(missing)?;
        Ok(Self { above, name })
    }
}

/// `a/.` is not the entry `a`, but what it leads to.
fn ends_in_dot(path: &Path) -> bool {
    let bytes = path.as_os_str().as_encoded_bytes();
    bytes.ends_with(b"/.") || bytes == b"." || bytes.ends_with(b"..")
}

/// Where agents can write on this machine, those of every sandbox: whichever made a link, the person
/// did not type where it leads to.
pub(super) struct Written(Vec<PathBuf>);

impl Written {
    pub(super) async fn of(engine: &Engine) -> Result<Self> {
        let all = Existing::all(engine).await?;
        let places = all.iter().flat_map(Existing::written);
        Ok(Self(places.map(Path::to_path_buf).collect()))
    }

    /// What a person has typed. A link that lies where agents can write may not lead out of there.
    pub(super) fn typed(&self, path: &Path) -> Result<Pinned> {
        let walked = files::walk(path).map_err(|error| {
            let message = format!("`{}` cannot be read", path.display());
            Error::not_found("no-file", message).cause(error)
        })?;
        self.check(path, &walked)?;
        Ok(walked.end)
    }

    /// The directory that a person has typed, if it is one.
    pub(super) fn typed_directory(&self, path: &Path) -> Result<Option<Pinned>> {
        match files::walk(path) {
            Ok(walked) if walked.end.is_directory() => {
                self.check(path, &walked)?;
                Ok(Some(walked.end))
            }
            _ => Ok(None),
        }
    }

    fn check(&self, path: &Path, walked: &Walked) -> Result<()> {
        let end = walked.end.path();
        let leads_out = |place: &&PathBuf| {
            walked.links.iter().any(|link| link.starts_with(place)) && !end.starts_with(place)
        };
        let Some(place) = self.0.iter().find(leads_out) else {
            return Ok(());
        };
        let message = format!("`{}` leads out of `{}`", path.display(), place.display());
        Err(Error::refused("leads-out", message)
            .cause(format!("a link leads to `{}`", end.display()))
            .hint("an agent may have made the link; type the path that it leads to"))
    }
}

/// How the entries of an archive are called.
#[derive(Debug, Clone, Copy)]
pub(super) enum Naming<'a> {
    /// As they are.
    Own,
    /// The first part of every path is this instead.
    First(&'a OsStr),
    /// All are below this directory, which is made.
    Below(&'a OsStr),
}

/// Unpacks below `directory`. The archive comes from a sandbox: only directories, files and links are taken, without the
/// bits that make a program run as its owner, and hard links lead only to files of the same archive.
pub(super) fn unpack(pieces: impl Read, directory: &Pinned, naming: Naming<'_>) -> io::Result<()> {
    let root = Place::of(directory)?;
    if let Naming::Below(name) = naming {
        root.directory(Path::new(name))?;
    }
    let mut archive = tar::Archive::new(pieces);
    let mut made = BTreeSet::new();
    let mut directories = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = inside(&entry.path()?, naming)?;
        let kind = entry.header().entry_type();
        let mode = entry.header().mode()?;
        if path.as_os_str().is_empty() {
            // The directory itself, which the person has made.
            continue;
        }
        if kind.is_dir() {
            root.directory(&path)?;
            directories.push((path, mode));
            continue;
        }
        let (Some(above), Some(own)) = (path.parent(), path.file_name().map(Path::new)) else {
            continue;
        };
        let above = root.directory(above)?;
        let target = entry.link_name()?.map(std::borrow::Cow::into_owned);
        match (kind, target) {
            (tar::EntryType::Symlink, Some(target)) => above.link(own, &target)?,
            (tar::EntryType::Link, Some(target)) => {
                let target = inside(&target, naming)?;
                if !made.contains(&target) {
                    return Err(io::Error::other("a hard link leads out of the copy"));
                }
                above.hard_link(own, &root, &target)?;
            }
            _ if kind.is_file() || kind == tar::EntryType::Continuous || kind.is_gnu_sparse() => {
                let modified = i64::try_from(entry.header().mtime()?).unwrap_or(0);
                let size = entry.size();
                above.file(own, &mut entry, size, mode, modified)?;
            }
            // Devices, pipes and the like mean nothing here.
            _ => continue,
        }
        made.insert(path);
    }
    // Last, as a directory may be one that nothing can be made in.
    for (path, mode) in directories.iter().rev() {
        root.directory(path)?.set_permissions(*mode)?;
    }
    Ok(())
}

/// A path of an archive, below the directory.
fn inside(path: &Path, naming: Naming<'_>) -> io::Result<PathBuf> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => parts.push(part),
            Component::CurDir | Component::RootDir => {}
            _ => return Err(io::Error::other("a path leads out of the copy")),
        }
    }
    match naming {
        Naming::Below(name) if !parts.is_empty() => parts.insert(0, name),
        Naming::First(name) => parts.iter_mut().take(1).for_each(|first| *first = name),
        _ => {}
    }
    Ok(parts.iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn archive(entries: &[(&str, tar::EntryType, &str)]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, kind, text) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(*kind);
            header.set_mode(0o6777);
            header.set_size(0);
            // As an attacker writes it, not as the library allows it.
            let bytes = path.as_bytes();
            header.as_old_mut().name[..bytes.len()].copy_from_slice(bytes);
            if matches!(kind, tar::EntryType::Link | tar::EntryType::Symlink) {
                header.set_link_name_literal(text).expect("short");
                header.set_cksum();
                archive.append(&header, io::empty()).expect("written");
            } else {
                header.set_size(text.len() as u64);
                header.set_cksum();
                archive.append(&header, text.as_bytes()).expect("written");
            }
        }
        archive.into_inner().expect("written")
    }

    #[test]
    fn an_archive_is_unpacked_and_nothing_of_it_lies_elsewhere() {
        use tar::EntryType::{Char, Directory, Fifo, Link, Regular, Symlink};
        let outside = tempfile::tempdir().expect("a directory");
        fs::write(outside.path().join("key"), "private").expect("a file");
        let root = tempfile::tempdir().expect("a directory");
        symlink(outside.path(), root.path().join("planted")).expect("a link");
        symlink(outside.path().join("key"), root.path().join("file")).expect("a link");
        let pinned = Pinned::resolve(root.path()).expect("a directory");
        let go = |entries: &[(&str, tar::EntryType, &str)], naming| {
            unpack(archive(entries).as_slice(), &pinned, naming)
        };
        let good = [
            ("d", Directory, ""),
            ("d/file", Regular, "own"),
            ("d/hard", Link, "d/file"),
            ("d/soft", Symlink, "/etc/passwd"),
            ("d/device", Char, ""),
            ("d/pipe", Fifo, ""),
        ];
        go(&good, Naming::Own).expect("unpacked");
        go(&good, Naming::First(OsStr::new("new"))).expect("unpacked");
        go(&good, Naming::Below(OsStr::new("below"))).expect("unpacked");
        for name in ["d", "new", "below/d"] {
            let at = root.path().join(name);
            let names: Vec<_> = fs::read_dir(&at).expect("a directory").flatten().collect();
            assert_eq!(names.len(), 3, "{names:?}");
            assert_eq!(fs::read_to_string(at.join("hard")).expect("a file"), "own");
            for path in [at.join("file"), at] {
                let mode = fs::metadata(path).expect("there").permissions().mode();
                assert_eq!(mode & 0o7777, 0o777, "nothing runs as its owner");
            }
        }
        go(&[("file", Regular, "own")], Naming::Own).expect("replaced");
        let bad: [&[(&str, tar::EntryType, &str)]; 5] = [
            &[("planted/x", Regular, "x")],
            &[("../x", Regular, "x")],
            &[("l", Symlink, ".."), ("l/x", Regular, "x")],
            &[("h", Link, "planted/key")],
            &[("h", Link, "../key")],
        ];
        for entries in bad {
            assert!(go(entries, Naming::Own).is_err(), "{entries:?}");
        }
        let key = fs::read_to_string(outside.path().join("key"));
        assert_eq!(key.expect("a file"), "private");
        assert_eq!(
            fs::read_dir(outside.path()).expect("a directory").count(),
            1
        );
    }
}
