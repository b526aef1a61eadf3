//! What a process wrote: kept for whoever comes back, handed to whoever is there.
//!
//! One queue of chunks for all readers, each reader a position in it. With readers, a process that
//! writes faster than the slowest of them waits, as it would for a slow terminal; without, the
//! oldest bytes go.

use super::replay::Replay;
use crate::guest::frame::Kind;
use bytes::Bytes;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use tokio::sync::Notify;

/// How many bytes are kept of a process that can be come back to.
pub const RETAINED: usize = 1024 * 1024;
/// How many bytes the slowest reader may be behind.
const WINDOW: usize = 1024 * 1024;
/// What a chunk costs beside its bytes, so that many small ones are bounded too.
const CHUNK_COST: usize = 64;

struct Chunk {
    kind: Kind,
    bytes: Bytes,
    /// The cost of everything that was ever written before it.
    offset: usize,
}

#[derive(Default)]
struct Queue {
    chunks: VecDeque<Chunk>,
    first: u64,
    /// The cost of what is kept.
    cost: usize,
    /// The cost of everything that was ever written.
    end: usize,
    is_complete: bool,
    readers: BTreeMap<u64, u64>,
    next_reader: u64,
}

/// The output of one process.
pub struct Output {
    queue: RefCell<Queue>,
    retained: usize,
    changed: Notify,
}

impl Output {
    /// An empty one that keeps `retained` bytes after everyone has read them.
    pub fn new(retained: usize) -> Rc<Self> {
        Rc::new(Self {
            queue: RefCell::default(),
            retained,
            changed: Notify::new(),
        })
    }

    /// Waits until the slowest reader is less than a window behind.
    pub async fn room(&self) {
        loop {
            {
                let queue = self.queue.borrow();
                if queue.readers.is_empty() || queue.unread_cost() < WINDOW {
                    return;
                }
            }
            self.changed.notified().await;
        }
    }

    /// Adds what the process wrote.
    pub fn push(&self, kind: Kind, bytes: Bytes) {
        let mut queue = self.queue.borrow_mut();
        let offset = queue.end;
        queue.cost += bytes.len() + CHUNK_COST;
        queue.end += bytes.len() + CHUNK_COST;
        queue.chunks.push_back(Chunk {
            kind,
            bytes,
            offset,
        });
        queue.evict(self.retained);
        drop(queue);
        self.changed.notify_waiters();
    }

    /// Nothing more comes.
    pub fn complete(&self) {
        self.queue.borrow_mut().is_complete = true;
        self.changed.notify_waiters();
    }

    /// How many are reading.
    pub fn readers(&self) -> usize {
        self.queue.borrow().readers.len()
    }

    /// A reader that begins with the oldest byte that is kept. What was written before it came is
    /// played again, without what a terminal is told only once.
    pub fn reader(self: &Rc<Self>) -> Reader {
        let mut queue = self.queue.borrow_mut();
        let id = queue.next_reader;
        queue.next_reader += 1;
        let first = queue.first;
        let live = first + queue.chunks.len() as u64;
        queue.readers.insert(id, first);
        Reader {
            output: Rc::clone(self),
            id,
            live,
            replay: RefCell::default(),
        }
    }

    /// Lets go of all but the last `bytes`, once a process is only a memory.
    pub fn shrink(&self, bytes: usize) {
        self.queue.borrow_mut().evict(bytes);
    }
}

impl Queue {
    fn slowest(&self) -> Option<u64> {
        self.readers.values().min().copied()
    }

    fn unread_cost(&self) -> usize {
        let next = self
            .slowest()
            .and_then(|slowest| usize::try_from(slowest - self.first).ok())
            .and_then(|index| self.chunks.get(index));
        next.map_or(0, |chunk| self.end - chunk.offset)
    }

    fn evict(&mut self, retained: usize) {
        let slowest = self.slowest().unwrap_or(u64::MAX);
        while self.cost > retained && self.first < slowest {
            let Some(chunk) = self.chunks.pop_front() else {
                break;
            };
            self.cost -= chunk.bytes.len() + CHUNK_COST;
            self.first += 1;
        }
    }
}

/// One reader's place in an [`Output`]; dropping it lets the process go on without.
pub struct Reader {
    output: Rc<Output>,
    id: u64,
    /// The first chunk that was written after it came.
    live: u64,
    replay: RefCell<Replay>,
}

impl Reader {
    /// The next chunk; `None` once everything was read and nothing more comes. Cancel-safe.
    pub async fn next(&self) -> Option<(Kind, Bytes)> {
        loop {
            {
                let mut queue = self.output.queue.borrow_mut();
                let at = queue.readers.get(&self.id).copied().unwrap_or_default();
                let index = usize::try_from(at - queue.first).unwrap_or(usize::MAX);
                if let Some(chunk) = queue.chunks.get(index) {
                    let chunk = (chunk.kind, chunk.bytes.clone());
                    queue.readers.insert(self.id, at + 1);
                    queue.evict(self.output.retained);
                    drop(queue);
                    self.output.changed.notify_waiters();
                    return Some((chunk.0, self.played(chunk.1, at < self.live)));
                }
                if queue.is_complete {
                    let rest = self.replay.borrow_mut().rest();
                    return (!rest.is_empty()).then(|| (Kind::Stdout, rest.into()));
                }
            }
            self.output.changed.notified().await;
        }
    }
}

impl Reader {
    /// Only what is kept is played again, and only of a process with a terminal anything is.
    fn played(&self, bytes: Bytes, is_replay: bool) -> Bytes {
        let mut replay = self.replay.borrow_mut();
        if is_replay && self.output.retained > 0 {
            return replay.pass(&bytes).into();
        }
        let rest = replay.rest();
        if rest.is_empty() {
            return bytes;
        }
        [rest.as_slice(), &bytes].concat().into()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut queue = self.output.queue.borrow_mut();
        queue.readers.remove(&self.id);
        queue.evict(self.output.retained);
        drop(queue);
        self.output.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(test);
    }

    fn bytes(length: usize) -> Bytes {
        Bytes::from(vec![b'x'; length])
    }

    #[test]
    fn a_reader_that_comes_late_sees_what_is_kept_and_then_the_end() {
        run(async {
            let output = Output::new(RETAINED);
            output.push(Kind::Stdout, Bytes::from_static(b"one"));
            let reader = output.reader();
            output.complete();
            assert_eq!(
                reader.next().await,
                Some((Kind::Stdout, Bytes::from_static(b"one")))
            );
            assert_eq!(reader.next().await, None);
        });
    }

    #[test]
    fn a_question_is_asked_of_a_terminal_once() {
        run(async {
            let output = Output::new(RETAINED);
            let first = output.reader();
            output.push(Kind::Stdout, Bytes::from_static(b"a\x1b[cb\x1b["));
            let second = output.reader();
            output.push(Kind::Stdout, Bytes::from_static(b"c"));
            let table: [(&Reader, [&[u8]; 2]); 2] = [
                (&first, [b"a\x1b[cb\x1b[", b"c"]),
                (&second, [b"ab", b"\x1b[c"]),
            ];
            for (reader, chunks) in table {
                for chunk in chunks {
                    let read = reader.next().await.map(|read| read.1);
                    assert_eq!(read.as_deref(), Some(chunk));
                }
            }
        });
    }

    #[test]
    fn nobody_there_means_the_oldest_bytes_go() {
        let output = Output::new(RETAINED);
        for _ in 0..40 {
            output.push(Kind::Stdout, bytes(64 * 1024));
        }
        assert!(output.queue.borrow().cost <= RETAINED);
    }

    #[test]
    fn a_slow_reader_holds_the_process_and_loses_nothing() {
        run(async {
            let output = Output::new(0);
            let reader = output.reader();
            output.push(Kind::Stdout, bytes(WINDOW));
            let blocked = tokio::time::timeout(std::time::Duration::from_millis(5), output.room());
            assert!(blocked.await.is_err(), "there is no room");
            assert_eq!(reader.next().await.map(|c| c.1.len()), Some(WINDOW));
            output.room().await;
            assert_eq!(output.queue.borrow().cost, 0, "nothing is kept of an exec");
        });
    }

    #[test]
    fn many_small_chunks_are_bounded_too() {
        let output = Output::new(RETAINED);
        for _ in 0..100_000 {
            output.push(Kind::Stdout, Bytes::from_static(b"x"));
        }
        assert!(output.queue.borrow().chunks.len() < RETAINED / CHUNK_COST);
    }
}
