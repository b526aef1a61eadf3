//! The socket that a sandbox's guest will listen on, given to it while it starts.
//!
//! The sandbox sees the directory of its socket and cannot write there: the socket comes from us,
//! through another one of ours where the guest asks for it. It gets its name only when it was
//! taken: of several who start one sandbox, one has given the guest what it listens on.

use super::random;
use crate::guest::{OFFER_NAME, SOCKET_NAME, offer};
use rustix::fs::{Mode, OFlags};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

const CLOEXEC: SocketFlags = SocketFlags::CLOEXEC;

/// A socket that waits for the guest who will listen on it.
pub(in crate::sandbox) struct Offer {
    directory: OwnedFd,
    /// Its name until it was taken.
    name: String,
    socket: OwnedFd,
    asked: tokio::net::UnixListener,
    is_taken: bool,
}

impl Offer {
    /// Makes it in a directory that only we may enter.
    ///
    /// # Errors
    /// The system's; everywhere but on Linux.
    pub(in crate::sandbox) fn in_directory(directory: &Path) -> io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = rustix::fs::open(directory, flags, Mode::empty())?;
        let name = random();
        let socket =
            rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, CLOEXEC, None)?;
        rustix::net::bind(&socket, &SocketAddrUnix::new(path(&directory, &name))?)?;
        let asked = tokio::net::UnixListener::bind(path(&directory, OFFER_NAME)).or_else(|_| {
            // One of an earlier start, or of somebody who starts it now: the last one counts.
            let other = random();
            let asked = tokio::net::UnixListener::bind(path(&directory, &other))?;
            rustix::fs::renameat(&directory, &other, &directory, OFFER_NAME)?;
            Ok::<_, io::Error>(asked)
        })?;
        Ok(Self {
            directory,
            name,
            socket,
            asked,
            is_taken: false,
        })
    }

    /// Gives the socket to whoever asks, which is the guest: nothing else runs there yet. Ends only
    /// by being dropped.
    pub(in crate::sandbox) async fn serve(mut self) -> std::convert::Infallible {
        while let Ok((guest, _)) = self.asked.accept().await {
            // What fails here leaves the relay as the way to the guest.
            let _failed = self.give(guest.as_fd());
        }
        std::future::pending().await
    }

    fn give(&mut self, guest: impl AsFd) -> io::Result<()> {
        offer::give(guest, &self.socket)?;
        if !self.is_taken {
            rustix::fs::renameat(&self.directory, &self.name, &self.directory, SOCKET_NAME)?;
            self.is_taken = true;
        }
        Ok(())
    }
}

impl Drop for Offer {
    fn drop(&mut self) {
        if !self.is_taken {
            let none = rustix::fs::AtFlags::empty();
            let _gone = rustix::fs::unlinkat(&self.directory, &self.name, none);
        }
    }
}

/// Through the descriptor: a path of a socket may only be 107 bytes long.
fn path(directory: &OwnedFd, name: &str) -> PathBuf {
    format!("/proc/self/fd/{}/{name}", directory.as_raw_fd()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::os::unix::net::{UnixListener, UnixStream};

    /// What a guest gets that asks in `directory`, while `offer` waits.
    async fn taken(directory: &Path, offer: Offer) -> io::Result<UnixListener> {
        let directory = directory.to_path_buf();
        let guest = tokio::task::spawn_blocking(move || {
            offer::take(std::fs::File::open(directory).expect("it is there").as_fd())
        });
        tokio::select! {
            never = offer.serve() => match never {},
            listener = guest => listener.expect("no panic"),
        }
    }

    #[tokio::test]
    async fn the_guest_listens_on_what_it_was_given() {
        let directory = tempfile::tempdir().expect("a directory");
        let directory = directory.path();
        let offer = Offer::in_directory(directory).expect("an offer");
        assert!(!directory.join(SOCKET_NAME).exists(), "not before");
        let listener = taken(directory, offer).await.expect("a socket");
        let mut client = UnixStream::connect(directory.join(SOCKET_NAME)).expect("it listens");
        client.write_all(b"x").expect("sent");
        let mut byte = [0];
        let (mut served, _) = listener.accept().expect("a client");
        served.read_exact(&mut byte).expect("a byte");
        assert_eq!(&byte, b"x");
    }

    #[tokio::test]
    async fn of_two_offers_the_last_one_is_taken_and_the_other_leaves_nothing() {
        let directory = tempfile::tempdir().expect("a directory");
        let directory = directory.path();
        let first = Offer::in_directory(directory).expect("an offer");
        let second = Offer::in_directory(directory).expect("another one");
        let listener = taken(directory, second).await.expect("a socket");
        drop(first);
        UnixStream::connect(directory.join(SOCKET_NAME)).expect("it listens");
        drop(listener);
        let mut left: Vec<_> = std::fs::read_dir(directory)
            .expect("a list")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        left.sort();
        assert_eq!(left, [SOCKET_NAME, OFFER_NAME]);
    }

    #[tokio::test]
    async fn where_nobody_offers_anything_the_guest_gets_an_error() {
        let directory = tempfile::tempdir().expect("a directory");
        let directory = std::fs::File::open(directory.path()).expect("it is there");
        assert!(offer::take(directory.as_fd()).is_err());
    }
}
