//! The way to a sandbox's guest: its socket in a directory of ours, or a relay over the engine.
//!
//! What comes out of a sandbox is not trusted: the socket is opened without following links and
//! must be a socket, so that nothing inside can lead `dp` to another place of the host. Nor does
//! anything here block: a socket that takes no connections is an error after a while.

use super::existing::Existing;
use super::hold;
use crate::engine::endpoint::Address;
use crate::engine::{Engine, EngineError, Hijacked};
use crate::guest::{BINARY, SOCKET_NAME};
use futures_util::StreamExt;
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

/// How long a sandbox that was just started may take to open its socket.
const START: Duration = Duration::from_secs(20);
/// After this, the relay is tried beside it: the socket may never appear here.
const PATIENCE: Duration = Duration::from_millis(300);
/// How long a guest may be too busy to take another connection.
const BUSY: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(1);
/// How long an engine may take to notice that a sandbox has ended.
const NOTICE: Duration = Duration::from_secs(2);
const CHUNK: usize = 64 * 1024;

/// Why the guest cannot be reached.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// The main process ended right after its start.
    #[error("the sandbox `{name}` ended as soon as it started")]
    Ended {
        /// The sandbox.
        name: String,
        /// The last lines that it wrote.
        log: String,
        /// It was made just now, and is removed again.
        is_removed: bool,
    },
    /// Somebody stopped or removed it since it was looked up.
    #[error("the sandbox `{name}` was {how} meanwhile")]
    Gone {
        /// The sandbox.
        name: String,
        /// The agent it is for.
        agent: String,
        /// `stopped` or `removed`.
        how: &'static str,
    },
    /// It runs and does not answer.
    #[error("the sandbox `{name}` does not answer")]
    Silent {
        /// The sandbox.
        name: String,
        /// The last reason.
        reason: String,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Connects to the guest of a sandbox that runs; `is_fresh` when it was started just now.
///
/// # Errors
/// [`ChannelError`].
pub async fn open(
    engine: &Engine,
    sandbox: &Existing,
    is_fresh: bool,
) -> Result<UnixStream, ChannelError> {
    let Some(directory) = shared_directory(engine, sandbox) else {
        return relay_when_ready(engine, sandbox, is_fresh).await;
    };
    let begun = Instant::now();
    loop {
        let reason = match connect(directory) {
            Ok(stream) => return Ok(stream),
            Err(error) => error,
        };
        if reason.kind() == io::ErrorKind::WouldBlock {
            if begun.elapsed() > BUSY {
                return Err(ChannelError::Silent {
                    name: sandbox.name.to_string(),
                    reason: "its guest takes no connections".into(),
                });
            }
            tokio::time::sleep(POLL * 10).await;
            continue;
        }
        if !is_fresh || begun.elapsed() > PATIENCE {
            let relayed = relay_when_ready(engine, sandbox, is_fresh).await;
            if relayed.is_ok() && !is_fresh && reason.kind() == io::ErrorKind::ConnectionRefused {
                // Of an earlier life: somebody else than `dp` started the sandbox anew.
                let _gone = std::fs::remove_file(directory.join(SOCKET_NAME));
            }
            return match relayed {
                Err(ChannelError::Silent { name, .. }) => Err(ChannelError::Silent {
                    name,
                    reason: reason.to_string(),
                }),
                outcome => outcome,
            };
        }
        tokio::time::sleep(POLL).await;
    }
}

/// A connection to the guest of a sandbox that runs, where that takes no call to the engine.
pub(super) fn direct(engine: &Engine, sandbox: &Existing) -> Option<UnixStream> {
    connect(shared_directory(engine, sandbox)?).ok()
}

/// A connection to the guest of a sandbox that runs, where its socket should be one that this machine
/// can reach; through the engine where it is none.
pub(super) async fn near(engine: &Engine, sandbox: &Existing) -> Option<UnixStream> {
    shared_directory(engine, sandbox)?;
    open(engine, sandbox, false).await.ok()
}

/// Whether a sandbox that the engine lists as running does run: listings lag behind, and so does
/// the engine itself. No call where the guest takes connections, else one or more.
///
/// # Errors
/// [`EngineError`].
pub(super) async fn still_runs(engine: &Engine, sandbox: &Existing) -> Result<bool, EngineError> {
    let deadline = Instant::now() + NOTICE;
    loop {
        let is_deserted = match shared_directory(engine, sandbox).map(connect) {
            Some(Ok(_)) => return Ok(true),
            // The socket is there, and nobody behind it.
            Some(Err(error)) => error.kind() == io::ErrorKind::ConnectionRefused,
            None => false,
        };
        match engine.container(&sandbox.id).await {
            Ok(row) if hold::lives(&row) => {}
            Ok(_) => return Ok(false),
            Err(error) if error.is_not_found() => return Ok(false),
            Err(error) => return Err(error),
        }
        if !is_deserted || Instant::now() > deadline {
            return Ok(true);
        }
        tokio::time::sleep(POLL * 10).await;
    }
}

/// The directory of the guest's socket, where the engine shares this machine's files.
fn shared_directory<'a>(engine: &Engine, sandbox: &'a Existing) -> Option<&'a Path> {
    let shares_kernel = matches!(engine.endpoint().address, Address::Unix(_));
    sandbox.socket_directory().filter(|_| shares_kernel)
}

/// Opens the socket in a directory that only we may enter.
fn connect(directory: &Path) -> io::Result<UnixStream> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let directory = rustix::fs::open(directory, flags | OFlags::DIRECTORY, Mode::empty())?;
    let socket = rustix::fs::openat(&directory, SOCKET_NAME, flags, Mode::empty())?;
    let kind = rustix::fs::statat(&socket, "", AtFlags::EMPTY_PATH)?.st_mode;
    if FileType::from_raw_mode(kind) != FileType::Socket {
        return Err(io::Error::other(
            "what stands in the socket's place is no socket",
        ));
    }
    connect_to(&socket)
}

/// Through the descriptor: a path of a socket may only be 107 bytes long, and could be replaced.
/// `WouldBlock` while the queue of the socket is full.
fn connect_to(socket: &OwnedFd) -> io::Result<UnixStream> {
    let path = format!("/proc/self/fd/{}", socket.as_raw_fd());
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let stream = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    rustix::net::connect(&stream, &SocketAddrUnix::new(path)?)?;
    let stream = UnixStream::from(stream);
    stream.set_nonblocking(false)?;
    Ok(stream)
}

/// A guest that was just started refuses for a moment.
async fn relay_when_ready(
    engine: &Engine,
    sandbox: &Existing,
    is_fresh: bool,
) -> Result<UnixStream, ChannelError> {
    let deadline = Instant::now() + START;
    loop {
        let attempt = tokio::time::timeout_at(deadline, relay(engine, &sandbox.id)).await;
        let error = match attempt {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => error,
            Err(_) => io::Error::new(io::ErrorKind::TimedOut, "the relay does not answer"),
        };
        if let Some(end) = end(engine, sandbox, is_fresh).await? {
            return Err(end);
        }
        if Instant::now() >= deadline {
            return Err(ChannelError::Silent {
                name: sandbox.name.to_string(),
                reason: error.to_string(),
            });
        }
        tokio::time::sleep(POLL * 50).await;
    }
}

/// Why nobody will ever answer; `None` while it runs.
async fn end(
    engine: &Engine,
    sandbox: &Existing,
    is_fresh: bool,
) -> Result<Option<ChannelError>, EngineError> {
    let state = match engine.container(&sandbox.id).await {
        Ok(row) if hold::lives(&row) => return Ok(None),
        Ok(row) => row.state,
        Err(error) if error.is_not_found() => "removing".into(),
        Err(error) => return Err(error),
    };
    let gone = |how| ChannelError::Gone {
        name: sandbox.name.to_string(),
        agent: sandbox.agent.clone(),
        how,
    };
    Ok(match state.as_str() {
        "removing" | "dead" => Some(gone("removed")),
        _ if !is_fresh => Some(gone("stopped")),
        _ => {
            let log = engine.container_log(&sandbox.id, 20).await;
            Some(ChannelError::Ended {
                name: sandbox.name.to_string(),
                log: log.unwrap_or_default(),
                is_removed: false,
            })
        }
    })
}

/// Runs the relay inside and makes its streams look like a socket.
async fn relay(engine: &Engine, container: &str) -> io::Result<UnixStream> {
    let argv = [BINARY, "guest", "relay"];
    let Hijacked {
        mut output,
        mut input,
    } = engine
        .exec(container, &argv)
        .await
        .map_err(io::Error::other)?;
    // The relay speaks first: until then it may still fail to find the guest.
    let (near, far) = UnixStream::pair()?;
    far.set_nonblocking(true)?;
    let (mut from_near, mut to_near) = tokio::net::UnixStream::from_std(far)?.into_split();
    match output.next().await {
        Some(Ok(ready)) if ready.as_ref() == crate::guest::RELAY_READY => {}
        Some(Ok(_)) => return Err(io::Error::other("the relay said something else")),
        Some(Err(error)) => return Err(error),
        None => return Err(io::ErrorKind::UnexpectedEof.into()),
    }
    tokio::spawn(async move {
        while let Some(Ok(bytes)) = output.next().await {
            if to_near.write_all(&bytes).await.is_err() {
                break;
            }
        }
        // The end of the relay is the end of the stream.
        drop(to_near);
    });
    tokio::spawn(async move {
        let mut buffer = vec![0; CHUNK];
        while let Ok(count @ 1..) = from_near.read(&mut buffer).await {
            if input.write_all(&buffer[..count]).await.is_err() || input.flush().await.is_err() {
                break;
            }
        }
        let _closed = input.shutdown().await;
    });
    Ok(near)
}
