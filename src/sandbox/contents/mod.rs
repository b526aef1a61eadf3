//! Files of a sandbox as tar archives, in and out.
//!
//! The engine would mount all that a sandbox mounts, on its own machine and at paths that it looks up in the
//! sandbox's files, for each archive: an agent that exchanges a directory for a link meanwhile has it make
//! directories and mounts anywhere. So what runs is asked through its guest (`inside`), and the engine
//! only about what stands still (`at_rest`).

mod at_rest;
mod inside;

use super::channel::{self, ChannelError};
use super::existing::Existing;
use super::hold::HoldError;
use super::mount_points::MountPointError;
use super::proof::Moved;
use crate::engine::{Engine, EngineError};
use crate::guest::client::ClientError;
use std::io::{self, Read, Write};

/// Why there is no archive.
#[derive(Debug, thiserror::Error)]
pub enum ContentsError {
    /// The path leads nowhere inside, or to something else than a directory where one is needed.
    #[error("`{path}` is not in the sandbox `{sandbox}`")]
    Missing {
        /// The sandbox.
        sandbox: String,
        /// The path inside.
        path: String,
    },
    /// The guest could not pack or unpack.
    #[error("the sandbox `{sandbox}` cannot copy `{path}`")]
    Failed {
        /// The sandbox.
        sandbox: String,
        /// The path inside.
        path: String,
        /// The guest's words.
        words: String,
    },
    /// Somebody who could disturb the engine cannot be paused.
    #[error(transparent)]
    Moved(#[from] Moved),
    /// A link is on the way to a mount.
    #[error(transparent)]
    MountPoint(#[from] MountPointError),
    /// The guest cannot be reached.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The guest cannot be talked to.
    #[error(transparent)]
    Guest(#[from] ClientError),
    /// The engine's answer.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<HoldError> for ContentsError {
    fn from(error: HoldError) -> Self {
        match error {
            HoldError::Moved(moved) => moved.into(),
            HoldError::Engine(error) => error.into(),
        }
    }
}

impl ContentsError {
    fn missing(sandbox: &Existing, path: &str) -> Self {
        Self::Missing {
            sandbox: sandbox.name.to_string(),
            path: path.to_string(),
        }
    }

    /// There is nothing at the path.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }
}

/// Hands the archive of what is at `path` to `read`, which may stop before its end. The inner error is the reader's.
///
/// # Errors
/// [`ContentsError`].
pub async fn read<T: Send + 'static>(
    engine: &Engine,
    sandbox: &Existing,
    path: &str,
    read: impl FnOnce(&mut dyn Read) -> io::Result<T> + Send + 'static,
) -> Result<io::Result<T>, ContentsError> {
    if runs(engine, sandbox).await? {
        inside::read(engine, sandbox, path, read).await
    } else {
        at_rest::read(engine, sandbox, &sandbox.id, path, read).await
    }
}

/// Unpacks what `write` writes into a directory that is there. The inner error is the writer's.
///
/// # Errors
/// [`ContentsError`].
pub async fn write(
    engine: &Engine,
    sandbox: &Existing,
    directory: &str,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
) -> Result<io::Result<()>, ContentsError> {
    let written = if runs(engine, sandbox).await? {
        inside::write(engine, sandbox, directory, write).await?
    } else {
        at_rest::write(engine, sandbox, directory, write).await?
    };
    Ok(match written {
        // What stands after the end of an archive is nobody's.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    })
}

/// Its guest can be asked. Listings lag behind.
async fn runs(engine: &Engine, sandbox: &Existing) -> Result<bool, EngineError> {
    Ok(sandbox.is_running() && channel::still_runs(engine, sandbox).await?)
}

/// User and group of the agents inside: what a person copies in is theirs.
#[must_use]
pub fn account(sandbox: &Existing) -> (u32, u32) {
    let user = sandbox.settings.user.as_deref().unwrap_or("0:0");
    let (uid, gid) = user.split_once(':').unwrap_or(("0", "0"));
    (uid.parse().unwrap_or(0), gid.parse().unwrap_or(0))
}

/// True for a directory that is there, also through a link.
///
/// # Errors
/// [`ContentsError`]; a path that is not there is no error.
pub async fn is_directory(
    engine: &Engine,
    sandbox: &Existing,
    path: &str,
) -> Result<bool, ContentsError> {
    if runs(engine, sandbox).await? {
        inside::is_directory(engine, sandbox, path).await
    } else {
        at_rest::is_directory(engine, sandbox, path).await
    }
}

/// The same as [`read`] for the container `id` of the sandbox's Docker engine, which has no guest that
/// answers.
///
/// # Errors
/// [`ContentsError`].
pub async fn read_of_engine<T: Send + 'static>(
    engine: &Engine,
    sandbox: &Existing,
    id: &str,
    path: &str,
    read: impl FnOnce(&mut dyn Read) -> io::Result<T> + Send + 'static,
) -> Result<io::Result<T>, ContentsError> {
    at_rest::read(engine, sandbox, id, path, read).await
}
