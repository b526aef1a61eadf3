//! One question to the guest of a sandbox that runs, and its answer.

use super::super::{Error, Result};
use crate::engine::Engine;
use crate::guest::client::Client;
use crate::guest::message::{Reply, Request};
use crate::sandbox::{Existing, channel};
use std::os::unix::net::UnixStream;

/// Asks on a connection of its own.
pub(super) async fn ask(engine: &Engine, sandbox: &Existing, request: Request) -> Result<Reply> {
    answer(channel::open(engine, sandbox, false).await?, request).await
}

/// Asks on a connection that is there.
pub(super) async fn answer(stream: UnixStream, request: Request) -> Result<Reply> {
    let asked = tokio::task::spawn_blocking(move || Client::new(stream)?.call(&request));
    let answer = asked.await;
    Ok(answer.map_err(|error| Error::failed("guest", error.to_string()))??)
}

/// The guest answered with what belongs to another question.
pub(super) fn unexpected() -> Error {
    Error::failed("guest", "the guest answered something else")
}
