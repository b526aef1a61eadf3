//! A file or directory as a tar archive, read through descriptors: of each entry the archive holds what
//! was looked at, whatever stands there later.

use super::directory::{Directory, Look};
use rustix::fs::FileType;
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::path::Path;

/// Whose the entries of an archive are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Whose they are where they lie.
    Kept,
    /// All are one user's.
    Is {
        /// The user's number.
        uid: u32,
        /// The group's number.
        gid: u32,
    },
}

/// Adds the entry `own` of the directory `above` to an archive, under `name`, with all that is below it.
/// Links are added as links; sockets, pipes and devices are left out.
///
/// # Errors
/// What cannot be read, or written.
pub fn pack(
    archive: &mut tar::Builder<impl Write>,
    above: &Directory,
    own: &OsStr,
    name: &Path,
    owner: Owner,
) -> io::Result<()> {
    let look = above.look(own)?;
    let mut header = header(&look, owner);
    if let Some(target) = &look.link {
        return archive.append_link(&mut header, name, target);
    }
    match look.kind() {
        FileType::Directory => {
            let directory = above.enter(own)?;
            archive.append_data(&mut header, name, io::empty())?;
            pack_all(archive, &directory, name, owner)
        }
        FileType::RegularFile => {
            let file = above.open(own)?;
            let size = file.metadata()?.len();
            header.set_size(size);
            // A file that grows while it is read must not run over its place, and one that shrinks
            // must fill it.
            let content = file.chain(io::repeat(0)).take(size);
            archive.append_data(&mut header, name, content)
        }
        // They mean nothing elsewhere.
        _ => Ok(()),
    }
}

/// Adds all that is in a directory, below `name`.
///
/// # Errors
/// As [`pack`].
pub fn pack_all(
    archive: &mut tar::Builder<impl Write>,
    directory: &Directory,
    name: &Path,
    owner: Owner,
) -> io::Result<()> {
    for entry in directory.names()? {
        pack(archive, directory, &entry, &name.join(&entry), owner)?;
    }
    Ok(())
}

fn header(look: &Look, owner: Owner) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(match look.kind() {
        FileType::Directory => tar::EntryType::Directory,
        FileType::Symlink => tar::EntryType::Symlink,
        _ => tar::EntryType::Regular,
    });
    let (uid, gid) = match owner {
        Owner::Kept => (look.stat.st_uid, look.stat.st_gid),
        Owner::Is { uid, gid } => (uid, gid),
    };
    header.set_mode(look.stat.st_mode & 0o7777);
    header.set_mtime(u64::try_from(look.stat.st_mtime).unwrap_or(0));
    header.set_uid(uid.into());
    header.set_gid(gid.into());
    header.set_size(0);
    header
}
