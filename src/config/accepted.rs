//! The workspace files as a person last accepted them: a file is compared with what it was then. Of
//! what may be secret only a hash is kept. Agents can change a file that lies in their workspace; they
//! do not reach this directory.

use crate::digest::sha256;
use crate::files;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

/// The largest file that is read.
const LIMIT: u64 = 16 * 1024 * 1024;

/// The accepted files of one person, one file for each below the state directory.
#[derive(Debug)]
pub struct Accepted {
    directory: PathBuf,
}

/// A text that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedText {
    /// A hash of all of it, by the person's own key.
    pub hash: String,
    /// All that may be shown of it.
    pub shown: String,
}

impl Accepted {
    /// Those of a state directory.
    #[must_use]
    pub fn of(state: &Path) -> Self {
        Self {
            directory: state.join("accepted"),
        }
    }

    /// The text of `file`, a canonical path, as it was last accepted; `None` when it never was, or when
    /// what was kept of it is of another form.
    ///
    /// # Errors
    /// The system's.
    pub fn text(&self, file: &Path) -> io::Result<Option<AcceptedText>> {
        match files::read(&self.place(file), LIMIT) {
            Ok(text) => Ok(serde_json::from_slice(&text).ok()),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps `text` as what `file` was accepted with.
    ///
    /// # Errors
    /// The system's; nothing is changed then.
    pub fn keep(&self, file: &Path, text: &AcceptedText) -> io::Result<()> {
        files::replace(&self.place(file), &serde_json::to_vec(text)?)
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
        let [a, b] = ["a", "b"].map(|text| AcceptedText {
            hash: format!("hash of {text}"),
            shown: text.into(),
        });
        accepted.keep(one, &a).expect("kept");
        accepted.keep(one, &b).expect("kept");
        assert_eq!((text(one), text(other)), (Some(b), None));
        let mode = |path: &Path| {
            let metadata = std::fs::metadata(path).expect("there");
            metadata.permissions().mode() & 0o777
        };
        assert_eq!(mode(&accepted.directory), 0o700);
        assert_eq!(mode(&accepted.place(one)), 0o600);
        std::fs::write(accepted.place(one), "name: an older form\n").expect("a file");
        assert_eq!(text(one), None);
        accepted.forget(one).expect("forgotten");
        accepted.forget(one).expect("nothing to do");
        assert_eq!(text(one), None);
    }
}
