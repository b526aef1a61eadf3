//! Sockets with a name in a file system, made and reached through descriptors: no link leads PID 1 to
//! the socket of somebody else, or has it change the mode of another file.

use super::{beneath, proc};
use crate::files;
use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, Uid};
use std::ffi::OsStr;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::Path;
use tokio::net::{UnixListener, UnixStream};

/// Listens at a name of a directory, whatever stood there. The socket gets a mode, and an owner
/// (user, group) where it is not to be PID 1's.
///
/// # Errors
/// The system's; `ReadOnlyFilesystem` where a mount stands there.
pub fn listen(
    directory: BorrowedFd<'_>,
    name: &OsStr,
    mode: u32,
    owner: Option<(u32, u32)>,
) -> io::Result<UnixListener> {
    beneath::remove(directory, name)?;
    // A name that is taken again, by a link as well, is an error and not followed.
    let listener = UnixListener::bind(proc::path_of(directory).join(name))?;
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let made = rustix::fs::openat(directory, name, flags, Mode::empty())?;
    expect_socket(&made)?;
    beneath::set_mode(&made, mode)?;
    if let Some((uid, gid)) = owner {
        let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
        rustix::fs::chownat(&made, "", Some(uid), Some(gid), AtFlags::EMPTY_PATH)?;
    }
    Ok(listener)
}

/// Connects to the socket at an absolute path, when no link is on the way, and when both the socket
/// and whoever listens on it are of the user `owner`.
///
/// # Errors
/// The system's; `PermissionDenied` for a socket of somebody else.
pub async fn connect(path: &Path, owner: u32) -> io::Result<UnixStream> {
    let held = files::open_absolute(path, OFlags::PATH)?;
    expect_socket(&held)?;
    expect_owner(path, owner, rustix::fs::fstat(&held)?.st_uid)?;
    let stream = UnixStream::connect(proc::path_of(&held)).await?;
    expect_owner(path, owner, stream.peer_cred()?.uid())?;
    Ok(stream)
}

fn expect_socket(held: &OwnedFd) -> io::Result<()> {
    let mode = rustix::fs::fstat(held)?.st_mode;
    if FileType::from_raw_mode(mode) == FileType::Socket {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        "is not a socket",
    ))
}

fn expect_owner(path: &Path, expected: u32, found: u32) -> io::Result<()> {
    if expected == found {
        return Ok(());
    }
    let path = path.display();
    Err(io::Error::new(
        io::ErrorKind::PermissionDenied,
        format!("the socket `{path}` belongs to the user {found}, not to {expected}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::os::fd::AsFd;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::PathBuf;

    fn scene() -> (tempfile::TempDir, PathBuf, File) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = fs::canonicalize(directory.path()).expect("a path");
        let opened = File::open(&path).expect("a directory");
        (directory, path, opened)
    }

    #[tokio::test]
    async fn whatever_stood_there_is_replaced_and_no_link_is_followed() {
        let (_kept, path, opened) = scene();
        let name = OsStr::new("s");
        let at = path.join(name);
        let (uid, gid) = (rustix::process::getuid(), rustix::process::getgid());
        let owner = (uid.as_raw(), gid.as_raw());
        fs::write(path.join("own"), "own").expect("a file");
        let before = fs::metadata(path.join("own"))
            .expect("a file")
            .permissions();
        let puts: [&dyn Fn(); 4] = [
            &|| symlink("own", &at).expect("a link"),
            &|| fs::create_dir_all(at.join("deep/er")).expect("a directory"),
            &|| fs::write(&at, "").expect("a file"),
            &|| {},
        ];
        for put in puts {
            put();
            let _listener = listen(opened.as_fd(), name, 0o640, Some(owner)).expect("a socket");
            let mode = fs::symlink_metadata(&at).expect("a socket").permissions();
            assert_eq!(mode.mode() & 0o777, 0o640);
            connect(&at, owner.0).await.expect("it listens");
            fs::remove_file(&at).expect("a socket");
        }
        let after = fs::metadata(path.join("own"))
            .expect("a file")
            .permissions();
        assert_eq!(after, before);
    }

    #[tokio::test]
    async fn no_link_leads_to_a_socket_and_none_of_somebody_else_is_taken() {
        let (_kept, path, opened) = scene();
        let own = rustix::process::getuid().as_raw();
        fs::create_dir(path.join("d")).expect("a directory");
        let d = File::open(path.join("d")).expect("a directory");
        let _listener = listen(d.as_fd(), OsStr::new("s"), 0o600, None).expect("a socket");
        connect(&path.join("d/s"), own).await.expect("it is ours");
        symlink("d/s", path.join("link")).expect("a link");
        symlink("d", path.join("way")).expect("a link");
        fs::write(path.join("file"), "").expect("a file");
        drop(opened);
        for wrong in ["link", "way/s", "file", "none"] {
            let found = connect(&path.join(wrong), own).await;
            assert!(found.is_err(), "{wrong}");
        }
        let found = connect(&path.join("d/s"), own + 1).await;
        let error = found.expect_err("it is somebody else's");
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    }
}
