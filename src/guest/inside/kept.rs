//! The environment that a sandbox was created with, for every command in it: what `dp run --detach`
//! was given, as no session is there to take it. Kept where only root reads it, for as long as the
//! container lives, and part of nothing that the engine shows.

use crate::guest::environment;
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const FILE: &str = "/var/lib/dp/environment.json";

/// What is kept; nothing where that cannot be read.
pub fn read() -> BTreeMap<String, String> {
    let text = fs::read(FILE).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Adds to what is kept.
///
/// # Errors
/// When it cannot be written; what was there stays.
pub fn add(env: BTreeMap<String, String>) -> io::Result<()> {
    let mut all = read();
    all.extend(env);
    // Kept, it would be in the way of every later start.
    environment::check(&all).map_err(io::Error::other)?;
    let path = Path::new(FILE);
    let new = path.with_extension("new");
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    // One that a `dp` left which died is not ours to trust, nor its mode.
    let _none = fs::remove_file(&new);
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(&serde_json::to_vec(&all)?)?;
    fs::rename(new, path)
}
