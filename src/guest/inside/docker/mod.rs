//! The Docker engine of a sandbox, and the way to it. As a rule it runs beside the sandbox, in a
//! container of its own.
//!
//! Both containers share a network namespace, and with it the abstract socket names. The sandbox's
//! PID 1 owns the door ([`door`]): programs connect to a Docker socket inside the sandbox, and the
//! engine's PID 1 ([`engine`]) brings a connection to its dockerd for each of them. Only the engine's
//! container connects, so nothing in it listens for the sandbox. The first connection of the engine's
//! PID 1, the line, stays open: when the sandbox's PID 1 ends, the engine's ends as well.
//!
//! ```text
//! docker CLI -> /run/dp-docker/docker.sock -> door ~~~ line, data ~~~ engine -> dockerd
//! |-------------- sandbox ------------------|         |------- engine's container ------|
//! ```

mod client;
mod dockerd;
pub mod door;
pub mod engine;
mod ids;
mod refusal;
mod supervisor;

use std::io;
use tokio::net::{UnixListener, UnixStream};

/// The first byte of the connection that asks for others and ends with the sandbox.
const LINE: u8 = b'l';
/// The first byte of a connection to dockerd.
const DATA: u8 = b'd';
/// What the door writes to the line for each connection that it needs.
const WANTED: u8 = b'w';
/// How much is copied at a time, each way of each connection.
const CHUNK: usize = 16 * 1024;

/// The abstract name of a door, as tokio takes it.
fn address(door: &str) -> String {
    format!("\0dp-docker/{door}")
}

/// Only root of this user namespace is believed: that is PID 1 on either side.
fn is_root(stream: &UnixStream) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == 0)
}

fn listen(door: &str) -> io::Result<UnixListener> {
    UnixListener::bind(address(door))
}

/// Connects to a door that belongs to root.
async fn connect(door: &str) -> io::Result<UnixStream> {
    let stream = UnixStream::connect(address(door)).await?;
    if is_root(&stream) {
        return Ok(stream);
    }
    Err(io::Error::other("somebody else has the door's name"))
}

/// Copies both ways until both sides are done.
async fn copy(mut one: UnixStream, mut other: UnixStream) {
    // A side that breaks off ends the connection for the other as well.
    let _broken =
        tokio::io::copy_bidirectional_with_sizes(&mut one, &mut other, CHUNK, CHUNK).await;
}
