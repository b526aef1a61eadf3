//! Questions, asked only on a terminal. What was typed before a question was asked is thrown away, an
//! answer is a line that Enter ends, and no is what anything else means.

mod menu;
mod tty;

pub(super) use menu::choose;

use super::{Error, Kind, Result};
use crate::terminal::words;
use tty::{Came, Tty};

/// The whole word that is wanted where `y` is too little.
const WORD: &str = "yes";

/// Yes or no; no is the default.
pub(super) fn confirm(question: &str) -> Result<bool> {
    let line = ask(&format!("{question} [y/N] "))?;
    Ok(["y", WORD].contains(&line.trim().to_lowercase().as_str()))
}

/// The same, where a yes loses a login or ends what runs: the whole word is wanted.
pub(super) fn confirm_by_word(question: &str) -> Result<bool> {
    let line = ask(&format!("{question} Type `{WORD}` and Enter to go on: "))?;
    Ok(line.trim() == WORD)
}

/// A line that is typed for this question; empty at the end of the input.
fn ask(question: &str) -> Result<String> {
    let mut tty = Tty::open(tty::Keys::Shown).map_err(broken)?;
    tty.write(&words::line(question)).map_err(broken)?;
    let came = tty.line();
    let came = came.and_then(|came| match came {
        // Enter was shown already.
        Came::Line(line) if line.ends_with('\n') => Ok(Came::Line(line)),
        // What Enter did not end is no answer.
        Came::Line(_) => tty.write("\n").map(|()| Came::Line(String::new())),
        Came::Signal(number) => tty.write("\n").map(|()| Came::Signal(number)),
    });
    answered(came)
}

/// A line that is not shown while it is typed.
pub(super) fn secret(question: &str) -> Result<String> {
    let mut tty = Tty::open(tty::Keys::Hidden).map_err(broken)?;
    let question = format!("{}: ", words::line(question));
    let came = tty.write(&question).and_then(|()| tty.line());
    let _gone = tty.write("\n");
    answered(came)
}

fn answered(came: std::io::Result<Came>) -> Result<String> {
    match came.map_err(broken)? {
        Came::Line(line) => Ok(line),
        Came::Signal(number) => Err(interrupted(128 + number)),
    }
}

fn broken(error: std::io::Error) -> Error {
    Error::failed("prompt", "cannot ask").cause(error)
}

fn interrupted(code: u8) -> Error {
    Error::new(
        Kind::Interrupted,
        "interrupted",
        "interrupted; nothing was changed",
    )
    .exiting(code)
}
