//! The person's terminal: raw while a session looks at it, as it was on every way out.

use crate::guest::message::Size;
use rustix::termios::{OptionalActions, Termios};
use std::io;

/// What an agent may have switched on that a shell does not want: key reports (each of the two
/// screens has its own), another screen, mouse reports, bracketed paste, application keys, a hidden
/// cursor or one of another shape, colours; and the part of its picture that is below the cursor.
const AS_FOUND: &[u8] = b"\x1b[<u\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\
    \x1b[?1006l\x1b[?2004l\x1b[?2031l\x1b[<u\x1b[>4;0m\x1b[?1l\x1b>\x1b[?25h\x1b[0 q\x1b[0m\
    \r\n\x1b[J";

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
    raw: Termios,
}

impl Raw {
    pub(super) fn enter() -> io::Result<Self> {
        let before = rustix::termios::tcgetattr(rustix::stdio::stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        let guard = Self { before, raw };
        guard.renew();
        Ok(guard)
    }

    /// Once more, after somebody else had the terminal (`fg` of a stopped job).
    pub(super) fn renew(&self) {
        set(&self.raw);
    }

    /// Restores the terminal; `left_behind` when the process did not get to clean up after itself.
    pub(super) fn leave(self, left_behind: bool) {
        if left_behind {
            let _gone = rustix::io::write(rustix::stdio::stdout(), AS_FOUND);
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
