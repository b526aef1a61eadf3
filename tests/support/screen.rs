//! What a program has written so far, read by a thread, and waiting for a text in it.

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    is_complete: bool,
    /// Up to here it was expected already.
    cursor: usize,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// The reader of one descriptor.
pub struct Screen {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// Dropped to end the thread.
    stop: Option<OwnedFd>,
}

impl Screen {
    /// Reads `source` until its end, or until this is dropped.
    pub fn of(source: impl AsFd + Send + 'static) -> Self {
        let shared = Arc::<Shared>::default();
        let (stopped, stop) = rustix::pipe::pipe().expect("a pipe");
        let writer = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            read_all(&source, &stopped, &writer);
            let mut state = writer.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.is_complete = true;
            writer.changed.notify_all();
        });
        Self {
            shared,
            thread: Some(thread),
            stop: Some(stop),
        }
    }

    /// Waits until `text` stands behind what was expected before.
    ///
    /// # Panics
    /// At the deadline, or when nothing more can come.
    pub fn expect(&self, text: &str, deadline: Duration) {
        let end = Instant::now() + deadline;
        let mut state = self.lock();
        loop {
            let fresh = &state.bytes[state.cursor..];
            let found = fresh
                .windows(text.len())
                .position(|window| window == text.as_bytes());
            if let Some(at) = found {
                state.cursor += at + text.len();
                return;
            }
            let left = end.saturating_duration_since(Instant::now());
            let shown = String::from_utf8_lossy(&state.bytes).into_owned();
            assert!(!left.is_zero(), "{text:?} did not come in time: {shown:?}");
            assert!(!state.is_complete, "{text:?} never came: {shown:?}");
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Everything until its end.
    pub fn complete(mut self) -> Vec<u8> {
        self.join();
        std::mem::take(&mut self.lock().bytes)
    }

    /// Everything so far.
    pub fn so_far(&self) -> Vec<u8> {
        self.lock().bytes.clone()
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the reader does not panic");
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        let state = self.shared.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.stop = None;
        self.join();
    }
}

fn read_all(source: &impl AsFd, stopped: &OwnedFd, shared: &Shared) {
    let mut buffer = vec![0; 128 * 1024];
    loop {
        let mut ready = [
            PollFd::new(source, PollFlags::IN),
            PollFd::new(stopped, PollFlags::IN),
        ];
        match poll(&mut ready, None) {
            Err(Errno::INTR) => continue,
            outcome => drop(outcome.expect("descriptors can be polled")),
        }
        if ready[0].revents().is_empty() {
            return;
        }
        match rustix::io::read(source, &mut buffer) {
            Ok(count @ 1..) => {
                let state = shared.state.lock();
                let mut state = state.unwrap_or_else(PoisonError::into_inner);
                state.bytes.extend_from_slice(&buffer[..count]);
                shared.changed.notify_all();
            }
            Err(Errno::INTR) => {}
            // The end; a terminal without users says it by an error.
            Ok(0) | Err(_) => return,
        }
    }
}
