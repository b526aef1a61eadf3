//! Ctrl-C and SIGTERM while `dp` itself is at work: stop at once, and say what was left.

use super::{Error, Kind, Result};
use tokio::signal::unix::{SignalKind, signal};

/// Runs `work` until it ends or somebody asks us to; `left` says what is left then.
pub(super) async fn or_interrupt<T>(
    left: &'static str,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let interrupted = |code| {
        Error::new(Kind::Interrupted, "interrupted", "interrupted")
            .hint(left)
            .exiting(code)
    };
    tokio::select! {
        outcome = work => outcome,
        _ = interrupt.recv() => Err(interrupted(130)),
        _ = terminate.recv() => Err(interrupted(143)),
    }
}
