//! `dp guest unpack DIRECTORY UID GID FINGERPRINT`: makes a directory hold what an archive on standard input
//! holds, and nothing else but what installations made there.
//!
//! The directory is the account's, and agents of the account run meanwhile: so all below it is removed and
//! written with the rights of the account, and a link that an agent puts there leads nowhere else.

use rustix::fs::{Gid, Uid};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::{chown, lchown};
use std::path::Path;

/// What installations make; a source never brings it.
const KEPT: [&str; 2] = [".venv", "node_modules"];

/// Empties `directory` but for what installations made, and unpacks `archive` into it.
///
/// # Errors
/// What the system says, or an entry that would leave the directory.
pub fn run(archive: impl Read + Send, directory: &Path, uid: u32, gid: u32) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    // The directory itself, also by a path that stands for its descriptor.
    chown(directory, Some(uid), Some(gid))?;
    // Linux keeps identities by thread: whoever notes the success later is still root.
    std::thread::scope(|scope| {
        let filled = scope.spawn(|| {
            take_identity(uid, gid)?;
            fill(archive, directory, uid, gid)
        });
        let panicked = |_| Err(io::Error::other("the archive could not be unpacked"));
        filled.join().unwrap_or_else(panicked)
    })
}

/// Makes this thread the account's.
///
/// # Errors
/// The system's.
pub fn take_identity(uid: u32, gid: u32) -> io::Result<()> {
    if uid == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
    set_thread_groups(&[gid])?;
    set_thread_res_gid(gid, gid, gid)?;
    Ok(set_thread_res_uid(uid, uid, uid)?)
}

fn fill(archive: impl Read, directory: &Path, uid: u32, gid: u32) -> io::Result<()> {
    empty(directory)?;
    let mut archive = tar::Archive::new(io::BufReader::with_capacity(256 * 1024, archive));
    archive.set_overwrite(true);
    archive.set_preserve_permissions(true);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        if !entry.unpack_in(directory)? {
            let message = format!("the archive leaves its directory: {}", path.display());
            return Err(io::Error::other(message));
        }
        lchown(directory.join(path), Some(uid), Some(gid))?;
    }
    Ok(())
}

/// Removes everything but [`KEPT`] directories and what leads to them.
fn empty(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if KEPT.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            empty(&entry.path())?;
            // One that still holds something stays.
            let _kept = fs::remove_dir(entry.path());
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o640);
            let name = header.as_gnu_mut().expect("a GNU header");
            name.name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_cksum();
            builder.append(&header, text.as_bytes()).expect("memory");
        }
        builder.into_inner().expect("memory")
    }

    fn unpack(directory: &Path, files: &[(&str, &str)]) -> io::Result<()> {
        let (uid, gid) = (rustix::process::getuid(), rustix::process::getgid());
        run(
            archive(files).as_slice(),
            directory,
            uid.as_raw(),
            gid.as_raw(),
        )
    }

    #[test]
    fn the_directory_is_the_archive_and_what_was_installed() {
        let root = tempfile::tempdir().expect("a directory");
        let path = root.path().join("agent");
        unpack(&path, &[("old", "1"), ("sub/old", "1"), ("both", "1")]).expect("unpacked");
        fs::create_dir_all(path.join("sub/node_modules/x")).expect("a directory");
        fs::create_dir(path.join(".venv")).expect("a directory");
        unpack(&path, &[("both", "2"), ("new", "2")]).expect("unpacked");
        let has = |name: &str| path.join(name).exists();
        assert!(has(".venv") && has("sub/node_modules/x") && has("new"));
        assert!(!has("old") && !has("sub/old"));
        assert_eq!(fs::read_to_string(path.join("both")).expect("a file"), "2");
    }

    #[test]
    fn an_archive_that_leaves_its_directory_is_refused() {
        let root = tempfile::tempdir().expect("a directory");
        let refused = unpack(&root.path().join("agent"), &[("../outside", "1")]);
        assert!(refused.is_err());
        assert!(!root.path().join("outside").exists());
    }
}
