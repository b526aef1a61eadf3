//! What one client is told: replies, what its process writes, logs. One task a client, so that who
//! does not take output can still send requests.

use super::output::Reader;
use super::process::Process;
use super::stdin::Credit;
use super::{reply, tail};
use crate::guest::frame::{self, Kind};
use crate::guest::message::Reply;
use bytes::Buf;
use std::io;
use std::rc::Rc;
use tokio::io::AsyncWriteExt;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::mpsc;

/// What is written to a client, in order.
pub(super) enum Outbound {
    Reply(Reply),
    Follow(Rc<Process>, Reader),
    Log {
        key: String,
        tail: Option<usize>,
        follow: bool,
    },
}

/// Writes until there is nothing more to say, or the client is gone.
///
/// # Errors
/// The connection's.
pub(super) async fn write_all(
    mut write: OwnedWriteHalf,
    mut inbox: mpsc::Receiver<Outbound>,
    credit: Rc<Credit>,
) -> io::Result<()> {
    let mut followed: Option<(Rc<Process>, Reader)> = None;
    let mut is_open = true;
    while is_open || followed.is_some() {
        tokio::select! {
            biased;
            outbound = inbox.recv(), if is_open => match outbound {
                Some(Outbound::Reply(reply)) => reply::send(&mut write, &reply).await?,
                Some(Outbound::Follow(process, reader)) => followed = Some((process, reader)),
                Some(Outbound::Log { key, tail, follow }) => {
                    tail::send(&mut write, &key, tail, follow).await?;
                }
                None => { is_open = false; followed = None; }
            },
            bytes = credit.take() => {
                reply::send(&mut write, &Reply::Credit { bytes }).await?;
            }
            chunk = next(followed.as_ref()) => match chunk {
                Some((kind, bytes)) => {
                    let header = frame::header(kind, bytes.len());
                    write.write_all_buf(&mut Buf::chain(&header[..], bytes)).await?;
                }
                None => if let Some((process, _)) = followed.take() {
                    let exit = process.exit().await;
                    reply::send(&mut write, &Reply::Exited(exit)).await?;
                },
            },
        }
    }
    Ok(())
}

async fn next(followed: Option<&(Rc<Process>, Reader)>) -> Option<(Kind, bytes::Bytes)> {
    match followed {
        Some((_, reader)) => reader.next().await,
        None => std::future::pending().await,
    }
}
