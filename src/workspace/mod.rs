//! The workspace file: its form, reading it, and every mistake in it with its place.
//!
//! Pure: text comes in with a name, a directory and a home, and typed values or mistakes come out.
//! What only the machine knows (whether a mount's source is there, which agents the catalogue has)
//! is a second step, [`Reading::check`], that asks the caller and points at the same places. Only
//! [`find`] reads the file system, for those two. It must not know how sandboxes are made.
//!
//! YAML and TOML become one tree (`yaml`, `toml`, `node`). `shape` holds it against the table of keys
//! (`keys`, `form`), which is also the JSON schema (`schema`). `reader`, `agents` and `docker` make
//! typed values (`file`) of it. Each of them collects mistakes and goes on, so that all independent
//! ones are reported at once. `user_file` and `manifest` do the same for `config.toml` and templates. `render` shows them, never with a value that may be a secret.

mod agents;
mod checks;
mod docker;
mod fields;
mod file;
pub mod find;
mod form;
mod git_source;
mod keys;
mod manifest;
mod mistake;
mod mounts;
mod named_template;
mod node;
mod place;
mod reader;
mod render;
mod requests;
mod schema;
mod shape;
mod source;
mod starter;
mod syntax;
mod templates;
mod toml;
mod user_file;
mod user_keys;
mod yaml;

#[cfg(test)]
mod tests;

pub use agents::is_agent_key;
pub use checks::{Found, Machine};
pub use file::{
    Agent, Credentials, Dind, Docker, EnvValue, Environment, Mount, NetworkMode, Runs, Template,
    TemplateSource, WorkspaceFile,
};
pub use manifest::{MANIFEST_NAMES, Manifest};
pub use mistake::{Mistake, Report, Severity};
pub use named_template::NamedTemplate;
pub use place::{Place, Placed, Position};
pub use reader::Base;
pub use requests::{Circumstances, HIDDEN, Request, RequestKind};
pub use schema::schema;
pub use source::{Format, Source};
pub use starter::{Starter, starter};
pub use user_file::check_user_file;

use mistake::Mistakes;
use std::sync::Arc;

/// The largest file that is read, in bytes.
pub const LIMIT: usize = 1024 * 1024;

/// A file as far as it could be read, and the mistakes that were found.
#[derive(Debug)]
pub struct Reading {
    file: WorkspaceFile,
    mistakes: Mistakes,
}

/// Reads the text of a file that messages call `name`; its ending tells YAML from TOML.
#[must_use]
pub fn read(name: &str, text: &str, base: Base<'_>) -> Reading {
    let mut mistakes = Mistakes::default();
    let parsed = syntax::parse(name, text, &keys::FILE, &mut mistakes);
    let source = Arc::new(parsed.source.clone());
    let mut reader = reader::Reader {
        base,
        mistakes: &mut mistakes,
    };
    let file = reader::read(&parsed.root, source, &mut reader);
    mistakes.retain(|mistake| !parsed.is_guess(mistake));
    mistakes.append(parsed.broken);
    Reading { file, mistakes }
}

impl Reading {
    /// Adds what is wrong with the file on this machine.
    #[must_use]
    pub fn check(mut self, machine: &Machine<'_>) -> Self {
        checks::check(&self.file, machine, &mut self.mistakes);
        self
    }

    /// All that was found, warnings included.
    #[must_use]
    pub fn report(self) -> (WorkspaceFile, Report) {
        let report = self.mistakes.report(Arc::clone(&self.file.source));
        (self.file, report)
    }

    /// The file with its warnings.
    ///
    /// # Errors
    /// A [`Report`] of everything that was found when any of it is an error.
    pub fn finish(self) -> Result<WorkspaceFile, Report> {
        let (mut file, report) = self.report();
        if report.has_errors() {
            return Err(report);
        }
        file.warnings = report.mistakes;
        Ok(file)
    }
}
