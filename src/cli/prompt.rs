//! Questions, asked only on a terminal.

use super::{Error, Kind, Result};
use dialoguer::theme::ColorfulTheme;
use dialoguer::{Confirm, Select};
use rustix::event::{PollFd, PollFlags};
use rustix::termios::{LocalModes, OptionalActions};
use std::io;

/// A Ctrl-C at a question is an answer: it must not end us before the cursor is back.
fn catch_interrupt() {
    use tokio::signal::unix::{SignalKind, signal};
    drop(signal(SignalKind::interrupt()));
}

/// Yes or no; no is the default.
pub(super) fn confirm(question: &str) -> Result<bool> {
    catch_interrupt();
    let answer = Confirm::with_theme(&ColorfulTheme::default())
        .with_prompt(question)
        .default(false)
        .interact_opt();
    if answer.is_err() {
        // Unanswered, the question still stands in the line of the cursor.
        let _no_terminal = console::Term::stderr().write_line("");
    }
    answer.map_err(broken)?.ok_or_else(interrupted)
}

/// One of several.
pub(super) fn choose(question: &str, items: &[String]) -> Result<usize> {
    catch_interrupt();
    Select::with_theme(&ColorfulTheme::default())
        .with_prompt(question)
        .items(items)
        .default(0)
        .interact_opt()
        .map_err(broken)?
        .ok_or_else(interrupted)
}

/// A line that is not shown while it is typed. The echo is off before the question is asked, so
/// that whoever types at once shows nothing and loses nothing.
pub(super) fn secret(question: &str) -> Result<String> {
    catch_interrupt();
    let stdin = rustix::stdio::stdin();
    let before = rustix::termios::tcgetattr(stdin).map_err(io::Error::from)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    let set = |modes| rustix::termios::tcsetattr(stdin, OptionalActions::Now, modes);
    set(&silent).map_err(io::Error::from)?;
    let term = console::Term::stderr();
    let line = term
        .write_str(&format!("{question}: "))
        .and_then(|()| read_line());
    let _gone = set(&before);
    let _gone = term.write_line("");
    match line {
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(interrupted()),
        line => Ok(line?),
    }
}

/// One line of a terminal; unlike the standard library's, it can be interrupted.
fn read_line() -> io::Result<String> {
    let stdin = rustix::stdio::stdin();
    let mut line = Vec::new();
    let mut buffer = [0; 4096];
    while !line.ends_with(b"\n") {
        rustix::event::poll(&mut [PollFd::new(&stdin, PollFlags::IN)], None)?;
        match rustix::io::read(stdin, &mut buffer)? {
            0 => break,
            count => line.extend_from_slice(&buffer[..count]),
        }
    }
    String::from_utf8(line).map_err(|_| io::Error::other("it is not UTF-8 text"))
}

fn broken(error: dialoguer::Error) -> Error {
    let dialoguer::Error::IO(source) = error;
    match source.kind() {
        std::io::ErrorKind::Interrupted => interrupted(),
        _ => Error::failed("prompt", "cannot ask").cause(source),
    }
}

fn interrupted() -> Error {
    let _no_terminal = console::Term::stderr().show_cursor();
    Error::new(
        Kind::Interrupted,
        "interrupted",
        "interrupted; nothing was changed",
    )
    .exiting(130)
}
