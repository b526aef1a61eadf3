//! Through the engine, for what stands still: nobody of the person's runs who could exchange a directory for
//! a link while the engine looks up where to mount something.

use super::super::existing::Existing;
use super::super::hold::Hold;
use super::super::mount_points;
use super::ContentsError;
use crate::engine::Engine;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use std::io::{self, Read, Write};
use std::pin::pin;
use tokio::sync::mpsc;

/// Pieces of an archive under way between the engine and the disk.
const UNDER_WAY: usize = 16;
const CHUNK: usize = 256 * 1024;

/// Everybody stands still, and the engine finds the places of all mounts.
async fn still(engine: &Engine, sandbox: &Existing) -> Result<Hold, ContentsError> {
    let hold = Hold::still(engine, sandbox).await?;
    if let Err(error) = mount_points::before_a_look(engine, sandbox) {
        hold.release().await;
        return Err(error.into());
    }
    Ok(hold)
}

/// Of `container`, which is the sandbox's own, or that of its Docker engine.
pub(super) async fn read<T: Send + 'static>(
    engine: &Engine,
    sandbox: &Existing,
    container: &str,
    path: &str,
    read: impl FnOnce(&mut dyn Read) -> io::Result<T> + Send + 'static,
) -> Result<io::Result<T>, ContentsError> {
    let (sender, receiver) = mpsc::channel::<Bytes>(UNDER_WAY);
    let mut pieces = Pieces {
        receiver,
        rest: Bytes::new(),
    };
    let reading = tokio::task::spawn_blocking(move || read(&mut pieces));
    let mut hold = Some(still(engine, sandbox).await?);
    let mut chunks = pin!(engine.archive(container, path));
    let mut received = Ok(());
    while let Some(chunk) = chunks.next().await {
        // The engine has its mounts when it begins to answer.
        if let Some(hold) = hold.take() {
            hold.release().await;
        }
        match chunk {
            Ok(chunk) => {
                if sender.send(chunk).await.is_err() {
                    break;
                }
            }
            Err(error) if error.is_not_found() => {
                received = Err(ContentsError::missing(sandbox, path));
                break;
            }
            Err(error) => {
                received = Err(error.into());
                break;
            }
        }
    }
    if let Some(hold) = hold {
        hold.release().await;
    }
    drop(sender);
    let outcome = reading
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)));
    received.map(|()| outcome)
}

pub(super) async fn write(
    engine: &Engine,
    sandbox: &Existing,
    directory: &str,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
) -> Result<io::Result<()>, ContentsError> {
    let (sender, mut receiver) = mpsc::channel::<io::Result<Bytes>>(UNDER_WAY);
    let writing = tokio::task::spawn_blocking(move || {
        let mut chunks = Chunks {
            sender,
            buffer: Vec::new(),
        };
        write(&mut chunks)?;
        chunks.flush()
    });
    let chunks = stream::poll_fn(move |context| receiver.poll_recv(context));
    let hold = still(engine, sandbox).await?;
    let put = engine.put_archive(&sandbox.id, directory, chunks).await;
    hold.release().await;
    // The engine's own refusal says more than that nobody took the rest.
    match put {
        Err(error) if error.is_not_found() => {
            return Err(ContentsError::missing(sandbox, directory));
        }
        put => put?,
    }
    let written = writing.await;
    Ok(written.unwrap_or_else(|error| Err(io::Error::other(error))))
}

pub(super) async fn is_directory(
    engine: &Engine,
    sandbox: &Existing,
    path: &str,
) -> Result<bool, ContentsError> {
    let hold = still(engine, sandbox).await?;
    let found = engine.is_directory(&sandbox.id, path).await;
    hold.release().await;
    Ok(found?)
}

/// What has come of an archive, in order.
struct Pieces {
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

/// Turns what is written into pieces for the engine.
struct Chunks {
    sender: mpsc::Sender<io::Result<Bytes>>,
    buffer: Vec<u8>,
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let chunk = Bytes::from(std::mem::take(&mut self.buffer));
        let sent = self.sender.blocking_send(Ok(chunk));
        sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
