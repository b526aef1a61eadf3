//! Where the bare name of a template leads. Whoever checks the name, asks for it or copies it asks
//! here, so that what is approved is what is copied.

use super::file::{OWN_TEMPLATES, WorkspaceFile};
use std::path::{Path, PathBuf};

/// The directory that a template's name leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedTemplate {
    /// Under `.dspatch/templates` beside the file.
    OfFile(PathBuf),
    /// Among the person's own, which the author of the file did not write.
    OfPerson(PathBuf),
}

impl NamedTemplate {
    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::OfFile(path) | Self::OfPerson(path) => path,
        }
    }
}

impl WorkspaceFile {
    /// Where a name leads: beside the file where there is such a directory, else to one among
    /// `persons`, whether it is there or not.
    #[must_use]
    pub fn named_template(
        &self,
        name: &str,
        persons: &Path,
        is_directory: &dyn Fn(&Path) -> bool,
    ) -> NamedTemplate {
        let own = self.directory.join(OWN_TEMPLATES).join(name);
        if is_directory(&own) {
            NamedTemplate::OfFile(own)
        } else {
            NamedTemplate::OfPerson(persons.join(name))
        }
    }
}
