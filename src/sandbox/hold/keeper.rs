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
    /// Pauses the containers of these IDs while the container `starting` is started. One that cannot be
    /// paused, or that is paused already, is left as it is.
    pub(super) async fn of(engine: &Engine, starting: &str, ids: Vec<String>) -> Option<Self> {
        let (stay, until) = oneshot::channel();
        let (ready, is_ready) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let (engine, starting) = (engine.clone(), starting.to_string());
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            if let Ok(runtime) = runtime {
                runtime.block_on(async {
                    let held = pause(&engine, &ids).await;
                    let _gone = ready.send(());
                    if until.await.is_err() {
                        // Its start goes on without us, and nobody would prove it.
                        let _ended = timeout(CALL, engine.stop_container(&starting, 0)).await;
                    }
                    resume(&engine, held).await;
                });
            }
            let _gone = end.send(());
        };
        let thread = std::thread::Builder::new().spawn(work).ok()?;
        let keeper = Self {
            stay: Some(stay),
            thread: Some(thread),
            ended,
        };
        let _held = is_ready.await;
        Some(keeper)
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

async fn pause(engine: &Engine, ids: &[String]) -> Vec<Marker> {
    let work = ids.iter().map(|id| pause_one(engine, id));
    let held = futures_util::future::join_all(work).await;
    held.into_iter().flatten().collect()
}

async fn pause_one(engine: &Engine, id: &str) -> Option<Marker> {
    let marker = Marker::make(id, &engine.endpoint().to_string()).await?;
    match timeout(CALL, engine.pause_container(id)).await {
        // Its person has paused it, it has ended, or this engine cannot pause.
        Ok(Err(
            EngineError::NotFound { .. }
            | EngineError::Conflict { .. }
            | EngineError::Refused { .. },
        )) => {
            marker.remove();
            None
        }
        // Without an answer it may be paused.
        _ => Some(marker),
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
