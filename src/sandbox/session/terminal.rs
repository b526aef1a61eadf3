//! The person's terminal: raw while a session looks at it, as it was on every way out.

use super::{input, streams};
use crate::guest::message::Size;
use crate::terminal::Modes;
use rustix::termios::{OptionalActions, Termios};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// A new line, without the part of a picture that is below it.
const BELOW: &[u8] = b"\r\n\x1b[J";

pub(super) fn is_interactive() -> bool {
    let is_terminal = |fd| rustix::termios::isatty(fd);
    is_terminal(rustix::stdio::stdin()) && is_terminal(rustix::stdio::stdout())
}

pub(super) fn size() -> Option<Size> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
    (size.ws_row > 0 && size.ws_col > 0).then_some(Size {
        rows: size.ws_row,
        cols: size.ws_col,
    })
}

/// While it lives, the terminal passes every key on as it is.
pub(super) struct Raw {
    before: Termios,
    during: Termios,
    modes: Arc<Mutex<Modes>>,
}

/// How a session left its process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// It ended by itself.
    Tidy,
    /// A signal ended it.
    Killed,
    /// It goes on, or nobody knows.
    Behind,
}

impl Raw {
    pub(super) fn enter() -> io::Result<Self> {
        let before = rustix::termios::tcgetattr(rustix::stdio::stdin())?;
        let mut during = before.clone();
        during.make_raw();
        let guard = Self {
            before,
            during,
            modes: Arc::new(Mutex::new(Modes::of(
                size().map(|size| (size.rows, size.cols)),
            ))),
        };
        guard.renew();
        Ok(guard)
    }

    /// Once more, after somebody else had the terminal (`fg` of a stopped job).
    pub(super) fn renew(&self) {
        set(&self.during);
    }

    /// Takes note of what the process switches on and off.
    pub(super) fn watched(&self) -> Arc<Mutex<Modes>> {
        Arc::clone(&self.modes)
    }

    /// Restores the terminal. A process that ended by itself may have left something on, and what it
    /// asked the terminal may not have been answered yet: the answers are nobody's.
    pub(super) fn leave(self, left: Left) {
        let mut modes = self.modes.lock().unwrap_or_else(PoisonError::into_inner);
        let answers = modes.may_be_answered().then(|| modes.identities_asked());
        let restoration = modes.restoration();
        let bytes = match left {
            Left::Tidy => restoration,
            Left::Killed if restoration.is_empty() => restoration,
            Left::Killed | Left::Behind => [&restoration, BELOW].concat(),
        };
        drop(modes);
        // A terminal that is gone needs no mode.
        let written = streams::write_all(rustix::stdio::stdout(), &bytes);
        if let (Ok(()), Some(asked)) = (written, answers) {
            input::hear_out(asked);
        }
        drop(self);
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        set(&self.before);
    }
}

fn set(termios: &Termios) {
    // A terminal that is gone needs no mode.
    let _gone = rustix::termios::tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, termios);
}
