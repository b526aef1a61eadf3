//! A file or directory of a sandbox, running or not, as an archive that is read while it comes.

use crate::engine::{Engine, EngineError};
use crate::sandbox::Existing;
use bytes::Bytes;
use futures_util::StreamExt;
use std::io::{self, Read};
use std::pin::pin;
use tokio::sync::mpsc;

/// Pieces of an archive under way between the engine and the disk.
pub(super) const UNDER_WAY: usize = 16;

/// Hands the archive of a path inside to `read`, which may stop before its end. The outer error is
/// the engine's, the inner one the reader's.
pub(super) async fn read<T: Send + 'static>(
    engine: &Engine,
    sandbox: &Existing,
    path: &str,
    read: impl FnOnce(Pieces) -> io::Result<T> + Send + 'static,
) -> Result<io::Result<T>, EngineError> {
    let (sender, receiver) = mpsc::channel::<Bytes>(UNDER_WAY);
    let pieces = Pieces {
        receiver,
        rest: Bytes::new(),
    };
    let reading = tokio::task::spawn_blocking(move || read(pieces));
    let mut chunks = pin!(engine.archive(&sandbox.id, path));
    let mut received = Ok(());
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => {
                if sender.send(chunk).await.is_err() {
                    break;
                }
            }
            Err(error) => {
                received = Err(error);
                break;
            }
        }
    }
    drop(sender);
    let outcome = reading
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)));
    received.map(|()| outcome)
}

/// What has come of an archive, in order.
pub(super) struct Pieces {
    receiver: mpsc::Receiver<Bytes>,
    rest: Bytes,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.receiver.blocking_recv() {
                Some(bytes) => self.rest = bytes,
                None => return Ok(0),
            }
        }
        let count = buffer.len().min(self.rest.len());
        buffer[..count].copy_from_slice(&self.rest.split_to(count));
        Ok(count)
    }
}
