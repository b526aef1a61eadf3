//! `dp guest pack PATH`, `put DIRECTORY UID GID` and `is-directory PATH`: what a person copies out of a sandbox that
//! runs, and into it. The kernel follows the paths here as it does for every program inside, so no link
//! leads out of the sandbox.

use super::setup::unpack::take_identity;
use crate::files::{self, Directory, Naming, Owner, Owners, Pinned, Walked, unpack};
use rustix::fs::{Access, AtFlags};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

/// What is read and written at a time, in bytes.
const CHUNK: usize = 256 * 1024;
/// A mode that lets others than the owner write.
const WRITABLE: u32 = 0o022;

/// Writes what is at `path` as a tar archive, under its own name. A link is written as a link; where the path
/// ends in `/` or `/.`, what is in the directory is written.
///
/// # Errors
/// `NotFound`, and the system's others.
pub fn pack(path: &str, out: impl Write) -> io::Result<()> {
    let out = io::BufWriter::with_capacity(CHUNK, out);
    let mut archive = tar::Builder::new(out);
    if let Err(error) = fill(&mut archive, path) {
        // Dropped, it would end like a whole one.
        std::mem::forget(archive);
        return Err(error);
    }
    archive.into_inner()?.flush()
}

fn fill(archive: &mut tar::Builder<impl Write>, path: &str) -> io::Result<()> {
    let entry = Path::new(path);
    let is_content = path.ends_with('/') || path.ends_with("/.");
    match (entry.parent(), entry.components().next_back()) {
        (Some(above), Some(Component::Normal(own))) if !is_content => {
            let above = Directory::of(&Pinned::resolve(above)?)?;
            files::pack(archive, &above, own, Path::new(own), Owner::Kept)
        }
        _ => {
            let directory = Directory::of(&Pinned::resolve(entry)?)?;
            files::pack_all(archive, &directory, Path::new(""), Owner::Kept)
        }
    }
}

/// Unpacks a tar archive into a directory that is there, with the rights of the account: agents of the account
/// may exchange any directory of theirs for a link meanwhile. Where the account may not write, and nobody
/// but root can change the way, it is root who unpacks. What has the name of an entry is replaced.
///
/// # Errors
/// `NotFound`, `NotADirectory`, `PermissionDenied`, an archive that is none or would leave the directory, and the
/// system's others.
pub fn put(archive: impl Read + Send, path: &str, uid: u32, gid: u32) -> io::Result<()> {
    let walked = files::walk(Path::new(path))?;
    if !walked.end.is_directory() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    let archive = io::BufReader::with_capacity(CHUNK, archive);
    // Linux keeps identities by thread.
    let of_account = std::thread::scope(|scope| {
        let filled = scope.spawn(|| {
            take_identity(uid, gid)?;
            let directory = walked.end.open_directory()?;
            let access = Access::WRITE_OK | Access::EXEC_OK;
            if rustix::fs::accessat(&directory, ".", access, AtFlags::EACCESS).is_err() {
                return Ok(Some(archive));
            }
            let owners = if uid == 0 { Owners::Named } else { Owners::Own };
            unpack(archive, &walked.end, Naming::Own, owners)?;
            Ok(None)
        });
        let panicked = |_| Err(io::Error::other("the archive could not be unpacked"));
        filled.join().unwrap_or_else(panicked)
    });
    match of_account? {
        None => Ok(()),
        Some(archive) if is_roots(&walked) => {
            unpack(archive, &walked.end, Naming::Own, Owners::Named)
        }
        Some(_) => Err(io::ErrorKind::PermissionDenied.into()),
    }
}

/// Nobody but root can change what was found, or the way to it.
fn is_roots(walked: &Walked) -> bool {
    let places = walked.links.iter().map(PathBuf::as_path);
    let mut places = places.chain([walked.end.path()]).flat_map(Path::ancestors);
    places.all(|place| {
        let found = Pinned::at(place).and_then(|place| Ok(rustix::fs::fstat(place)?));
        found.is_ok_and(|found| found.st_uid == 0 && found.st_mode & WRITABLE == 0)
    })
}

/// Fails where there is no directory, links followed.
///
/// # Errors
/// `NotFound`, `NotADirectory`, and the system's others.
pub fn expect_directory(path: &str) -> io::Result<()> {
    if Pinned::resolve(Path::new(path))?.is_directory() {
        return Ok(());
    }
    Err(io::ErrorKind::NotADirectory.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn packed(path: &Path) -> io::Result<Vec<u8>> {
        let mut archive = Vec::new();
        pack(&path.to_string_lossy(), &mut archive)?;
        Ok(archive)
    }

    fn put_own(archive: &[u8], path: &str) -> io::Result<()> {
        let (user, group) = (rustix::process::getuid(), rustix::process::getgid());
        put(archive, path, user.as_raw(), group.as_raw())
    }

    fn names(archive: &[u8]) -> Vec<String> {
        let mut archive = tar::Archive::new(archive);
        let entries = archive.entries().expect("an archive");
        let name = |entry: io::Result<tar::Entry<'_, _>>| {
            let entry = entry.expect("an entry");
            entry.path().expect("a path").display().to_string()
        };
        entries.map(name).collect()
    }

    #[test]
    fn what_is_packed_is_put_elsewhere() {
        let root = tempfile::tempdir().expect("a directory");
        let at = |name: &str| root.path().join(name);
        fs::create_dir_all(at("d/e")).expect("a directory");
        fs::write(at("d/e/file"), "text").expect("a file");
        symlink("e/file", at("d/link")).expect("a link");
        symlink("d", at("way")).expect("a link");
        let table: [(&str, &[&str]); 6] = [
            ("d/e/file", &["file"]),
            ("way/e/file", &["file"]),
            ("way", &["way"]),
            ("d", &["d", "d/e", "d/e/file", "d/link"]),
            ("d/.", &["e", "e/file", "link"]),
            ("way/", &["e", "e/file", "link"]),
        ];
        for (path, expected) in table {
            assert_eq!(
                names(&packed(&at(path)).expect("packed")),
                expected,
                "{path}"
            );
        }
        fs::create_dir(at("to")).expect("a directory");
        symlink("to", at("through")).expect("a link");
        let archive = packed(&at("d")).expect("packed");
        put_own(archive.as_slice(), &at("through").to_string_lossy()).expect("unpacked");
        assert_eq!(fs::read_to_string(at("to/d/link")).expect("a file"), "text");
    }

    #[test]
    fn what_is_not_there_is_told_apart_and_looks_like_no_archive() {
        let root = tempfile::tempdir().expect("a directory");
        fs::write(root.path().join("file"), "").expect("a file");
        let at = |name: &str| root.path().join(name).to_string_lossy().into_owned();
        for path in ["no", "no/such", "file/x"] {
            let mut archive = Vec::new();
            let error = pack(&at(path), &mut archive).expect_err("nothing is there");
            let kind = error.kind();
            assert!(
                matches!(kind, io::ErrorKind::NotFound | io::ErrorKind::NotADirectory),
                "{path}: {error}"
            );
            assert!(archive.is_empty());
        }
        for path in ["no", "file"] {
            assert!(expect_directory(&at(path)).is_err());
            assert!(put_own(&[0; 1024], &at(path)).is_err(), "{path}");
        }
        assert!(put_own(b"no archive at all", &at("")).is_err());
    }
}
