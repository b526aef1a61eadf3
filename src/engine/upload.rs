//! The deadline of an upload, which may take as long as it goes on: an engine that takes nothing more, or
//! has everything and does not answer, is given up. Whoever makes what is sent may take its time.

use super::{Engine, EngineError};
use bollard::Docker;
use bollard::errors::Error;
use futures_util::{Stream, StreamExt};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;
use tokio::time::Instant;

/// Longer than any upload.
const UPLOAD: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How often is looked whether it goes on.
const LOOKS: u32 = 100;

/// Since when an upload waits for the engine; `None` while it waits for what is to be sent.
#[derive(Clone)]
pub(super) struct Waiting(Arc<Mutex<Option<Instant>>>);

impl Waiting {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Some(Instant::now()))))
    }

    fn set(&self, since: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    fn is_longer_than(&self, time: Duration) -> bool {
        let since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| since.elapsed() > time)
    }

    /// The same stream, watched.
    pub(super) fn watch<T>(
        &self,
        stream: impl Stream<Item = T> + Send + 'static,
    ) -> impl Stream<Item = T> + Send + 'static {
        let waiting = self.clone();
        let mut stream = Box::pin(stream);
        futures_util::stream::poll_fn(move |context| {
            let polled = stream.poll_next_unpin(context);
            waiting.set(match polled {
                Poll::Pending => None,
                Poll::Ready(_) => Some(Instant::now()),
            });
            polled
        })
    }

    /// Waits for `call`, as long as the engine is not waited for longer than `most` at once.
    async fn bound<T>(
        &self,
        most: Duration,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let mut call = std::pin::pin!(call);
        loop {
            match tokio::time::timeout(most / LOOKS, &mut call).await {
                Ok(answer) => return answer,
                Err(_) if self.is_longer_than(most) => return Err(Error::RequestTimeoutError),
                Err(_) => {}
            }
        }
    }
}

impl Engine {
    /// The library's own deadline is one for all of an upload.
    pub(super) fn for_uploads(&self) -> Docker {
        Docker::clone(&self.docker).with_timeout(UPLOAD)
    }

    /// Waits for the answer of a call that sends what `waiting` watches, with the deadline of a call for
    /// each piece of it.
    pub(super) async fn sent<T>(
        &self,
        waiting: &Waiting,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, EngineError> {
        let answer = waiting.bound(super::CALL, call).await;
        answer.map_err(|error| self.error(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    const MOST: Duration = Duration::from_millis(200);

    async fn outcome(call: impl Future<Output = Result<(), Error>>, waiting: &Waiting) -> bool {
        let bound = tokio::time::timeout(20 * MOST, waiting.bound(MOST, call));
        bound.await.expect("it ends").is_ok()
    }

    #[tokio::test]
    async fn an_upload_takes_as_long_as_it_goes_on() {
        // An engine that takes a piece now and then.
        let waiting = Waiting::new();
        let mut pieces = waiting.watch(stream::iter(0..8));
        let slow = async {
            while pieces.next().await.is_some() {
                tokio::time::sleep(MOST / 2).await;
            }
            Ok(())
        };
        assert!(outcome(slow, &waiting).await);
        // One that takes no more.
        let waiting = Waiting::new();
        let mut pieces = waiting.watch(stream::iter(0..8));
        let stuck = async {
            pieces.next().await;
            std::future::pending().await
        };
        assert!(!outcome(stuck, &waiting).await);
        // One that has everything, and does not answer.
        let waiting = Waiting::new();
        let mut pieces = waiting.watch(stream::iter(0..8));
        let silent = async {
            while pieces.next().await.is_some() {}
            std::future::pending().await
        };
        assert!(!outcome(silent, &waiting).await);
        // Whoever makes it takes its time.
        let waiting = Waiting::new();
        let made = stream::once(tokio::time::sleep(5 * MOST));
        let mut pieces = waiting.watch(made);
        let late = async {
            while pieces.next().await.is_some() {}
            Ok(())
        };
        assert!(outcome(late, &waiting).await);
    }
}
