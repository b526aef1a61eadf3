//! The end of what is typed to a process: what a terminal still answers after the process is gone
//! would be typed into the person's shell.
//!
//! The terminal is asked a last question. It answers in order, so everything before its answer was
//! for the process.

use super::streams;
use crate::terminal::Answers;
use rustix::io::Errno;
use rustix::termios::QueueSelector;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What a terminal is: every terminal answers it.
const IDENTITY: &[u8] = b"\x1b[c";
/// How long a terminal may be silent before nothing more is expected of it.
const SILENCE: Duration = Duration::from_millis(500);
/// How long it may go on answering.
const LONGEST: Duration = Duration::from_secs(3);

static TYPED: Mutex<Typed> = Mutex::new(Typed {
    answers: Answers::new(),
    answered: 0,
    last: None,
    is_read: false,
    is_over: false,
});
static CHANGED: Condvar = Condvar::new();

struct Typed {
    answers: Answers,
    /// How often the terminal said what it is.
    answered: u64,
    /// When something was typed.
    last: Option<Instant>,
    /// A thread reads it.
    is_read: bool,
    /// The process is gone: what is typed is nobody's.
    is_over: bool,
}

fn typed() -> MutexGuard<'static, Typed> {
    TYPED.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Typed {
    fn hear(&mut self, bytes: &[u8]) {
        self.answered += self.answers.push(bytes);
        self.last = Some(Instant::now());
    }
}

/// Whoever reads the terminal for a process, while it lives.
pub(super) struct Reader(());

impl Reader {
    pub(super) fn begin() -> Self {
        let mut typed = typed();
        (typed.is_read, typed.is_over, typed.answered) = (true, false, 0);
        Self(())
    }

    /// Takes note of what was typed; `false` when it is nobody's.
    #[expect(clippy::unused_self, reason = "only the reader may say so")]
    pub(super) fn heard(&self, bytes: &[u8]) -> bool {
        let mut typed = typed();
        typed.hear(bytes);
        CHANGED.notify_all();
        !typed.is_over
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        typed().is_read = false;
        CHANGED.notify_all();
    }
}

/// Throws away what the terminal answers to a process that is gone and had asked so many times what
/// the terminal is.
pub(super) fn hear_out(asked: u64) {
    typed().is_over = true;
    if streams::write_all(rustix::stdio::stdout(), IDENTITY).is_err() {
        return;
    }
    let start = Instant::now();
    loop {
        let state = typed();
        if state.answered > asked {
            break;
        }
        let quiet_since = state.last.map_or(start, |last| last.max(start));
        let end = (quiet_since + SILENCE).min(start + LONGEST);
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        if state.is_read {
            // Whatever woke us, the state says what it was.
            let _woken = CHANGED.wait_timeout(state, left);
        } else {
            drop(state);
            if !read(left) {
                break;
            }
        }
    }
    let _gone = rustix::termios::tcflush(rustix::stdio::stdin(), QueueSelector::IFlush);
}

/// Reads what is typed within this time; `false` when there is no terminal any more.
fn read(patience: Duration) -> bool {
    let stdin = rustix::stdio::stdin();
    let mut buffer = [0; 4096];
    match streams::has_input(stdin, patience) {
        Ok(true) => {}
        Ok(false) => return true,
        Err(error) => return error.kind() == std::io::ErrorKind::Interrupted,
    }
    match rustix::io::read(stdin, &mut buffer) {
        Ok(0) => false,
        Ok(count) => {
            typed().hear(&buffer[..count]);
            true
        }
        Err(error) => matches!(error, Errno::INTR | Errno::AGAIN),
    }
}
