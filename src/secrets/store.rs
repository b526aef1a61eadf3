//! Where secrets are kept: the system's keyring, or a file that only the user may read.
//!
//! A keyring cannot list its entries, so the names (never the values) are also kept in a file.

use crate::files;
use crate::values::placeholder::is_secret_name;
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

const SERVICE: &str = "dp";
/// The largest file that is read.
const LIMIT: u64 = 16 * 1024 * 1024;
/// How long a keyring may take: a person may have to unlock it.
const KEYRING: Duration = Duration::from_secs(120);

/// All secrets of the user.
#[derive(Debug, Clone)]
pub struct Store {
    directory: PathBuf,
    uses_keyring: bool,
}

/// Where a secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// The system's keyring.
    Keyring,
    /// A file of mode 0600, as there is no keyring on this machine.
    File,
}

/// Why a secret cannot be had or kept.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// There is none of this name.
    #[error("there is no secret `{name}`")]
    Missing {
        /// As asked.
        name: String,
    },
    /// The name is none.
    #[error("`{name}` is not a name for a secret")]
    Name {
        /// As given.
        name: String,
    },
    /// The keyring is there and refuses.
    #[error("the keyring refused: {0}")]
    Keyring(String),
    /// The file cannot be read or written.
    #[error("cannot use the secrets file `{path}`")]
    File {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Store {
    /// The user's store, with its files in `state`.
    #[must_use]
    pub fn new(state: &Path) -> Self {
        Self {
            directory: state.to_path_buf(),
            uses_keyring: std::env::var_os("DP_NO_KEYRING").is_none(),
        }
    }

    /// One that never asks a keyring.
    #[must_use]
    pub fn in_file(state: &Path) -> Self {
        Self {
            directory: state.to_path_buf(),
            uses_keyring: false,
        }
    }

    /// Keeps a secret, and says where.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn set(&self, name: &str, value: &SecretString) -> Result<Place, SecretError> {
        check(name)?;
        let mut names = self.read_names()?;
        let place = match { self.uses_keyring.then(|| keep(name, value)) }.transpose()? {
            Some(Ok(())) => Place::Keyring,
            Some(Err(
                keyring::Error::NoDefaultStore
                | keyring::Error::NoStorageAccess(_)
                | keyring::Error::PlatformFailure(_),
            ))
            | None => Place::File,
            Some(Err(error)) => return Err(SecretError::Keyring(error.to_string())),
        };
        let mut values = self.read_values()?;
        values.remove(name);
        if place == Place::File {
            values.insert(name.to_string(), value.expose_secret().to_string());
        }
        self.write("secrets.json", &values)?;
        names.insert(name.to_string(), place);
        self.write("secret-names.json", &names)?;
        Ok(place)
    }

    /// The secret of this name.
    ///
    /// # Errors
    /// [`SecretError::Missing`] and the others.
    pub fn find(&self, name: &str) -> Result<SecretString, SecretError> {
        let missing = || SecretError::Missing { name: name.into() };
        match self.read_names()?.get(name) {
            None => Err(missing()),
            Some(Place::File) => self
                .read_values()?
                .remove(name)
                .map(SecretString::from)
                .ok_or_else(missing),
            Some(Place::Keyring) => ask(name, |entry| entry.get_password())?
                .map(SecretString::from)
                .map_err(|error| match error {
                    keyring::Error::NoEntry => missing(),
                    error => SecretError::Keyring(error.to_string()),
                }),
        }
    }

    /// Forgets a secret.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn remove(&self, name: &str) -> Result<(), SecretError> {
        let mut names = self.read_names()?;
        match names.remove(name) {
            None => return Err(SecretError::Missing { name: name.into() }),
            Some(Place::File) => {
                let mut values = self.read_values()?;
                values.remove(name);
                self.write("secrets.json", &values)?;
            }
            Some(Place::Keyring) => match ask(name, |entry| entry.delete_credential())? {
                Ok(()) | Err(keyring::Error::NoEntry) => {}
                Err(error) => return Err(SecretError::Keyring(error.to_string())),
            },
        }
        self.write("secret-names.json", &names)
    }

    /// The names of all secrets and where they are; no keyring is asked.
    ///
    /// # Errors
    /// [`SecretError::File`].
    pub fn read_names(&self) -> Result<BTreeMap<String, Place>, SecretError> {
        self.read("secret-names.json")
    }

    fn read_values(&self) -> Result<BTreeMap<String, String>, SecretError> {
        self.read("secrets.json")
    }

    fn read<T: serde::de::DeserializeOwned + Default>(&self, file: &str) -> Result<T, SecretError> {
        let path = self.directory.join(file);
        let text = match files::read(&path, LIMIT) {
            Ok(text) => text,
            Err(error) if error.is_not_found() => return Ok(T::default()),
            Err(error) => {
                let source = error.into();
                return Err(SecretError::File { path, source });
            }
        };
        // The text holds secrets, so the reader's own words about it stay here.
        serde_json::from_slice(&text).map_err(|_| SecretError::File {
            path,
            source: io::Error::new(io::ErrorKind::InvalidData, "it is not valid JSON"),
        })
    }

    fn write(&self, file: &str, content: &impl serde::Serialize) -> Result<(), SecretError> {
        let path = self.directory.join(file);
        let text = serde_json::to_vec_pretty(content).map_err(io::Error::other);
        let written = text.and_then(|mut text| {
            text.push(b'\n');
            files::replace(&path, &text)
        });
        written.map_err(|source| SecretError::File { path, source })
    }
}

/// Asks the keyring for its entry of this name, in a thread of its own: one that does not answer is
/// left to itself.
fn ask<T: Send + 'static>(
    name: &str,
    question: impl FnOnce(keyring::v1::Entry) -> keyring::Result<T> + Send + 'static,
) -> Result<keyring::Result<T>, SecretError> {
    let name = name.to_string();
    let (sender, answer) = mpsc::channel();
    std::thread::spawn(move || {
        // Nobody waits any more only after the deadline.
        let _late = sender.send(keyring::v1::Entry::new(SERVICE, &name).and_then(question));
    });
    answer.recv_timeout(KEYRING).map_err(|_| {
        let seconds = KEYRING.as_secs();
        SecretError::Keyring(format!("it did not answer within {seconds} s"))
    })
}

fn keep(name: &str, value: &SecretString) -> Result<keyring::Result<()>, SecretError> {
    let value = value.clone();
    ask(name, move |entry| entry.set_password(value.expose_secret()))
}

/// Whether a secret may be called so.
///
/// # Errors
/// [`SecretError::Name`].
pub fn check(name: &str) -> Result<(), SecretError> {
    if !is_secret_name(name) {
        return Err(SecretError::Name { name: name.into() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_kept_is_found_and_only_the_user_may_read_it() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::in_file(&dir.path().join("state"));
        let place = store.set("KEY", &"v".to_string().into()).expect("kept");
        assert_eq!(place, Place::File);
        assert_eq!(store.find("KEY").expect("found").expose_secret(), "v");
        let mode = |name: &str| {
            let path = store.directory.join(name);
            std::fs::metadata(path)
                .expect("a file")
                .permissions()
                .mode()
                & 0o777
        };
        assert_eq!(mode("secrets.json"), 0o600);
        assert_eq!(mode(""), 0o700);
        store.remove("KEY").expect("removed");
        assert!(matches!(
            store.find("KEY"),
            Err(SecretError::Missing { .. })
        ));
        assert!(store.remove("KEY").is_err());
    }

    #[test]
    fn a_broken_file_is_an_error_without_its_text() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("secret-names.json"), "hunter2").expect("a file");
        let error = Store::in_file(dir.path()).find("A").expect_err("broken");
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}
