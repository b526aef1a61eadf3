//! The common git directory of a linked worktree, as it is inside: a directory of the sandbox's own
//! in which links lead to a read-only view of the real one.
//!
//! Git takes the lock `packed-refs.lock` for everything that it deletes, a reference of the worktree
//! alone included. It puts the lock beside the file that `packed-refs` is a link to, after at most
//! five links. The sixth one here lies in a directory that everybody may write, and leads to the
//! view: so the lock can be taken, and what is read is the real file. Nobody can write the file
//! anew, since the name that git would write under is taken by a mount: a copy of the sandbox's own
//! would hide from then on what git on the host writes.

use crate::files;
use crate::guest::{GIT_LOCKS, GIT_VIEW};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// Files of the real directory that are read.
const READ: [&str; 4] = ["HEAD", "config", "config.worktree", "shallow"];
/// One link more than git follows to find the place of a lock.
const DEPTH: usize = 6;

/// Makes the directory at `common` usable; it is there, since things are mounted in it.
///
/// # Errors
/// The system's, and where the directory is not the sandbox's own: nothing is written then.
pub fn set_up(common: &Path) -> io::Result<()> {
    let own = own_directory(common)?;
    let locks = own_directory(&common.join(GIT_LOCKS))?;
    rustix::fs::chmodat(
        &locks,
        ".",
        Mode::RWXU | Mode::RWXG | Mode::RWXO | Mode::SVTX,
        rustix::fs::AtFlags::empty(),
    )?;
    for name in READ {
        link(&own, name, &Path::new(GIT_VIEW).join(name))?;
    }
    let place = |step: usize| match step {
        DEPTH => "packed-refs".to_string(),
        step => format!("packed-refs.{step}"),
    };
    link(&own, "packed-refs", &Path::new(GIT_LOCKS).join(place(2)))?;
    for step in 2..DEPTH {
        link(&locks, &place(step), &PathBuf::from(place(step + 1)))?;
    }
    link(
        &locks,
        &place(DEPTH),
        &Path::new(GIT_VIEW).join("packed-refs"),
    )
}

/// A directory that no mount brought in, and no link leads to.
fn own_directory(path: &Path) -> io::Result<OwnedFd> {
    let opened = files::open_absolute(path, OFlags::RDONLY | OFlags::DIRECTORY)?;
    let root = rustix::fs::stat("/")?;
    if rustix::fs::fstat(&opened)?.st_dev != root.st_dev {
        return Err(io::Error::other("it is not the sandbox's own"));
    }
    Ok(opened)
}

fn link(directory: &OwnedFd, name: &str, target: &Path) -> io::Result<()> {
    match rustix::fs::symlinkat(target, directory, name) {
        // From the last start.
        Err(Errno::EXIST) => Ok(()),
        made => Ok(made?),
    }
}
