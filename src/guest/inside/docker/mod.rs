//! The Docker engine of a sandbox, and the way to it. As a rule it runs beside the sandbox, in a
//! container of its own.
//!
//! Both containers share a network namespace, and with it the abstract socket names. The sandbox's
//! PID 1 owns the door ([`door`]): programs connect to a Docker socket inside the sandbox, and the
//! engine's PID 1 ([`engine`]) brings a connection to its dockerd for each of them. Only the engine's
//! container connects, so nothing in it listens for the sandbox. The first connection of the engine's
//! PID 1, the line, stays open: when the sandbox's PID 1 ends, the engine's ends as well ([`life`]).
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
mod life;
mod proof;
mod refusal;
pub mod runtime;
mod supervisor;

use crate::guest::message::Door;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

/// The connection that asks for others and ends with the sandbox.
const LINE: u8 = b'l';
/// A connection to dockerd.
const DATA: u8 = b'd';
/// What the door writes to the line for each connection that it needs.
const WANTED: u8 = b'w';
/// How much is copied at a time, each way of each connection.
const CHUNK: usize = 16 * 1024;

/// How long the other side may take to show what it is.
const GREETING: Duration = Duration::from_secs(5);

/// The abstract name of a door, as tokio takes it.
fn address(door: &Door) -> String {
    format!("\0dp-docker/{}", door.name)
}

/// What the engine's container shows, and what the sandbox shows.
fn halves(door: &Door) -> (&[u8], &[u8]) {
    let token = door.token.as_bytes();
    token.split_at(token.len() / 2)
}

/// Only root of this user namespace is believed: that is PID 1 on either side.
fn is_root(stream: &UnixStream) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == 0)
}

fn listen(door: &Door) -> io::Result<UnixListener> {
    UnixListener::bind(address(door))
}

/// Connects to a door, of the engine's side: `kind` says what for.
async fn connect(door: &Door, kind: u8) -> io::Result<UnixStream> {
    let greeted = async {
        let mut stream = UnixStream::connect(address(door)).await?;
        let (ours, theirs) = halves(door);
        // The door shows its half first: a stranger who has the name learns nothing of ours.
        let is_known = is_root(&stream) && shows(&mut stream, theirs).await?;
        if !is_known {
            return Err(io::Error::other("somebody else has the door's name"));
        }
        stream.write_all(&[ours, &[kind]].concat()).await?;
        Ok(stream)
    };
    timeout(GREETING, greeted).await?
}

/// Greets whoever connected to the door; answers what for. `None` for a stranger.
async fn greet(door: &Door, stream: &mut UnixStream) -> Option<u8> {
    let greeted = async {
        let (theirs, ours) = halves(door);
        if !is_root(stream) {
            return Err(io::Error::other("it is not root"));
        }
        stream.write_all(ours).await?;
        if !shows(stream, theirs).await? {
            return Err(io::Error::other("it is a stranger"));
        }
        stream.read_u8().await
    };
    timeout(GREETING, greeted).await.ok()?.ok()
}

/// The other side shows this.
async fn shows(stream: &mut UnixStream, expected: &[u8]) -> io::Result<bool> {
    let mut shown = vec![0; expected.len()];
    stream.read_exact(&mut shown).await?;
    Ok(!expected.is_empty() && shown == expected)
}

/// Copies both ways until both sides are done.
async fn copy(mut one: UnixStream, mut other: UnixStream) {
    // A side that breaks off ends the connection for the other as well.
    let _broken =
        tokio::io::copy_bidirectional_with_sizes(&mut one, &mut other, CHUNK, CHUNK).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(token: &str) -> Door {
        Door {
            name: "tests".into(),
            token: token.into(),
        }
    }

    #[tokio::test]
    async fn a_stranger_is_not_let_in_and_learns_only_the_doors_half() {
        let (mut ours, mut theirs) = UnixStream::pair().expect("a pair");
        let ask = async {
            theirs.write_all(b"aaaad").await.expect("sent");
            let mut heard = [0; 4];
            theirs
                .read_exact(&mut heard)
                .await
                .expect("the door's half");
            heard
        };
        let (greeted, heard) =
            tokio::join!(async { greet(&door("aaabbbbb"), &mut ours).await }, ask);
        assert_eq!(greeted, None);
        assert_eq!(&heard, b"bbbb");
    }
}
