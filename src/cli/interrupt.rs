//! Ctrl-C and SIGTERM while `dp` itself is at work: stop at once, and say what was left.

use super::{Error, Kind, Result};
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
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    fn keep(self) {
        *LISTENERS.lock().unwrap_or_else(PoisonError::into_inner) = Some(self);
    }
}

/// Runs `work` until it ends or somebody asks us to; `left` says what is left then.
pub(super) async fn or_interrupt<T>(
    left: &'static str,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let mut listeners = Listeners::take()?;
    let interrupted = |code| {
        Err(Error::new(Kind::Interrupted, "interrupted", "interrupted")
            .hint(left)
            .exiting(code))
    };
    let outcome = tokio::select! {
        biased;
        _ = listeners.interrupt.recv() => interrupted(130),
        _ = listeners.terminate.recv() => interrupted(143),
        outcome = work => outcome,
    };
    listeners.keep();
    outcome
}
