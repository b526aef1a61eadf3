//! Logs of agents as files of a container, for when there is no guest to ask: which there are, and
//! what is in them. Whoever is root inside may have made them, so nothing of them is believed.

use super::super::{Error, Result};
use crate::engine::Engine;
use crate::guest::{INNER_ENGINE_KEY, LOG_DIR, log};
use crate::sandbox::Existing;
use crate::sandbox::contents::{self, ContentsError};
use std::io::{self, Read};
use std::path::Path;

/// What is read of one file at most: whoever is root inside may have made it larger.
const LARGEST: u64 = 4 * log::ROTATE_AT;

/// What is looked through of all logs at most.
const ALL: u64 = 16 * LARGEST;

/// The agents that have a log, in alphabetical order.
pub(super) async fn keys(engine: &Engine, sandbox: &Existing) -> Result<Vec<String>> {
    let names = contents::read(engine, sandbox, LOG_DIR, |pieces| {
        let mut names = Vec::new();
        for entry in tar::Archive::new(pieces.take(ALL)).entries()? {
            // What lies beyond the bound is left out.
            let Ok(entry) = entry else { break };
            let path = entry.path()?;
            let name = path.file_name().and_then(|name| name.to_str());
            let is_file = entry.header().entry_type().is_file();
            names.extend(
                name.filter(|_| is_file)
                    .and_then(log::key_of)
                    .map(str::to_string),
            );
        }
        Ok(names)
    });
    let mut names = match names.await {
        Err(error) if error.is_missing() => Vec::new(),
        names => names??,
    };
    names.sort();
    Ok(names)
}

/// Both files of an agent's log.
pub(super) async fn text(engine: &Engine, sandbox: &Existing, key: &str) -> Result<Vec<u8>> {
    let [older, current] = log::paths(key).map(|path| path.to_string_lossy().into_owned());
    let older = known(contents::read(engine, sandbox, &older, file).await)?;
    let current = known(contents::read(engine, sandbox, &current, file).await)?;
    joined(key, older, current)
}

/// The log that the sandbox's Docker engine keeps in its container.
pub(super) async fn text_of_engine(
    engine: &Engine,
    sandbox: &Existing,
    id: &str,
) -> Result<Vec<u8>> {
    let read = async |path: &Path| {
        let path = path.to_string_lossy();
        known(contents::read_of_engine(engine, sandbox, id, &path, file).await)
    };
    let [older, current] = log::paths(INNER_ENGINE_KEY);
    joined(INNER_ENGINE_KEY, read(&older).await?, read(&current).await?)
}

fn joined(key: &str, older: Option<Vec<u8>>, current: Option<Vec<u8>>) -> Result<Vec<u8>> {
    let Some(current) = current else {
        let message = format!("there is no log of `{key}`");
        return Err(Error::not_found("no-process", message));
    };
    Ok([older.unwrap_or_default(), current].concat())
}

/// What was read; `None` when it is not there, or is something else than a file.
fn known(
    text: std::result::Result<io::Result<Option<Vec<u8>>>, ContentsError>,
) -> Result<Option<Vec<u8>>> {
    match text {
        Err(error) if error.is_missing() => Ok(None),
        text => Ok(text??),
    }
}

/// The first entry of an archive, if it is a file.
fn file(archive: &mut dyn Read) -> io::Result<Option<Vec<u8>>> {
    let mut archive = tar::Archive::new(archive);
    let Some(entry) = archive.entries()?.next() else {
        return Ok(None);
    };
    let entry = entry?;
    if !entry.header().entry_type().is_file() {
        return Ok(None);
    }
    let mut text = Vec::new();
    // What lies beyond the bound is left out.
    entry.take(LARGEST).read_to_end(&mut text)?;
    Ok(Some(text))
}
