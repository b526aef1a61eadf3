//! Bytes on their way to a process's standard input, and the credit that the senders get back.

use super::spawn::descriptor::Descriptor;
use crate::guest::message::STDIN_WINDOW;
use bytes::Bytes;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use tokio::sync::Notify;

/// How many bytes of a client were taken and not yet reported to it.
#[derive(Default)]
pub struct Credit {
    bytes: Cell<u32>,
    /// What it sent and no process has taken yet.
    owed: Cell<usize>,
    changed: Notify,
}

impl Credit {
    /// Takes note of bytes that arrived; false when the client does not keep to its window.
    fn owe(&self, bytes: usize) -> bool {
        self.owed.set(self.owed.get() + bytes);
        self.owed.get() <= STDIN_WINDOW as usize
    }

    fn add(&self, bytes: usize) {
        self.owed.set(self.owed.get().saturating_sub(bytes));
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.bytes.set(self.bytes.get().saturating_add(bytes));
        self.changed.notify_waiters();
    }

    /// Waits for credit and takes all of it.
    pub async fn take(&self) -> u32 {
        loop {
            let bytes = self.bytes.replace(0);
            if bytes > 0 {
                return bytes;
            }
            self.changed.notified().await;
        }
    }
}

/// The queue before one process.
#[derive(Default)]
pub struct Stdin {
    queue: RefCell<VecDeque<(Bytes, Rc<Credit>)>>,
    is_closed: Cell<bool>,
    changed: Notify,
}

impl Stdin {
    /// Adds bytes of one client; false, and nothing is added, when it does not keep to its window.
    pub fn push(&self, bytes: Bytes, credit: &Rc<Credit>) -> bool {
        if !credit.owe(bytes.len()) {
            return false;
        }
        self.queue
            .borrow_mut()
            .push_back((bytes, Rc::clone(credit)));
        self.changed.notify_waiters();
        true
    }

    /// Nothing more comes: the process sees the end after what is queued.
    pub fn close(&self) {
        self.is_closed.set(true);
        self.changed.notify_waiters();
    }

    async fn next(&self) -> Option<(Bytes, Rc<Credit>)> {
        loop {
            if let Some(next) = self.queue.borrow_mut().pop_front() {
                return Some(next);
            }
            if self.is_closed.get() {
                return None;
            }
            self.changed.notified().await;
        }
    }

    /// Writes the queue to the process until it is closed. When the process no longer reads, the
    /// rest is taken and dropped, so that no client waits for credit for ever.
    pub async fn pump(self: Rc<Self>, descriptor: Rc<Descriptor>) {
        let mut descriptor = Some(descriptor);
        while let Some((bytes, credit)) = self.next().await {
            if let Some(open) = &descriptor
                && open.write_all(&bytes).await.is_err()
            {
                descriptor = None;
            }
            credit.add(bytes.len());
        }
    }
}
