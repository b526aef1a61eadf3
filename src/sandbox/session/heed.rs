//! A signal that asks `dp` to end is heard, whatever `dp` does: once signals are taken over, a
//! thread of its own sees to it that somebody heeds each of them, and ends the process otherwise.
//!
//! Nothing that blocks, a keyring, a disk, a pipe that nobody reads, can make `dp` deaf by this.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Once, OnceLock};
use std::time::{Duration, Instant};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long a signal may wait for whoever is at work.
const HEED: Duration = Duration::from_millis(500);
/// The same signal is not told to everybody at the same moment.
const APART: Duration = Duration::from_millis(100);

/// Ends the process; given the exit code.
type End = fn(u8);

static END: OnceLock<End> = OnceLock::new();
static WATCH: Once = Once::new();
/// When somebody heeded a signal the last time, in milliseconds since [`origin`].
static HEEDED: AtomicU64 = AtomicU64::new(0);

/// Says how the process is ended when nobody heeds a signal.
pub fn end_by(end: End) {
    let _known = END.set(end);
    origin();
}

/// Watches over signals from now on. To be called by whoever takes them over, before that.
pub fn watch() {
    WATCH.call_once(|| {
        let thread = std::thread::Builder::new().name("signals".into());
        // Without it a signal is heard by whoever waits for it, as in any other program.
        let _none = thread.spawn(watch_over);
    });
}

/// Somebody acts upon a signal now.
pub fn heeded() {
    HEEDED.store(now(), Ordering::SeqCst);
}

fn origin() -> Instant {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    // The zero of the clock is before everything.
    *ORIGIN.get_or_init(|| {
        Instant::now()
            .checked_sub(HEED * 2)
            .unwrap_or_else(Instant::now)
    })
}

fn now() -> u64 {
    u64::try_from(origin().elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The exit code of the next signal that asks to end.
pub(super) async fn next(interrupt: &mut Signal, terminate: &mut Signal) -> u8 {
    tokio::select! {
        _ = interrupt.recv() => 130,
        _ = terminate.recv() => 143,
    }
}

fn watch_over() {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let Ok(runtime) = { runtime }.enable_all().build() else {
        return;
    };
    runtime.block_on(async {
        let interrupt = signal(SignalKind::interrupt());
        let terminate = signal(SignalKind::terminate());
        let (Ok(mut interrupt), Ok(mut terminate)) = (interrupt, terminate) else {
            return;
        };
        loop {
            let code = next(&mut interrupt, &mut terminate).await;
            let come = now();
            tokio::time::sleep(HEED).await;
            let apart = u64::try_from(APART.as_millis()).unwrap_or(0);
            if HEEDED.load(Ordering::SeqCst) + apart < come
                && let Some(end) = END.get()
            {
                end(code);
            }
        }
    });
}
