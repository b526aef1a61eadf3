//! Bytes on their way to a process's standard input, and the credit that the senders get back.

use super::spawn::descriptor::Descriptor;
use bytes::Bytes;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use tokio::sync::Notify;

/// How many bytes of a client were taken and not yet reported to it.
#[derive(Default)]
pub struct Credit {
    bytes: Cell<u32>,
    changed: Notify,
}

impl Credit {
    fn add(&self, bytes: usize) {
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
    /// Adds bytes of one client.
    pub fn push(&self, bytes: Bytes, credit: &Rc<Credit>) {
        self.queue
            .borrow_mut()
            .push_back((bytes, Rc::clone(credit)));
        self.changed.notify_waiters();
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
