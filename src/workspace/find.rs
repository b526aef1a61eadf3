//! Finding a workspace file and reading its text, and what paths are: all that this module asks the
//! file system.

use super::LIMIT;
use super::checks::Found;
use crate::files::{Pinned, ReadError};
use std::io;
use std::path::{Path, PathBuf};

/// The names that a workspace file may have.
pub const NAMES: [&str; 6] = [
    "dp.toml",
    "dp.yml",
    "dp.yaml",
    "dspatch.workspace.yml",
    "dspatch.workspace.yaml",
    "dspatch.workspace.toml",
];

/// Why there is no file to read.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// Several in one directory.
    #[error("`{}` has two workspace files: `{one}` and `{other}`", directory.display())]
    Several {
        /// Where.
        directory: PathBuf,
        /// The one.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// Nobody can tell whether a directory has one.
    #[error("cannot look for a workspace file in `{}`", directory.display())]
    Hidden {
        /// Where.
        directory: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It cannot be read.
    #[error("cannot read the workspace file `{}`", path.display())]
    Unreadable {
        /// As given or found.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is something else than text, or too much of it.
    #[error("the workspace file `{}` {problem}", path.display())]
    Unfit {
        /// As given or found.
        path: PathBuf,
        /// In words.
        problem: &'static str,
    },
}

/// Looks in `directory` and above, up to the home or the root of the file system, both included.
///
/// # Errors
/// [`FindError::Several`]; [`FindError::Hidden`] where it cannot be told whether there is one.
pub fn search(directory: &Path, home: Option<&Path>) -> Result<Option<PathBuf>, FindError> {
    for directory in directory.ancestors() {
        let mut found = Vec::new();
        for name in &NAMES {
            let is_there = is_file(&directory.join(name));
            let is_there = is_there.map_err(|source| FindError::Hidden {
                directory: directory.to_path_buf(),
                source,
            })?;
            found.extend(is_there.then_some(name));
        }
        let mut here = found.into_iter();
        match (here.next(), here.next()) {
            (Some(one), Some(other)) => {
                return Err(FindError::Several {
                    directory: directory.to_path_buf(),
                    one,
                    other,
                });
            }
            (Some(name), None) => return Ok(Some(directory.join(name))),
            _ if Some(directory) == home => break,
            _ => {}
        }
    }
    Ok(None)
}

/// Whether a file is there, links followed. What cannot be looked at is not a file that is missing.
fn is_file(path: &Path) -> io::Result<bool> {
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(metadata.is_file()),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(false),
            _ => Err(error),
        },
    }
}

/// The text of a file that was pinned; `path` is what a person calls it.
///
/// # Errors
/// [`FindError`] when it cannot be read, is larger than [`LIMIT`], or is no text.
pub fn text_of(path: &Path, pinned: &Pinned) -> Result<String, FindError> {
    decoded(path, pinned.read(LIMIT as u64))
}

/// The text of a file below a directory; no component of `path` may be a link.
///
/// # Errors
/// As [`text_of`].
pub fn text_below(directory: &Pinned, path: &Path) -> Result<String, FindError> {
    let read = directory.read_below(path, LIMIT as u64);
    decoded(&directory.path().join(path), read)
}

fn decoded(path: &Path, read: Result<Vec<u8>, ReadError>) -> Result<String, FindError> {
    let unfit = |problem| FindError::Unfit {
        path: path.to_path_buf(),
        problem,
    };
    let bytes = read.map_err(|error| match error {
        ReadError::Io(source) => FindError::Unreadable {
            path: path.to_path_buf(),
            source,
        },
        ReadError::Directory => unfit("is a directory"),
        ReadError::Special => unfit("is no file"),
        ReadError::Leased => unfit("is held by another program, which has a lease on it"),
        ReadError::TooLarge { .. } => unfit("is larger than 1 MiB"),
    })?;
    String::from_utf8(bytes).map_err(|_| unfit("is not UTF-8 text"))
}

/// What a path is, links followed.
#[must_use]
pub fn look(path: &Path) -> Found {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Found::Directory,
        Ok(_) => Found::File,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Found::Closed,
        Err(_) => Found::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_found_and_not_above_the_home() {
        let root = tempfile::tempdir().expect("a directory");
        let at = |path: &str| root.path().join(path);
        std::fs::create_dir_all(at("home/app/src")).expect("a directory");
        let find = |from: &str| search(&at(from), Some(&at("home"))).expect("no doubt");
        std::fs::write(at("dp.yml"), "").expect("a file");
        assert_eq!(find("home/app/src"), None);
        std::fs::write(at("home/dspatch.workspace.toml"), "").expect("a file");
        assert_eq!(
            find("home/app/src"),
            Some(at("home/dspatch.workspace.toml"))
        );
        std::fs::create_dir(at("home/app/dp.yaml")).expect("a directory is no file");
        std::fs::write(at("home/app/dp.toml"), "").expect("a file");
        assert_eq!(find("home/app/src"), Some(at("home/app/dp.toml")));
        std::fs::write(at("home/app/dspatch.workspace.yml"), "").expect("a file");
        let error = search(&at("home/app/src"), None).expect_err("two");
        assert!(
            error
                .to_string()
                .contains("`dp.toml` and `dspatch.workspace.yml`"),
            "{error}"
        );
    }
}
