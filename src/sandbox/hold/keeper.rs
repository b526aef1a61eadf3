//! A thread that pauses containers, and lets them go on when nobody waits for it any more: whoever starts a
//! sandbox may be interrupted at any moment, and a call that is half made would leave a container paused.

use super::marker::Marker;
use crate::engine::{Engine, EngineError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long the engine may take to pause a container, or to let it go on.
const CALL: Duration = Duration::from_secs(5);

/// The thread. Dropped before it is released, it ends what is started and lets everybody go on, which is
/// waited for.
pub(super) struct Keeper {
    stay: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    ended: oneshot::Receiver<()>,
}

impl Keeper {
    /// Pauses the containers of these IDs, while the container `starting` is started if there is one. One that has ended,
    /// or that is paused already, is left as it is.
    ///
    /// # Errors
    /// The ID of a container that goes on: an agent can see to it that it cannot be paused.
    pub(super) async fn of(
        engine: &Engine,
        starting: Option<&str>,
        ids: Vec<String>,
    ) -> Result<Self, String> {
        let first = ids.first().cloned().unwrap_or_default();
        let (stay, until) = oneshot::channel();
        let (ready, is_ready) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let (engine, starting) = (engine.clone(), starting.map(str::to_string));
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            if let Ok(runtime) = runtime {
                runtime.block_on(async {
                    let (held, restless) = pause(&engine, &ids).await;
                    let is_held = restless.is_none();
                    let _gone = ready.send(restless);
                    if is_held
                        && until.await.is_err()
                        && let Some(starting) = starting
                    {
                        // Its start goes on without us, and nobody would prove it.
                        let _ended = timeout(CALL, engine.stop_container(&starting, 0)).await;
                    }
                    resume(&engine, held).await;
                });
            }
            let _gone = end.send(());
        };
        let Ok(thread) = std::thread::Builder::new().spawn(work) else {
            return Err(first);
        };
        let keeper = Self {
            stay: Some(stay),
            thread: Some(thread),
            ended,
        };
        match is_ready.await {
            Ok(None) => Ok(keeper),
            Ok(Some(restless)) => Err(restless),
            Err(_) => Err(first),
        }
    }

    /// Lets everybody go on.
    pub(super) async fn release(mut self) {
        if let Some(stay) = self.stay.take() {
            let _gone = stay.send(());
        }
        let _ended = (&mut self.ended).await;
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stay = None;
        // It ends soon: each of its calls has a deadline.
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

/// Who is paused, and somebody who is not.
async fn pause(engine: &Engine, ids: &[String]) -> (Vec<Marker>, Option<String>) {
    let work = ids.iter().map(|id| pause_one(engine, id));
    let mut held = Vec::new();
    let mut restless = None;
    for (id, paused) in ids.iter().zip(futures_util::future::join_all(work).await) {
        let marker = match paused {
            Ok(marker) => marker,
            Err(Restless(marker)) => {
                restless = Some(id.clone());
                marker
            }
        };
        held.extend(marker);
    }
    (held, restless)
}

/// A container goes on, or nobody knows: then the next `dp` has to look after it.
struct Restless(Option<Marker>);

async fn pause_one(engine: &Engine, id: &str) -> Result<Option<Marker>, Restless> {
    let Some(marker) = Marker::make(id, &engine.endpoint().to_string()).await else {
        return Err(Restless(None));
    };
    match timeout(CALL, engine.pause_container(id)).await {
        Ok(Err(EngineError::NotFound { .. })) => {
            marker.remove();
            Ok(None)
        }
        Ok(Err(EngineError::Conflict { message } | EngineError::Refused { message, .. })) => {
            marker.remove();
            // Its person has paused it, or it has ended.
            let stands = ["already paused", "not running"];
            if stands.iter().any(|words| message.contains(words)) {
                Ok(None)
            } else {
                Err(Restless(None))
            }
        }
        Ok(Ok(())) => Ok(Some(marker)),
        _ => Err(Restless(Some(marker))),
    }
}

async fn resume(engine: &Engine, held: Vec<Marker>) {
    futures_util::future::join_all({ held.into_iter() }.map(|marker| end(engine, marker))).await;
}

/// Lets a container go on that a `dp` has paused. Where that fails the file stays: the next `dp` tries.
async fn end(engine: &Engine, marker: Marker) {
    let resumed = timeout(CALL, engine.unpause_container(&marker.id)).await;
    let is_ended = match resumed {
        Ok(Err(EngineError::NotFound { .. })) => marker.is_of(&engine.endpoint().to_string()),
        resumed => matches!(resumed, Ok(Ok(()))),
    };
    if is_ended {
        marker.remove();
    }
}

/// Lets a container go on that a `dp` which was killed has paused, if it is one of this engine.
pub(super) async fn heal(engine: &Engine, id: &str, is_here: bool) {
    if let Some(marker) = Marker::take_over(id)
        && (is_here || marker.is_of(&engine.endpoint().to_string()))
    {
        end(engine, marker).await;
    }
}
