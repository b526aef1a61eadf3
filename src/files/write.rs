//! The files of `dp` itself: private directories, and files that are there whole or not at all.

use std::fs::{DirBuilder, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

/// Makes a directory (and its parents) that only its owner may enter.
///
/// # Errors
/// The system's.
pub fn private_directory(dir: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(dir)?;
    if std::fs::metadata(dir)?.permissions().mode() & 0o077 != 0 {
        std::fs::set_permissions(dir, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Puts a file of mode 0600 in the place of `path`, in a private directory: after a crash of the
/// machine it is the old one or the new one.
///
/// # Errors
/// The system's; the old file is there then.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("/"));
    private_directory(directory)?;
    let mut new = tempfile::NamedTempFile::new_in(directory)?;
    new.write_all(content)?;
    new.as_file().sync_all()?;
    new.persist(path).map_err(|error| error.error)?;
    File::open(directory)?.sync_all()
}

/// Makes a file of mode 0600 in a private directory; false when there is one, which stays.
///
/// # Errors
/// The system's; there is no new file then.
pub fn create(path: &Path, content: &[u8]) -> io::Result<bool> {
    let directory = path.parent().unwrap_or(Path::new("/"));
    private_directory(directory)?;
    let mut new = tempfile::NamedTempFile::new_in(directory)?;
    new.write_all(content)?;
    new.as_file().sync_all()?;
    match new.persist_noclobber(path) {
        Ok(_) => {}
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(error.error),
    }
    File::open(directory)?.sync_all()?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_private() {
        let root = tempfile::tempdir().expect("a directory");
        let path = root.path().join("state/file");
        for text in ["first", "second"] {
            replace(&path, text.as_bytes()).expect("written");
            assert_eq!(std::fs::read_to_string(&path).expect("a file"), text);
        }
        assert!(!create(&path, b"third").expect("there is one"));
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "second");
        let mode = |path: &Path| {
            let metadata = std::fs::metadata(path).expect("it is there");
            metadata.permissions().mode() & 0o777
        };
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(&root.path().join("state")), 0o700);
        let entries = std::fs::read_dir(root.path().join("state")).expect("a directory");
        assert_eq!(entries.count(), 1, "nothing is left beside it");
    }
}
