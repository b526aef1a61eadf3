//! Reading a small regular file: a FIFO, a device, a socket or a file without end in its place is
//! an error at once. Must not know what the file is for.

use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Opens a regular file for reading, links followed; never waits for a writer.
///
/// # Errors
/// The system's; `IsADirectory` for a directory, `InvalidInput` for everything else that is not
/// a regular file.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        // A socket, or a device that nothing is behind.
        Err(rustix::io::Errno::NXIO | rustix::io::Errno::NODEV) => return Err(not_regular()),
        Err(error) => return Err(error.into()),
    };
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "is a directory",
        ));
    }
    if !metadata.is_file() {
        return Err(not_regular());
    }
    Ok(file)
}

/// The bytes of a regular file of at most `limit` bytes.
///
/// # Errors
/// As [`open_regular`]; `FileTooLarge` for a larger one, of which no more than `limit` is read.
pub fn read_small(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let too_large = || {
        let message = format!("is larger than {limit} bytes");
        io::Error::new(io::ErrorKind::FileTooLarge, message)
    };
    let file = open_regular(path)?;
    if file.metadata()?.len() > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    // It may have grown since, and files of the kernel have no size.
    if bytes.len() as u64 > limit {
        return Err(too_large());
    }
    Ok(bytes)
}

/// The text of a regular file of at most `limit` bytes.
///
/// # Errors
/// As [`read_small`]; `InvalidData` for what is not UTF-8.
pub fn read_small_text(path: &Path, limit: u64) -> io::Result<String> {
    let no_text = |_| io::Error::new(io::ErrorKind::InvalidData, "is not UTF-8 text");
    String::from_utf8(read_small(path, limit)?).map_err(no_text)
}

fn not_regular() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "is not a regular file")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    #[test]
    fn only_a_small_regular_file_is_read() {
        let root = tempfile::tempdir().expect("a directory");
        let at = |name: &str| root.path().join(name);
        std::fs::write(at("file"), "1234").expect("a file");
        std::os::unix::fs::symlink("file", at("link")).expect("a link");
        std::os::unix::fs::symlink("fifo", at("to-fifo")).expect("a link");
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(
            rustix::fs::CWD,
            at("fifo"),
            fifo,
            Mode::from_raw_mode(0o600),
            0,
        )
        .expect("a FIFO");
        let _socket = UnixListener::bind(at("socket")).expect("a socket");
        let sparse = File::create(at("sparse")).expect("a file");
        sparse.set_len(1 << 40).expect("a sparse file");
        std::fs::write(at("binary"), [0xff]).expect("a file");

        for good in ["file", "link"] {
            assert_eq!(read_small(&at(good), 4).expect("read"), b"1234", "{good}");
        }
        let kind = |name: &str| read_small_text(&at(name), 3).expect_err(name).kind();
        assert_eq!(kind("file"), io::ErrorKind::FileTooLarge);
        assert_eq!(kind("sparse"), io::ErrorKind::FileTooLarge);
        assert_eq!(kind("binary"), io::ErrorKind::InvalidData);
        assert_eq!(kind(""), io::ErrorKind::IsADirectory);
        assert_eq!(kind("gone"), io::ErrorKind::NotFound);
        for other in ["fifo", "to-fifo", "socket"] {
            assert_eq!(kind(other), io::ErrorKind::InvalidInput, "{other}");
        }
        let endless = read_small(Path::new("/dev/zero"), 3).expect_err("a device");
        assert_eq!(endless.kind(), io::ErrorKind::InvalidInput);
    }
}
