//! Which sources lie in the sandbox, by the fingerprint that was given with each.

use super::super::{beneath, system_file};
use rustix::fs::AtFlags;
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

const DIRECTORY: &str = "/var/lib/dp/sources";
/// More than a fingerprint has, in bytes.
const LIMIT: u64 = 4096;

/// Fingerprints by template.
pub fn all() -> BTreeMap<String, String> {
    let directory = beneath::existing(Path::new(DIRECTORY));
    let entries = directory.and_then(|directory| Ok(rustix::fs::Dir::read_from(directory)?));
    { entries.into_iter().flatten() }
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().to_str().ok()?.to_string();
            let fingerprint = beneath::read(&path(Path::new(&name)), LIMIT).ok()?;
            Some((name, String::from_utf8(fingerprint).ok()?))
        })
        .collect()
}

/// From here on nobody knows what lies there.
pub fn forget(template: &Path) -> io::Result<()> {
    let Ok(directory) = beneath::existing(Path::new(DIRECTORY)) else {
        return Ok(());
    };
    let name = template.file_name().unwrap_or_default();
    match rustix::fs::unlinkat(directory, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The source is there whole.
pub fn note(template: &Path, fingerprint: &str) -> io::Result<()> {
    system_file::write(&path(template), fingerprint.as_bytes(), 0o644)
}

fn path(template: &Path) -> PathBuf {
    Path::new(DIRECTORY).join(template.file_name().unwrap_or_default())
}
