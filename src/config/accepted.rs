//! The workspace files as a person last accepted them, whole: a file is compared with what it was
//! then. Agents can change a file that lies in their workspace; they do not reach this directory.

use super::private_directory;
use crate::digest::sha256;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

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
        match std::fs::read_to_string(self.place(file)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps `text` as what `file` was accepted with.
    ///
    /// # Errors
    /// The system's; nothing is changed then.
    pub fn keep(&self, file: &Path, text: &str) -> io::Result<()> {
        private_directory(&self.directory)?;
        // Readable by its owner alone from the start: the text may hold secrets.
        let mut new = tempfile::NamedTempFile::new_in(&self.directory)?;
        new.write_all(text.as_bytes())?;
        new.persist(self.place(file)).map_err(|error| error.error)?;
        Ok(())
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
