//! Copying: what the process writes to our standard streams, what the person types to the process.

use super::Outcome;
use super::detach::{DetachKeys, Scanner};
use super::input::Reader;
use crate::guest::client::{ClientError, Event, Events, Input};
use crate::guest::frame::Kind;
use crate::guest::message::Request;
use crate::terminal::Modes;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use std::io;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

const READ: usize = 128 * 1024;
const CLEAR: &[u8] = b"\x1b[2J\x1b[H";
/// Set once the person pressed the detach keys.
static DETACHED: AtomicBool = AtomicBool::new(false);
/// Set once the terminal gave its last byte: its window is closed, whether a signal says so or not.
static HUNG_UP: AtomicBool = AtomicBool::new(false);
/// Told once one of them is set.
static LEFT: Notify = Notify::const_new();

/// Makes room for a screen that is drawn again.
pub(super) fn clear_screen() {
    let _gone = write_all(rustix::stdio::stdout(), CLEAR);
}

/// Copies the process's output until it ends, or we leave it.
/// What a terminal is told is watched.
pub(super) fn copy(
    mut events: Events,
    input: &Input,
    modes: Option<&Mutex<Modes>>,
) -> Result<Outcome, ClientError> {
    let mut is_stdout_open = true;
    loop {
        match events.wait()? {
            None if DETACHED.load(Ordering::SeqCst) => return Ok(Outcome::Detached),
            None if HUNG_UP.load(Ordering::SeqCst) => return Ok(Outcome::HungUp),
            None => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            Some(Event::Exited(exit)) => return Ok(Outcome::Exited(exit)),
            Some(Event::Output(Kind::Stderr, bytes)) => {
                // Without a standard error there is nobody to tell.
                let _closed = write_all(rustix::stdio::stderr(), &bytes);
            }
            Some(Event::Output(_, bytes)) => {
                if !is_stdout_open {
                    continue;
                }
                if let Some(modes) = modes {
                    let mut modes = modes.lock().unwrap_or_else(PoisonError::into_inner);
                    modes.watch(&bytes);
                }
                match write_all(rustix::stdio::stdout(), &bytes) {
                    Ok(()) => {}
                    // Whoever read it has had enough: the process hears of it as it would outside.
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                        is_stdout_open = false;
                        input.tell(&Request::CloseStdout)?;
                    }
                    // The terminal is gone, and the signal that says so is on its way.
                    Err(error) if error.raw_os_error() == Some(Errno::IO.raw_os_error()) => {
                        return Ok(Outcome::HungUp);
                    }
                    Err(error) => return Err(ClientError::Output(error)),
                }
            }
        }
    }
}

/// Writes to standard output; `false` when whoever read it has had enough.
pub(super) fn print(bytes: &[u8]) -> Result<bool, ClientError> {
    match write_all(rustix::stdio::stdout(), bytes) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        written => written.map(|()| true).map_err(ClientError::Output),
    }
}

/// Writes a line, behind a name or nothing; `false` when whoever read it has had enough.
pub(super) fn print_line(to: Kind, name: &[u8], line: &[u8]) -> Result<bool, ClientError> {
    let line = [name, line, b"\n"].concat();
    match to {
        Kind::Stderr => match write_all(rustix::stdio::stderr(), &line) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            written => written.map(|()| true).map_err(ClientError::Output),
        },
        _ => print(&line),
    }
}

pub(super) fn write_all(fd: BorrowedFd<'_>, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => wait(fd, PollFlags::OUT, None)?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// What is said to a guest beside standard input.
pub(super) enum Told {
    /// A request without an answer of its own.
    Request(Request),
    /// The end of the connection.
    Close,
}

/// Says it in order, in a thread of its own: a guest that takes nothing blocks nobody else.
pub(super) fn teller(input: Input) -> Sender<Told> {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for told in receiver {
            let said = match told {
                Told::Request(request) => input.tell(&request),
                Told::Close => input.close(),
            };
            if said.is_err() {
                return;
            }
        }
    });
    sender
}

/// Waits until the person has left the process, and a little for the guest to hear of it.
pub(super) async fn left() -> Outcome {
    LEFT.notified().await;
    tokio::time::sleep(super::LEAVE).await;
    if DETACHED.load(Ordering::SeqCst) {
        Outcome::Detached
    } else {
        Outcome::HungUp
    }
}

/// Starts to pass standard input on, in a thread that ends with the process.
pub(super) fn feed(input: Input, keys: Option<DetachKeys>, is_terminal: bool) {
    let reader = is_terminal.then(Reader::begin);
    std::thread::spawn(move || {
        let is_kept = keys.is_some();
        let fed = read_all(&input, keys.map(Scanner::new), reader.as_ref());
        drop(reader);
        if fed.is_err() || DETACHED.load(Ordering::SeqCst) {
            return;
        }
        // At the end of a terminal there is no end of input: it went away.
        if is_terminal {
            HUNG_UP.store(true, Ordering::SeqCst);
            LEFT.notify_one();
        }
        let _gone = match (is_terminal, is_kept) {
            (false, _) => input.tell(&Request::CloseStdin),
            (true, true) => input.detach(),
            (true, false) => input.close(),
        };
    });
}

fn read_all(
    input: &Input,
    mut scanner: Option<Scanner>,
    reader: Option<&Reader>,
) -> Result<(), ClientError> {
    let stdin = rustix::stdio::stdin();
    let mut buffer = vec![0; READ];
    loop {
        if let Some(scanner) = &mut scanner
            && let Some(patience) = scanner.patience()
            && !has_input(stdin, patience)?
        {
            input.stdin(&scanner.release())?;
        }
        let count = match rustix::io::read(stdin, &mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(Errno::INTR) => continue,
            Err(Errno::AGAIN) => {
                wait(stdin, PollFlags::IN, None)?;
                continue;
            }
            // The terminal is gone, or a job in the background may not read: nothing comes.
            Err(_) => return Ok(()),
        };
        if reader.is_some_and(|reader| !reader.heard(&buffer[..count])) {
            continue;
        }
        let Some(scanner) = &mut scanner else {
            input.stdin(&buffer[..count])?;
            continue;
        };
        let (bytes, is_detached) = scanner.feed(&buffer[..count]);
        if !bytes.is_empty() {
            input.stdin(&bytes)?;
        }
        if is_detached {
            DETACHED.store(true, Ordering::SeqCst);
            LEFT.notify_one();
            return input.detach();
        }
    }
}

pub(super) fn has_input(fd: BorrowedFd<'_>, patience: Duration) -> io::Result<bool> {
    let timeout = Timespec::try_from(patience).ok();
    let mut fds = [PollFd::new(&fd, PollFlags::IN)];
    Ok(rustix::event::poll(&mut fds, timeout.as_ref())? > 0)
}

fn wait(fd: BorrowedFd<'_>, flags: PollFlags, timeout: Option<&Timespec>) -> io::Result<()> {
    let mut fds = [PollFd::new(&fd, flags)];
    rustix::event::poll(&mut fds, timeout)?;
    Ok(())
}
