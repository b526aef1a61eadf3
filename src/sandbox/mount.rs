//! Mounts that a person asks for: `HOST:CONTAINER[:ro|readonly|rw]`, and further workspaces.

use crate::files::{LeadsOut, Typed, TypedError};
use crate::values::target::objection;
use crate::values::text::{quoted, word};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};

/// A directory or file of the host, inside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MountSetting {
    /// Absolute path on the host.
    pub source: String,
    /// Absolute path inside.
    pub target: String,
    /// Not writable inside.
    pub read_only: bool,
}

/// A text that is no mount, or a mount that cannot be.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MountError {
    /// The form.
    #[error("`{0}` is not a mount: it is `HOST:CONTAINER` or `HOST:CONTAINER:ro`")]
    Form(String),
    /// The source is not there.
    #[error("the source of the mount `{given}` does not exist: `{}`", path.display())]
    Missing {
        /// As given.
        given: String,
        /// Resolved.
        path: PathBuf,
    },
    /// Who made a link of the source is not the person.
    #[error(transparent)]
    LeadsOut(#[from] LeadsOut),
    /// A path that the engine's API cannot carry.
    #[error("the source of the mount `{0}` is not UTF-8")]
    NotUtf8(String),
    /// The target.
    #[error("the target of the mount `{given}` {problem}")]
    Target {
        /// As given.
        given: String,
        /// In words.
        problem: &'static str,
    },
}

impl fmt::Display for MountSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = if self.read_only { ":ro" } else { "" };
        write!(f, "{}:{}{mode}", self.source, self.target)
    }
}

impl MountSetting {
    /// Parses `HOST:CONTAINER[:MODE]`; a relative source is below `directory`. A source may hold
    /// colons, a target may not.
    ///
    /// # Errors
    /// [`MountError`].
    pub fn parse(
        text: &str,
        directory: &Path,
        home: &Path,
        typed: &Typed,
    ) -> Result<Self, MountError> {
        let (rest, read_only) = mode(text);
        let (source, target) = rest
            .rsplit_once(':')
            .filter(|(source, _)| !source.is_empty())
            .ok_or_else(|| MountError::Form(text.to_string()))?;
        check_target(text, target)?;
        let source = resolve(text, source, directory, home, typed)?;
        Ok(Self {
            source,
            target: target.trim_end_matches('/').to_string(),
            read_only,
        })
    }

    /// As it is typed, with quotes where a path is no plain word or holds what parts two of them.
    #[must_use]
    pub fn shown(&self) -> String {
        let part = |path: &str| {
            if path.contains(':') {
                quoted(path)
            } else {
                word(path)
            }
        };
        let mode = if self.read_only { ":ro" } else { "" };
        format!("{}:{}{mode}", part(&self.source), part(&self.target))
    }

    /// Parses `DIR[:ro]`, a further workspace at its own path.
    ///
    /// # Errors
    /// [`MountError`].
    pub fn parse_workspace(
        text: &str,
        directory: &Path,
        home: &Path,
        typed: &Typed,
    ) -> Result<Self, MountError> {
        let (source, read_only) = mode(text);
        let source = resolve(text, source, directory, home, typed)?;
        check_target(text, &source)?;
        Ok(Self {
            target: source.clone(),
            source,
            read_only,
        })
    }
}

fn mode(text: &str) -> (&str, bool) {
    match text.rsplit_once(':') {
        Some((rest, "ro" | "readonly")) => (rest, true),
        Some((rest, "rw")) => (rest, false),
        _ => (text, false),
    }
}

fn resolve(
    text: &str,
    source: &str,
    directory: &Path,
    home: &Path,
    typed: &Typed,
) -> Result<String, MountError> {
    let path = match source.strip_prefix('~') {
        Some("") => home.to_path_buf(),
        Some(rest) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => directory.join(source),
    };
    let pinned = typed.resolve(&path).map_err(|error| match error {
        TypedError::LeadsOut(error) => MountError::from(error),
        TypedError::Io(_) => MountError::Missing {
            given: text.to_string(),
            path: path.clone(),
        },
    })?;
    let source = pinned.path().to_path_buf().into_os_string();
    source
        .into_string()
        .map_err(|_| MountError::NotUtf8(text.to_string()))
}

fn check_target(text: &str, target: &str) -> Result<(), MountError> {
    let Some(problem) = objection(target) else {
        return Ok(());
    };
    Err(MountError::Target {
        given: text.to_string(),
        problem,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Pins;

    #[test]
    fn forms() {
        let dir = tempfile::tempdir().expect("a directory");
        let base = std::fs::canonicalize(dir.path()).expect("a path");
        std::fs::create_dir_all(base.join("a:b")).expect("a directory");
        let here = base.display();
        let parse = |text: &str| {
            let typed = Typed::new(&Pins::default(), Some(&base), &[]);
            MountSetting::parse(text, &base, &base, &typed).map(|m| m.to_string())
        };
        let table = [
            ("a:b:/x", Ok(format!("{here}/a:b:/x"))),
            ("./a:b:/x/:ro", Ok(format!("{here}/a:b:/x:ro"))),
            ("~/a:b:/x:readonly", Ok(format!("{here}/a:b:/x:ro"))),
            ("~:/x:rw", Ok(format!("{here}:/x"))),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text), expected, "{text}");
        }
        assert!(matches!(parse("alone"), Err(MountError::Form(_))));
        assert!(matches!(parse("no:/x"), Err(MountError::Missing { .. })));
        for target in ["x", "/", "/.dp/s", "/workspace", "/a/../etc", "/proc"] {
            let got = parse(&format!("a:b:{target}"));
            assert!(
                matches!(got, Err(MountError::Target { .. })),
                "{target} {got:?}"
            );
        }
    }
}
