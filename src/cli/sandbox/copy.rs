//! What a person has typed of this machine for a copy. An agent may change the same directories at the
//! same time: what is read or written is what was looked at.

use super::super::{Context, Error, Result, typed};
use crate::engine::Engine;
use crate::files::{Directory, Pinned, Pins, Typed, TypedError};
use crate::sandbox::Existing;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

/// What is to be copied into a sandbox.
pub(super) struct Original {
    /// The directory that it is in.
    pub(super) above: Directory,
    /// Its name in the directory above it.
    pub(super) name: OsString,
}

impl Original {
    /// Finds what a person has typed. A link is copied as a link.
    pub(super) fn open(written: &Written, path: &Path) -> Result<Self> {
        let missing = |error: io::Error| {
            let message = format!("`{}` cannot be read", path.display());
            Error::not_found("no-file", message).cause(error)
        };
        let (above, name) = match (path.parent(), path.file_name()) {
            (Some(above), Some(name)) if !ends_in_dot(path) => {
                let above = if above.as_os_str().is_empty() {
                    Path::new(".")
                } else {
                    above
                };
                (written.typed(above)?, name.to_os_string())
            }
            // `.`, `..` and `/` have their name elsewhere.
            _ => {
                let found = written.typed(path)?;
                let above = found.path().parent().unwrap_or(Path::new("/"));
                let name = found.path().file_name().unwrap_or(OsStr::new("."));
                (Pinned::at(above).map_err(missing)?, name.to_os_string())
            }
        };
        let above = Directory::of(&above).map_err(missing)?;
        above.look(&name).map_err(missing)?;
        Ok(Self { above, name })
    }
}

/// `a/.` is not the entry `a`, but what it leads to.
fn ends_in_dot(path: &Path) -> bool {
    let bytes = path.as_os_str().as_encoded_bytes();
    bytes.ends_with(b"/.") || bytes == b"." || bytes.ends_with(b"..")
}

/// Where agents can write on this machine, those of every sandbox: whichever made a link, the person
/// did not type where it leads to.
pub(super) struct Written {
    all: Vec<Existing>,
    typed: Typed,
}

impl Written {
    pub(super) async fn of(ctx: &Context, engine: &Engine) -> Result<Self> {
        Ok(Self {
            all: Existing::all(engine).await?,
            typed: typed::of(ctx, &Pins::default()),
        })
    }

    /// What a person has typed.
    pub(super) fn typed(&self, path: &Path) -> Result<Pinned> {
        self.resolve(path).map_err(|error| match error {
            TypedError::LeadsOut(error) => Error::from(error),
            TypedError::Io(error) => {
                let message = format!("`{}` cannot be read", path.display());
                Error::not_found("no-file", message).cause(error)
            }
        })
    }

    /// The directory that a person has typed, if it is one.
    pub(super) fn typed_directory(&self, path: &Path) -> Result<Option<Pinned>> {
        match self.resolve(path) {
            Ok(found) => Ok(Some(found).filter(Pinned::is_directory)),
            // A copy takes the place of a link to a file.
            Err(TypedError::LeadsOut(error)) if error.end.is_directory() => Err(error.into()),
            Err(_) => Ok(None),
        }
    }

    fn resolve(&self, path: &Path) -> std::result::Result<Pinned, TypedError> {
        let typed = self.typed.anew();
        let found = typed.resolve(path)?;
        typed::stay_in(&self.all, &typed)?;
        Ok(found)
    }
}
