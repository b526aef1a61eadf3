//! A file descriptor that the event loop can wait for: one end of a pipe, or a terminal's master.

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use std::io;
use std::os::fd::OwnedFd;
use tokio::io::unix::AsyncFd;

/// A non-blocking descriptor.
pub struct Descriptor(AsyncFd<OwnedFd>);

impl Descriptor {
    pub fn new(fd: OwnedFd) -> io::Result<Self> {
        fcntl_setfl(&fd, fcntl_getfl(&fd)? | OFlags::NONBLOCK)?;
        // SAFETY: the descriptor is owned by the registration and never given out by value or
        // mutably, so it stays open until the registration is gone.
        Ok(Self(unsafe { AsyncFd::register(fd) }?))
    }

    pub fn as_fd(&self) -> &OwnedFd {
        self.0.get_ref()
    }

    /// Waits until there is something to read, or the end.
    pub async fn ready(&self) -> io::Result<()> {
        loop {
            let mut ready = self.0.readable().await?;
            // Readiness is a claim about the past: ask the system, so that it is not claimed again.
            let is_ready = ready.try_io(|fd| {
                let mut fds = [PollFd::new(fd, PollFlags::IN)];
                match rustix::event::poll(&mut fds, Some(&Timespec::default())) {
                    Ok(0) => Err(io::ErrorKind::WouldBlock.into()),
                    outcome => Ok(outcome?),
                }
            });
            if let Ok(outcome) = is_ready {
                return outcome.map(drop);
            }
        }
    }

    /// Takes what is there now: `None` when nothing is, 0 at the end (a terminal whose last user
    /// left answers `EIO`).
    pub fn read_now(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        match rustix::io::read(self.0.get_ref(), buffer) {
            Err(Errno::AGAIN) => Ok(None),
            outcome => end_of_terminal(outcome.map_err(Into::into)).map(Some),
        }
    }

    pub async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let mut ready = self.0.writable().await?;
            if let Ok(outcome) = ready.try_io(|fd| Ok(rustix::io::write(fd, bytes)?)) {
                bytes = &bytes[outcome?..];
            }
        }
        Ok(())
    }
}

fn end_of_terminal(outcome: io::Result<usize>) -> io::Result<usize> {
    match outcome {
        Err(error) if error.raw_os_error() == Some(Errno::IO.raw_os_error()) => Ok(0),
        other => other,
    }
}
