//! How the engine's PID 1 hears of the end of the sandbox's: by a descriptor of that very process, which the kernel
//! makes readable when it has ended. The line between the two ends as well, but whoever holds its other end keeps it.
//!
//! The sandbox's PID 1 opens the descriptor before anything of the agent's runs. It gives it itself, and nobody in the
//! sandbox can make it give another: root there can neither trace it nor take its door's name.
//!
//! A thread waits for the end. What an agent does may hold up the engine's PID 1 itself, such as a lease on a program
//! that it executes, or a signal that stops a process between fork and exec; nothing holds up that thread.

use crate::guest::offer;
use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::process::PidfdFlags;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::UnixStream;
use tokio::sync::Notify;

/// Says that no descriptor comes: the kernel or the seccomp profile of an old engine has none.
const NONE: u8 = 0;
/// How long PID 1 may take to end in order, a little more than it gives its processes.
const ORDER: Duration = Duration::from_secs(10);
const STACK: usize = 64 * 1024;

/// A descriptor of this process, where there is one.
pub struct Own(Option<OwnedFd>);

impl Own {
    pub fn open() -> Self {
        let own = rustix::process::getpid();
        Self(rustix::process::pidfd_open(own, PidfdFlags::empty()).ok())
    }

    /// Gives it to the other end of the line.
    ///
    /// # Errors
    /// The system's.
    pub async fn give(&self, line: &mut UnixStream) -> io::Result<()> {
        match &self.0 {
            Some(own) => offer::give(&*line, own),
            None => line.write_u8(NONE).await,
        }
    }
}

/// The life of the process at the other end of the line.
pub struct Life(Option<Arc<Notify>>);

impl Life {
    /// Takes what that process gives first.
    ///
    /// # Errors
    /// The system's.
    pub async fn take(line: &UnixStream) -> io::Result<Self> {
        let given = line.async_io(Interest::READABLE, || offer::receive(line));
        Ok(Self(given.await?.map(watch).transpose()?))
    }

    /// Waits for its end; for ever where the line alone tells.
    pub async fn ended(&self) {
        match &self.0 {
            Some(over) => over.notified().await,
            None => std::future::pending().await,
        }
    }
}

/// Waits for the end in a thread, which ends this process as well if that does not do it itself.
fn watch(life: OwnedFd) -> io::Result<Arc<Notify>> {
    let over = Arc::<Notify>::default();
    let told = Arc::clone(&over);
    let wait = move || {
        let mut awaited = [PollFd::new(&life, PollFlags::IN)];
        while rustix::event::poll(&mut awaited, None) == Err(Errno::INTR) {}
        told.notify_one();
        if rustix::process::getpid().is_init() {
            std::thread::sleep(ORDER);
            #[expect(clippy::exit, reason = "the other thread may be held up for good")]
            std::process::exit(1);
        }
    };
    let thread = std::thread::Builder::new().stack_size(STACK);
    thread.spawn(wait)?;
    Ok(over)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};
    use std::time::Duration;

    const SHORT: Duration = Duration::from_millis(50);
    const LONG: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn an_end_is_heard_while_somebody_holds_the_line() {
        let (mut theirs, ours) = UnixStream::pair().expect("a pair");
        let mut command = Command::new("cat");
        let mut process = command.stdin(Stdio::piped()).spawn().expect("a process");
        let pid = rustix::process::Pid::from_child(&process);
        let opened = rustix::process::pidfd_open(pid, PidfdFlags::empty());
        let own = Own(Some(opened.expect("a descriptor")));
        own.give(&mut theirs).await.expect("given");
        let life = Life::take(&ours).await.expect("taken");
        let is_over = tokio::time::timeout(SHORT, life.ended()).await.is_ok();
        assert!(!is_over, "it lives");
        process.kill().expect("killed");
        tokio::time::timeout(LONG, life.ended())
            .await
            .expect("heard");
        process.wait().expect("an end");
    }

    #[tokio::test]
    async fn without_a_descriptor_the_line_alone_tells() {
        let (mut theirs, ours) = UnixStream::pair().expect("a pair");
        Own(None).give(&mut theirs).await.expect("said");
        let life = Life::take(&ours).await.expect("taken");
        let is_over = tokio::time::timeout(SHORT, life.ended()).await.is_ok();
        assert!(!is_over);
        drop(theirs);
        assert!(Life::take(&ours).await.is_err(), "nobody is there");
    }
}
