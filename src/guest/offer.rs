//! How the guest gets the socket that it listens on: the host made it, in a directory where nobody
//! inside can write, and gives it to whoever connects to [`OFFER_NAME`] there.

use super::OFFER_NAME;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags,
};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

/// How long the host may take to give it.
const PATIENCE: Duration = Duration::from_secs(2);
/// Clients that may wait to be accepted.
const BACKLOG: i32 = 128;

/// Gives a descriptor, such as a socket to listen at, to whoever is connected; never waits.
///
/// # Errors
/// The system's.
pub fn give(connection: impl AsFd, given: impl AsFd) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut rights = SendAncillaryBuffer::new(&mut space);
    let given = [given.as_fd()];
    rights.push(SendAncillaryMessage::ScmRights(&given));
    let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
    rustix::net::sendmsg(connection, &[IoSlice::new(&[1])], &mut rights, flags)?;
    Ok(())
}

/// Asks for the socket in the directory that the host shares.
///
/// # Errors
/// The system's; `NotFound` and `ConnectionRefused` where nobody starts this sandbox who knows of
/// guests, such as `docker restart`.
pub fn take(directory: BorrowedFd<'_>) -> io::Result<UnixListener> {
    let path = format!("/proc/self/fd/{}/{OFFER_NAME}", directory.as_raw_fd());
    let host = UnixStream::connect(path)?;
    host.set_read_timeout(Some(PATIENCE))?;
    let socket = receive(&host)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    // Who listens is whom clients see at the other end.
    rustix::net::listen(&socket, BACKLOG)?;
    Ok(socket.into())
}

/// Takes the next byte of a connection and the descriptor that came with it, if one did.
///
/// # Errors
/// The system's; `UnexpectedEof` where nothing comes any more.
pub fn receive(connection: impl AsFd) -> io::Result<Option<OwnedFd>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut rights = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let flags = RecvFlags::CMSG_CLOEXEC;
    let mut into = [IoSliceMut::new(&mut byte)];
    let received = rustix::net::recvmsg(connection, &mut into, &mut rights, flags)?;
    if received.bytes == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(rights.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut sockets) => sockets.next(),
        _ => None,
    }))
}
