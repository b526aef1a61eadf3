//! Writes a reply to a client.

use crate::guest::frame::{self, Kind};
use crate::guest::message::Reply;
use bytes::BytesMut;
use std::io;
use tokio::io::AsyncWriteExt;
use tokio::net::unix::OwnedWriteHalf;

pub(super) async fn send(write: &mut OwnedWriteHalf, reply: &Reply) -> io::Result<()> {
    let json = serde_json::to_vec(reply)?;
    let mut out = BytesMut::new();
    frame::encode(Kind::Reply, &json, &mut out);
    write.write_all(&out).await
}
