//! The terminal while a question stands on it: its modes are ours and come back, what was typed
//! before is gone, and a signal ends the wait.

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::termios::{LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios};
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// A longer line is no answer.
const LONGEST: usize = 1024 * 1024;

/// What the terminal does with keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// They make a line and are shown.
    Shown,
    /// They make a line and are not shown.
    Hidden,
    /// Each comes at once.
    Single,
}

/// What ended a wait.
pub(super) enum Came {
    /// A line, with its end; without one at the end of the input.
    Line(String),
    /// The number of a signal.
    Signal(u8),
}

pub(super) struct Tty {
    before: Termios,
    signals: Signals,
}

impl Tty {
    /// Takes the terminal and throws away what was typed before.
    pub(super) fn open(keys: Keys) -> io::Result<Self> {
        let signals = Signals::listen()?;
        let stdin = rustix::stdio::stdin();
        let before = rustix::termios::tcgetattr(stdin)?;
        let mut modes = before.clone();
        let line = LocalModes::ICANON | LocalModes::ISIG;
        match keys {
            Keys::Shown => modes.local_modes.insert(line | LocalModes::ECHO),
            Keys::Hidden => {
                modes.local_modes.insert(line);
                modes.local_modes.remove(LocalModes::ECHO);
            }
            Keys::Single => {
                modes.local_modes.remove(line | LocalModes::ECHO);
                modes.special_codes[SpecialCodeIndex::VMIN] = 1;
                modes.special_codes[SpecialCodeIndex::VTIME] = 0;
            }
        }
        rustix::termios::tcsetattr(stdin, OptionalActions::Flush, &modes)?;
        rustix::termios::tcflush(stdin, QueueSelector::IFlush)?;
        Ok(Self { before, signals })
    }

    /// Writes what is clean already.
    #[expect(clippy::unused_self, reason = "who writes has the terminal")]
    pub(super) fn write(&mut self, text: &str) -> io::Result<()> {
        let mut err = io::stderr().lock();
        err.write_all(text.as_bytes()).and_then(|()| err.flush())
    }

    /// Waits for a line.
    pub(super) fn line(&mut self) -> io::Result<Came> {
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            match self.keys()? {
                Ok(keys) if keys.is_empty() => break,
                Ok(keys) => line.extend(keys),
                Err(signal) => return Ok(Came::Signal(signal)),
            }
            if line.len() > LONGEST {
                return Err(io::Error::other("it is longer than 1 MiB"));
            }
        }
        let line = String::from_utf8(line);
        let line = line.map_err(|_| io::Error::other("it is not UTF-8 text"))?;
        Ok(Came::Line(line))
    }

    /// Waits for what is typed next; nothing at the end of the input. A signal comes first.
    pub(super) fn keys(&mut self) -> io::Result<Result<Vec<u8>, u8>> {
        let stdin = rustix::stdio::stdin();
        let mut buffer = [0; 4096];
        loop {
            let mut fds = [
                PollFd::new(&self.signals.heard, PollFlags::IN),
                PollFd::new(&stdin, PollFlags::IN),
            ];
            match rustix::event::poll(&mut fds, None) {
                Err(Errno::INTR) => continue,
                polled => drop(polled?),
            }
            if !fds[0].revents().is_empty() {
                let mut number = [0];
                rustix::io::read(&self.signals.heard, &mut number)?;
                return Ok(Err(number[0]));
            }
            match rustix::io::read(stdin, &mut buffer) {
                Err(Errno::INTR | Errno::AGAIN) => {}
                // The terminal is gone.
                Err(Errno::IO) => return Ok(Ok(Vec::new())),
                count => return Ok(Ok(buffer[..count?].to_vec())),
            }
        }
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        // A terminal that is gone needs no mode.
        let stdin = rustix::stdio::stdin();
        let _gone = rustix::termios::tcsetattr(stdin, OptionalActions::Now, &self.before);
    }
}

/// Signals as bytes of a pipe, written by a thread: a wait for them and for keys is one wait.
struct Signals {
    heard: OwnedFd,
    thread: Option<std::thread::JoinHandle<()>>,
    stop: Option<oneshot::Sender<()>>,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        let (heard, tell) = rustix::pipe::pipe()?;
        let (stop, stopped) = oneshot::channel();
        let (ready, is_ready) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let caught = catch(stopped, &ready);
            if let Ok(Some(number)) = caught {
                let _gone = rustix::io::write(tell.as_fd(), &[number]);
            }
        });
        // Whoever fails to listen says so by going.
        let _failed = is_ready.recv();
        Ok(Self {
            heard,
            thread: Some(thread),
            stop: Some(stop),
        })
    }
}

/// The number of the first signal; `None` when it is not waited for any more.
fn catch(
    stopped: oneshot::Receiver<()>,
    ready: &std::sync::mpsc::Sender<()>,
) -> io::Result<Option<u8>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let _gone = ready.send(());
        Ok(tokio::select! {
            _ = interrupt.recv() => Some(2),
            _ = terminate.recv() => Some(15),
            _ = stopped => None,
        })
    })
}

impl Drop for Signals {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}
