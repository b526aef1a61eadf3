//! The key of the hashes that stand for values which are not shown. It is a random one of the person's
//! own: whoever reads a hash, on a terminal or in a file, cannot try values against it.

use crate::digest::keyed;
use crate::files;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// How long a key is, in bytes.
const LENGTH: usize = 32;

/// The key of one person.
#[derive(Clone)]
pub struct HashKey([u8; LENGTH]);

impl HashKey {
    /// The one of a state directory, which is made when there is none.
    ///
    /// # Errors
    /// The system's, or that the file is no key.
    pub fn of(state: &Path) -> io::Result<Self> {
        let path = Self::path(state);
        if let Some(known) = read(&path)? {
            return Ok(known);
        }
        let new = Self::random()?;
        if files::create(&path, &new.0)? {
            return Ok(new);
        }
        // Another `dp` was first.
        read(&path)?.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Where it is.
    #[must_use]
    pub fn path(state: &Path) -> PathBuf {
        state.join("hash-key")
    }

    /// One that nobody keeps.
    ///
    /// # Errors
    /// The system's.
    pub fn random() -> io::Result<Self> {
        let mut key = [0; LENGTH];
        std::fs::File::open("/dev/urandom")?.read_exact(&mut key)?;
        Ok(Self(key))
    }

    /// What stands for these parts together: 64 hex digits. One is the text that is not shown, and the
    /// others are its place: two equal texts in two places have two hashes, so that nobody tells one
    /// by the other.
    #[must_use]
    pub fn hash(&self, parts: &[&[u8]]) -> String {
        let mut text = Vec::new();
        for part in parts {
            // With its length in front of it, no part goes over into the next one.
            text.extend((part.len() as u64).to_le_bytes());
            text.extend_from_slice(part);
        }
        keyed(&self.0, text)
    }
}

fn read(path: &Path) -> io::Result<Option<HashKey>> {
    match files::read(path, LENGTH as u64) {
        Ok(key) => match key.try_into() {
            Ok(key) => Ok(Some(HashKey(key))),
            Err(_) => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it is not a key of `dp`",
            )),
        },
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_is_made_once_in_private_and_is_each_persons_own() {
        let [one, other] = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
        let hash = |state: &Path| HashKey::of(&state.join("dp")).map(|key| key.hash(&[b"hunter2"]));
        let first = hash(one.path()).expect("a key");
        assert_eq!(hash(one.path()).expect("the same"), first);
        assert_ne!(hash(other.path()).expect("another"), first);
        assert_ne!(first, crate::digest::sha256("hunter2"));
        let path = HashKey::path(&one.path().join("dp"));
        let mode = |path: &Path| {
            let metadata = std::fs::metadata(path).expect("it is there");
            metadata.permissions().mode() & 0o777
        };
        assert_eq!(mode(&path), 0o600);
        for wrong in [&b""[..], &[7; 31], &[7; 33]] {
            std::fs::write(&path, wrong).expect("a file");
            assert!(hash(one.path()).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn no_two_lists_of_parts_have_one_hash() {
        let key = HashKey([7; LENGTH]);
        let lists: [&[&[u8]]; 7] = [
            &[b"ab", b"c"],
            &[b"a", b"bc"],
            &[b"abc"],
            &[b"abc", b""],
            &[b"", b"abc"],
            &[b"c", b"ab"],
            &[],
        ];
        let mut hashes: Vec<String> = lists.iter().map(|parts| key.hash(parts)).collect();
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), lists.len());
    }
}
