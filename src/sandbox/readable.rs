//! What the engine itself opens of a sandbox that it starts: root inside could make it wait for ever, or
//! read more than its machine has room for.
//!
//! Process 1 leaves these files in order when it ends. Where it could not, because the
//! sandbox was killed, they are looked at before the next start.

use super::existing::Existing;
use crate::engine::archive::Stat;
use crate::engine::{Engine, EngineError};

/// Whom the engine looks up, and in what groups.
const FILES: [&str; 2] = ["/etc/passwd", "/etc/group"];
/// The largest that process 1 leaves, in bytes.
const MOST: u64 = crate::guest::MOST_NAMES;
/// How process 1 ends when it was told to, in the engine's words.
const IN_ORDER: &str = "Exited (0)";

/// A file that the engine must not open.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{file}` in the sandbox `{sandbox}` is not a small regular file, and the engine reads it at each start"
)]
pub struct Unreadable {
    /// The sandbox.
    pub sandbox: String,
    /// The path inside.
    pub file: &'static str,
}

/// The file that would hold up the engine; no call for a sandbox that ended in order.
///
/// # Errors
/// [`EngineError`].
pub(super) async fn obstacle(
    engine: &Engine,
    sandbox: &Existing,
) -> Result<Option<Unreadable>, EngineError> {
    if sandbox.state != "exited" || sandbox.status.starts_with(IN_ORDER) {
        return Ok(None);
    }
    let looked = FILES.map(|file| is_readable(engine, &sandbox.id, file));
    let readable = futures_util::future::try_join_all(looked).await?;
    let mut found = FILES.into_iter().zip(readable);
    Ok(found
        .find(|(_, is_readable)| !is_readable)
        .map(|(file, _)| Unreadable {
            sandbox: sandbox.name.to_string(),
            file,
        }))
}

async fn is_readable(engine: &Engine, container: &str, file: &str) -> Result<bool, EngineError> {
    let is_fit = |found: &Stat| found.is_regular() && found.size <= MOST;
    let Some(found) = engine.stat(container, file).await? else {
        return Ok(true);
    };
    if found.target.is_empty() {
        return Ok(is_fit(&found));
    }
    let target = engine.stat(container, &found.target).await?;
    Ok(target.as_ref().is_some_and(is_fit))
}
