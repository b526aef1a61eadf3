//! Which sources lie in the sandbox, by the fingerprint that was given with each.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const DIRECTORY: &str = "/var/lib/dp/sources";

/// Fingerprints by template.
pub fn all() -> BTreeMap<String, String> {
    let Ok(entries) = fs::read_dir(DIRECTORY) else {
        return BTreeMap::new();
    };
    entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let fingerprint = fs::read_to_string(entry.path()).ok()?;
            Some((entry.file_name().into_string().ok()?, fingerprint))
        })
        .collect()
}

/// From here on nobody knows what lies there.
pub fn forget(template: &Path) -> io::Result<()> {
    match fs::remove_file(path(template)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The source is there whole.
pub fn note(template: &Path, fingerprint: &str) -> io::Result<()> {
    fs::create_dir_all(DIRECTORY)?;
    fs::write(path(template), fingerprint)
}

fn path(template: &Path) -> PathBuf {
    Path::new(DIRECTORY).join(template.file_name().unwrap_or_default())
}
