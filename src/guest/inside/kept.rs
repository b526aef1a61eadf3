//! The environment that a sandbox was created with, for every command in it: what `dp run --detach`
//! was given, as no session is there to take it. Kept where only root reads it, for as long as the
//! container lives, and part of nothing that the engine shows.

use super::{beneath, system_file};
use crate::guest::environment;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

const FILE: &str = "/var/lib/dp/environment.json";
/// More than may be kept, in bytes.
const LIMIT: u64 = 16 * 1024 * 1024;

/// What is kept; nothing where that cannot be read.
pub fn read() -> BTreeMap<String, String> {
    let text = beneath::read(Path::new(FILE), LIMIT).unwrap_or_default();
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
    system_file::write(path, &serde_json::to_vec(&all)?, 0o600)
}
