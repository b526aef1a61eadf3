//! Reading files that somebody else may have made: regular files only, of a limited size, without
//! waiting. A pipe never ends, a device may do something when it is opened, and a sparse file fills
//! the memory.

use super::beneath::open_beneath;
use rustix::fs::{CWD, FileType, Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How often a file is tried that another program holds a lease on.
const TRIES: u32 = 50;
/// How often all files of this process are tried again.
const ALL_TRIES: u32 = 100;
/// Between two of them: a second for a file, two for all.
const PAUSE: Duration = Duration::from_millis(20);
/// How often files were tried again by now.
static TRIED: AtomicU32 = AtomicU32::new(0);

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system's reason.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is a directory.
    #[error("is a directory")]
    Directory,
    /// It is a pipe, a socket or a device.
    #[error("is no regular file")]
    Special,
    /// Another program has a lease on it (`fcntl(2)`), and does not give it back.
    #[error("is held by another program, which has a lease on it")]
    Leased,
    /// It is larger than whoever reads it expects.
    #[error("is larger than {limit} bytes")]
    TooLarge {
        /// In bytes.
        limit: u64,
    },
}

impl ReadError {
    /// There is no such file.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(error) => error,
            ReadError::Leased => Self::new(io::ErrorKind::ResourceBusy, format!("it {error}")),
            other => Self::new(io::ErrorKind::InvalidData, format!("it {other}")),
        }
    }
}

/// Opens a file for reading; links are followed.
///
/// # Errors
/// [`ReadError`]; `TooLarge` never.
pub fn open_file(path: &Path) -> Result<File, ReadError> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let held = rustix::fs::openat(CWD, path, flags, Mode::empty()).map_err(io::Error::from)?;
    reopen(held.as_fd())
}

/// Opens a file below a directory for reading. No component of `path` may be a link.
///
/// # Errors
/// [`ReadError`]; `TooLarge` never.
pub fn open_file_beneath(root: BorrowedFd<'_>, path: &Path) -> Result<File, ReadError> {
    let held: OwnedFd = open_beneath(root, path, OFlags::PATH)?;
    reopen(held.as_fd())
}

/// The content of a file of at most `limit` bytes; links are followed.
///
/// # Errors
/// [`ReadError`].
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    content(open_file(path)?, limit)
}

/// The text of a file of at most `limit` bytes; links are followed.
///
/// # Errors
/// [`ReadError`]; `Io` for what is not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> Result<String, ReadError> {
    let no_text = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text");
    Ok(String::from_utf8(read(path, limit)?).map_err(no_text)?)
}

/// The content of a file below a directory. No component of `path` may be a link.
///
/// # Errors
/// [`ReadError`].
pub fn read_beneath(root: BorrowedFd<'_>, path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    content(open_file_beneath(root, path)?, limit)
}

/// The content of what a descriptor of `O_PATH` stands for.
pub(super) fn read_descriptor(held: BorrowedFd<'_>, limit: u64) -> Result<Vec<u8>, ReadError> {
    content(reopen(held)?, limit)
}

/// Opens what was only held until now, once it is known to be a regular file: nothing else is ever
/// opened.
fn reopen(held: BorrowedFd<'_>) -> Result<File, ReadError> {
    let mode = rustix::fs::fstat(held).map_err(io::Error::from)?.st_mode;
    match FileType::from_raw_mode(mode) {
        FileType::RegularFile => {}
        FileType::Directory => return Err(ReadError::Directory),
        // Only where links are not followed.
        FileType::Symlink => return Err(io::Error::from(Errno::LOOP).into()),
        _ => return Err(ReadError::Special),
    }
    Ok(open_unleased(&format!("/proc/self/fd/{}", held.as_raw_fd()))?.into())
}

/// A program that has a lease on a file is asked for it by whoever opens the file, who waits until then:
/// for 45 seconds as a rule. With `O_NONBLOCK` it is asked all the same, and nobody waits.
fn open_unleased(path: &str) -> Result<OwnedFd, ReadError> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    for _ in 0..TRIES {
        match rustix::fs::open(path, flags, Mode::empty()) {
            Err(Errno::AGAIN) => {}
            opened => return Ok(opened.map_err(io::Error::from)?),
        }
        // Many files with leases hold nobody up for longer than a few.
        if TRIED.fetch_add(1, Ordering::Relaxed) >= ALL_TRIES {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    Err(ReadError::Leased)
}

fn content(file: File, limit: u64) -> Result<Vec<u8>, ReadError> {
    let too_large = Err(ReadError::TooLarge { limit });
    if file.metadata()?.len() > limit {
        return too_large;
    }
    let mut bytes = Vec::new();
    // It may grow while it is read.
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return too_large;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_small_regular_files_are_read() {
        let root = tempfile::tempdir().expect("a directory");
        let at = |name: &str| root.path().join(name);
        fs::write(at("file"), "text").expect("a file");
        fs::create_dir(at("directory")).expect("a directory");
        symlink("file", at("link")).expect("a link");
        let mode = Mode::RUSR | Mode::WUSR;
        rustix::fs::mknodat(CWD, at("pipe"), FileType::Fifo, mode, 0).expect("a pipe");
        let socket = std::os::unix::net::UnixListener::bind(at("socket")).expect("a socket");
        File::create(at("sparse"))
            .and_then(|file| file.set_len(1 << 40))
            .expect("a file");
        let directory = File::open(root.path()).expect("a directory");
        let beneath = |name: &str| read_beneath(directory.as_fd(), Path::new(name), 4);
        assert_eq!(read(&at("file"), 4).expect("text"), b"text");
        assert_eq!(beneath("file").expect("text"), b"text");
        assert_eq!(read(&at("link"), 4).expect("text"), b"text");
        assert!(matches!(beneath("link"), Err(ReadError::Io(_))));
        for (name, expected) in [
            ("directory", "is a directory"),
            ("pipe", "is no regular file"),
            ("socket", "is no regular file"),
            ("sparse", "is larger than 4 bytes"),
        ] {
            assert_eq!(read(&at(name), 4).expect_err(name).to_string(), expected);
            assert_eq!(beneath(name).expect_err(name).to_string(), expected);
        }
        assert!(matches!(
            read(&at("file"), 3),
            Err(ReadError::TooLarge { limit: 3 })
        ));
        let device = read(Path::new("/dev/zero"), 4).expect_err("a device");
        assert!(matches!(device, ReadError::Special));
        assert!(read(&at("none"), 4).expect_err("missing").is_not_found());
        drop(socket);
    }
}
