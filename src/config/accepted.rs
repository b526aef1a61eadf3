//! The workspace files as a person last accepted them, whole: a file is compared with what it was
//! then. Agents can change a file that lies in their workspace; they do not reach this directory.

use crate::digest::sha256;
use crate::files;
use std::io;
use std::path::{Path, PathBuf};

/// The largest text that is read.
const LIMIT: u64 = 16 * 1024 * 1024;

/// The accepted files of one person, one file for each below the state directory.
#[derive(Debug)]
pub struct Accepted {
    directory: PathBuf,
}

impl Accepted {
    /// Those of a state directory.
    #[must_use]
    pub fn of(state: &Path) -> Self {
        Self {
            directory: state.join("accepted"),
        }
    }

    /// The text of `file`, a canonical path, as it was last accepted; `None` when it never was.
    ///
    /// # Errors
    /// The system's, or that it is no text.
    pub fn text(&self, file: &Path) -> io::Result<Option<String>> {
        match files::read(&self.place(file), LIMIT) {
            Ok(text) => Ok(Some(String::from_utf8(text).map_err(io::Error::other)?)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps `text` as what `file` was accepted with.
    ///
    /// # Errors
    /// The system's; nothing is changed then.
    pub fn keep(&self, file: &Path, text: &str) -> io::Result<()> {
        // Readable by its owner alone: the text may hold secrets.
        files::replace(&self.place(file), text.as_bytes())
    }

    /// Forgets `file`.
    ///
    /// # Errors
    /// The system's.
    pub fn forget(&self, file: &Path) -> io::Result<()> {
        match std::fs::remove_file(self.place(file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn place(&self, file: &Path) -> PathBuf {
        let name = sha256(file.as_os_str().as_encoded_bytes());
        self.directory.join(&name[..32])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_last_text_of_each_file_is_kept_in_private() {
        let state = tempfile::tempdir().expect("a directory");
        let accepted = Accepted::of(&state.path().join("dp"));
        let [one, other] = ["/team/dp.yml", "/other/dp.yml"].map(Path::new);
        let text = |file| accepted.text(file).expect("readable");
        assert_eq!(text(one), None);
        accepted.keep(one, "a").expect("kept");
        accepted.keep(one, "b").expect("kept");
        assert_eq!((text(one).as_deref(), text(other)), (Some("b"), None));
        let mode = |path: &Path| {
            let metadata = std::fs::metadata(path).expect("there");
            metadata.permissions().mode() & 0o777
        };
        assert_eq!(mode(&accepted.directory), 0o700);
        assert_eq!(mode(&accepted.place(one)), 0o600);
        accepted.forget(one).expect("forgotten");
        accepted.forget(one).expect("nothing to do");
        assert_eq!(text(one), None);
    }
}
