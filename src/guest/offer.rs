//! How the guest gets the socket that it listens on: the host made it, in a directory where nobody
//! inside can write, and gives it to whoever connects to [`OFFER_NAME`] there.

use super::OFFER_NAME;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags,
};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

/// How long the host may take to give it.
const PATIENCE: Duration = Duration::from_secs(2);
/// Clients that may wait to be accepted.
const BACKLOG: i32 = 128;

/// Gives `socket`, which has a name and does not listen, to a guest that asked; never waits.
///
/// # Errors
/// The system's.
pub fn give(guest: impl AsFd, socket: impl AsFd) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut rights = SendAncillaryBuffer::new(&mut space);
    let socket = [socket.as_fd()];
    rights.push(SendAncillaryMessage::ScmRights(&socket));
    let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
    rustix::net::sendmsg(guest, &[IoSlice::new(&[1])], &mut rights, flags)?;
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
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut rights = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let flags = RecvFlags::CMSG_CLOEXEC;
    rustix::net::recvmsg(&host, &mut [IoSliceMut::new(&mut byte)], &mut rights, flags)?;
    let given = rights.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut sockets) => sockets.next(),
        _ => None,
    });
    let socket = given.ok_or(io::ErrorKind::UnexpectedEof)?;
    // Who listens is whom clients see at the other end.
    rustix::net::listen(&socket, BACKLOG)?;
    Ok(socket.into())
}
