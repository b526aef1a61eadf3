//! A tar archive unpacked below a descriptor.

use super::entries::each_entry;
use super::pinned::Pinned;
use super::place::{Place, Traits};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

/// How the entries of an archive are called.
#[derive(Debug, Clone, Copy)]
pub enum Naming<'a> {
    /// As they are.
    Own,
    /// The first part of every path is this instead.
    First(&'a OsStr),
    /// All are below this directory, which is made.
    Below(&'a OsStr),
}

/// Whose the unpacked entries are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owners {
    /// Those of whoever unpacks.
    Own,
    /// Those that the archive names.
    Named,
}

impl Owners {
    fn of(self, header: &tar::Header) -> io::Result<Option<(u32, u32)>> {
        if self == Self::Own {
            return Ok(None);
        }
        let number = |number: u64| u32::try_from(number).map_err(io::Error::other);
        Ok(Some((number(header.uid()?)?, number(header.gid()?)?)))
    }
}

/// Unpacks below `directory`, and through no link. Whoever made the archive is not trusted: only directories,
/// files and links are taken, without the bits that make a program run as its owner, and hard links lead
/// only to files of the same archive.
///
/// # Errors
/// An archive that is none or leaves the directory, and the system's.
pub fn unpack(
    pieces: impl Read,
    directory: &Pinned,
    naming: Naming<'_>,
    owners: Owners,
) -> io::Result<()> {
    let root = Place::of(directory)?;
    if let Naming::Below(name) = naming {
        root.directory(Path::new(name))?;
    }
    let mut made = BTreeSet::new();
    let mut directories = Vec::new();
    each_entry(pieces, |entry| {
        let path = inside(&entry.path()?, naming)?;
        let kind = entry.header().entry_type();
        let mode = entry.header().mode()?;
        let owner = owners.of(entry.header())?;
        if path.as_os_str().is_empty() {
            // The directory itself, which the person has made.
            return Ok(());
        }
        if kind.is_dir() {
            root.directory_of(&path, owner)?;
            directories.push((path, mode));
            return Ok(());
        }
        let (Some(above), Some(own)) = (path.parent(), path.file_name().map(Path::new)) else {
            return Ok(());
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
            _ if is_file(kind) => {
                let modified = i64::try_from(entry.header().mtime()?).unwrap_or(0);
                let size = entry.size();
                let traits = Traits {
                    mode,
                    modified,
                    owner,
                };
                above.file(own, entry, size, traits)?;
            }
            // Devices, pipes and the like mean nothing here.
            _ => return Ok(()),
        }
        made.insert(path);
        Ok(())
    })?;
    // Last, as a directory may be one that nothing can be made in.
    for (path, mode) in directories.iter().rev() {
        root.directory(path)?.set_permissions(*mode)?;
    }
    Ok(())
}

/// Writes the same archive with these names: what could not be unpacked is left out.
///
/// # Errors
/// As [`unpack`], without a directory.
pub fn rename(pieces: impl Read, naming: Naming<'_>, out: impl Write) -> io::Result<()> {
    let mut archive = tar::Builder::new(out);
    let renamed = each_entry(pieces, |entry| {
        let path = inside(&entry.path()?, naming)?;
        let found = entry.header();
        let kind = found.entry_type();
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(found.mode()? & 0o7777);
        header.set_mtime(found.mtime()?);
        header.set_uid(found.uid()?);
        header.set_gid(found.gid()?);
        header.set_size(0);
        let target = entry.link_name()?.map(std::borrow::Cow::into_owned);
        match (kind, target) {
            _ if path.as_os_str().is_empty() => Ok(()),
            _ if kind.is_dir() => archive.append_data(&mut header, path, io::empty()),
            (tar::EntryType::Symlink, Some(target)) => {
                archive.append_link(&mut header, path, target)
            }
            (tar::EntryType::Link, Some(target)) => {
                archive.append_link(&mut header, path, inside(&target, naming)?)
            }
            _ if is_file(kind) => {
                header.set_entry_type(tar::EntryType::Regular);
                header.set_size(entry.size());
                archive.append_data(&mut header, path, entry)
            }
            _ => Ok(()),
        }
    });
    if let Err(error) = renamed {
        // Dropped, it would end like a whole one.
        std::mem::forget(archive);
        return Err(error);
    }
    archive.into_inner()?.flush()
}

fn is_file(kind: tar::EntryType) -> bool {
    kind.is_file() || kind == tar::EntryType::Continuous || kind.is_gnu_sparse()
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
            unpack(archive(entries).as_slice(), &pinned, naming, Owners::Own)
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
