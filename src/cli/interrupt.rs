//! Ctrl-C and SIGTERM while `dp` itself is at work: stop at once, and say what was left.

use super::output::last_words;
use super::{Error, Kind, Result};
use crate::sandbox::session::heed;
use std::sync::{Mutex, PoisonError};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Kept from one work to the next, so that a signal between the two is for the second.
static LISTENERS: Mutex<Option<Listeners>> = Mutex::new(None);

struct Listeners {
    interrupt: Signal,
    terminate: Signal,
}

impl Listeners {
    fn take() -> Result<Self> {
        let mut kept = LISTENERS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(listeners) = kept.take() {
            return Ok(listeners);
        }
        heed::watch();
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    fn keep(self) {
        *LISTENERS.lock().unwrap_or_else(PoisonError::into_inner) = Some(self);
    }

    /// The exit code of the next signal.
    async fn signal(&mut self) -> u8 {
        let code = tokio::select! {
            biased;
            _ = self.interrupt.recv() => 130,
            _ = self.terminate.recv() => 143,
        };
        heed::heeded();
        code
    }
}

/// Ends the process on a signal that nobody heeds: what is at work blocks.
pub(super) fn end_unheeded(code: u8) {
    #[expect(clippy::exit, reason = "every other thread may be blocked for good")]
    {
        last_words(&Error::new(Kind::Interrupted, "interrupted", "interrupted"));
        std::process::exit(i32::from(code));
    }
}

/// Runs `work` until it ends or somebody asks us to; `left` says what is left then.
pub(super) async fn or_interrupt<T>(
    left: &'static str,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    or_undo(left, work, async { None }).await
}

/// The same, with `undo` after it: that answers what is left when it could do something. A second
/// signal ends it.
pub(super) async fn or_undo<T>(
    left: &'static str,
    work: impl Future<Output = Result<T>>,
    undo: impl Future<Output = Option<&'static str>>,
) -> Result<T> {
    let mut listeners = Listeners::take()?;
    let outcome = tokio::select! {
        biased;
        code = listeners.signal() => Err(code),
        outcome = work => Ok(outcome),
    };
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(code) => {
            let undone = tokio::select! {
                biased;
                _ = listeners.signal() => None,
                undone = undo => undone,
            };
            Err(Error::new(Kind::Interrupted, "interrupted", "interrupted")
                .hint(undone.unwrap_or(left))
                .exiting(code))
        }
    };
    listeners.keep();
    outcome
}
