//! What the engine opens of a sandbox's own files as root while it starts it again: root inside, and
//! whoever was handed a directory of it, could make the engine wait for ever, read more than its
//! machine has room for, or make files elsewhere.
//!
//! Process 1 leaves the lists of users in order when it ends. Who was handed a directory, and the containers of
//! the engine beside it, can change them afterwards: so all is looked at before each start, while
//! everybody stands still (`hold`).

use super::existing::Existing;
use crate::engine::archive::Stat;
use crate::engine::{Engine, EngineError};

/// Where the engine looks up users and groups.
const FILES: [&str; 2] = ["/etc/passwd", "/etc/group"];
/// Where it makes devices, and links by paths that it does not look up inside the sandbox.
const DEVICES: &str = "/dev";
/// The largest that process 1 leaves, in bytes.
const MOST: u64 = crate::guest::MOST_NAMES;

/// A place that the engine must not use.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{place}` in the sandbox `{sandbox}` is not {wanted}, and the engine {uses} at each start"
)]
pub struct Unreadable {
    /// The sandbox.
    pub sandbox: String,
    /// The path inside.
    pub place: &'static str,
    /// What it should be.
    pub wanted: &'static str,
    /// What the engine does with it.
    pub uses: &'static str,
}

/// What would mislead the engine; no call for a sandbox that runs, or that is new.
///
/// # Errors
/// [`EngineError`].
pub(super) async fn obstacle(
    engine: &Engine,
    sandbox: &Existing,
) -> Result<Option<Unreadable>, EngineError> {
    if !sandbox.ran_before() {
        return Ok(None);
    }
    let [passwd, group] = FILES.map(|file| is_readable(engine, &sandbox.id, file));
    let devices = is_directory(engine, &sandbox.id, DEVICES);
    let (passwd, group, devices) = tokio::try_join!(passwd, group, devices)?;
    let unreadable = |place, wanted, uses| Unreadable {
        sandbox: sandbox.name.to_string(),
        place,
        wanted,
        uses,
    };
    let mut files = FILES.into_iter().zip([passwd, group]);
    let file = files.find(|(_, is_readable)| !is_readable);
    let file = file.map(|(file, _)| unreadable(file, "a small regular file", "reads it"));
    let directory = || unreadable(DEVICES, "a directory", "makes devices in it");
    Ok(file.or_else(|| (!devices).then(directory)))
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

/// A directory itself, and no link to one.
async fn is_directory(engine: &Engine, container: &str, path: &str) -> Result<bool, EngineError> {
    let found = engine.stat(container, path).await?;
    Ok(found.is_none_or(|found| found.is_directory()))
}
