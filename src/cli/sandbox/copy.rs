//! What a person has typed of this machine for a copy. An agent may change the same directories at the
//! same time: what is read or written is what was looked at.

use super::super::{Error, Result};
use crate::engine::Engine;
use crate::files::{self, Directory, Pinned, Walked};
use crate::sandbox::Existing;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

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
pub(super) struct Written(Vec<PathBuf>);

impl Written {
    pub(super) async fn of(engine: &Engine) -> Result<Self> {
        let all = Existing::all(engine).await?;
        let places = all.iter().flat_map(Existing::written);
        Ok(Self(places.map(Path::to_path_buf).collect()))
    }

    /// What a person has typed. A link that lies where agents can write may not lead out of there.
    pub(super) fn typed(&self, path: &Path) -> Result<Pinned> {
        let walked = files::walk(path).map_err(|error| {
            let message = format!("`{}` cannot be read", path.display());
            Error::not_found("no-file", message).cause(error)
        })?;
        self.check(path, &walked)?;
        Ok(walked.end)
    }

    /// The directory that a person has typed, if it is one.
    pub(super) fn typed_directory(&self, path: &Path) -> Result<Option<Pinned>> {
        match files::walk(path) {
            Ok(walked) if walked.end.is_directory() => {
                self.check(path, &walked)?;
                Ok(Some(walked.end))
            }
            _ => Ok(None),
        }
    }

    fn check(&self, path: &Path, walked: &Walked) -> Result<()> {
        let end = walked.end.path();
        let leads_out = |place: &&PathBuf| {
            walked.links.iter().any(|link| link.starts_with(place)) && !end.starts_with(place)
        };
        let Some(place) = self.0.iter().find(leads_out) else {
            return Ok(());
        };
        let message = format!("`{}` leads out of `{}`", path.display(), place.display());
        Err(Error::refused("leads-out", message)
            .cause(format!("a link leads to `{}`", end.display()))
            .hint("an agent may have made the link; type the path that it leads to"))
    }
}
