//! Logs of agents as files of a container, for when there is no guest to ask: which there are, and
//! what is in them. Whoever is root inside may have made them, so nothing of them is believed.

use super::super::{Error, Result};
use super::archive;
use crate::engine::Engine;
use crate::guest::{LOG_DIR, log};
use crate::sandbox::{Existing, mount_points};
use std::io::Read;
use std::path::Path;

/// What is read of one file at most: whoever is root inside may have made it larger.
const LARGEST: u64 = 4 * log::ROTATE_AT;

/// What is looked through of all logs at most.
const ALL: u64 = 16 * LARGEST;

/// The agents that have a log, in alphabetical order.
pub(super) async fn keys(engine: &Engine, sandbox: &Existing) -> Result<Vec<String>> {
    mount_points::before_a_look(engine, sandbox)?;
    let names = archive::read(engine, sandbox, LOG_DIR, |pieces| {
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
        Err(error) if error.is_not_found() => Vec::new(),
        names => names??,
    };
    names.sort();
    Ok(names)
}

/// Both files of an agent's log.
pub(super) async fn text(engine: &Engine, sandbox: &Existing, key: &str) -> Result<Vec<u8>> {
    mount_points::before_a_look(engine, sandbox)?;
    let [older, current] = log::paths(key);
    let mut text = file(engine, sandbox, &older).await?.unwrap_or_default();
    let Some(newer) = file(engine, sandbox, &current).await? else {
        let message = format!("there is no log of `{key}`");
        return Err(Error::not_found("no-process", message));
    };
    text.extend(newer);
    Ok(text)
}

/// A file of a container; `None` when it is not there, or is something else.
async fn file(engine: &Engine, sandbox: &Existing, path: &Path) -> Result<Option<Vec<u8>>> {
    let path = path.to_string_lossy();
    let text = archive::read(engine, sandbox, &path, |pieces| {
        let mut archive = tar::Archive::new(pieces);
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
    });
    match text.await {
        Err(error) if error.is_not_found() => Ok(None),
        text => Ok(text??),
    }
}
