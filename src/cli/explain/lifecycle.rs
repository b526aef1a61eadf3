//! The words of what can go wrong with the templates and agents of a workspace file.

use super::super::{Error, Kind};
use crate::git::CloneError;
use crate::sandbox::lifecycle::bring_up::BringUpError;
use crate::sandbox::lifecycle::deliver::DeliverError;
use crate::sandbox::lifecycle::pack::PackError;
use crate::sandbox::lifecycle::sources::SourceError;
use crate::sandbox::lifecycle::team::Lacking;

impl From<SourceError> for Error {
    fn from(error: SourceError) -> Self {
        let message = error.to_string();
        match error {
            SourceError::Clone { source, kept, .. } => {
                let error = of_clone(Self::failed("clone", message), source);
                if kept {
                    error.hint("`--pull never` uses the copy that was cloned before")
                } else {
                    error
                }
            }
            SourceError::Missing { .. } => Self::not_found("no-template", message)
                .hint("`subdir` is a directory of the repository; a path is one of this machine"),
            SourceError::Manifest { report, .. } => Self::from(*report),
            SourceError::Unreadable { source, .. } => source.into(),
            SourceError::Pack { source, .. } => of_pack(message, source),
            SourceError::Cache(source) => Self::failed("cache", message).cause(source),
        }
    }
}

fn of_clone(shown: Error, source: CloneError) -> Error {
    let words = source.to_string();
    match source {
        CloneError::NoGit => shown
            .cause(words)
            .hint("install git: `dp` clones with it, so that your own credentials work"),
        CloneError::Deadline { .. } => shown
            .cause(words)
            .hint("`timeouts.clone` in `config.toml` gives it more time"),
        CloneError::NoReference { .. } => shown
            .cause(words)
            .hint("`ref` in the workspace file names a branch, a tag or a commit"),
        CloneError::TooLarge { .. } => shown
            .cause(words)
            .hint("clone it by hand, and name the directory in the workspace file"),
        CloneError::Redirected { .. } => shown.cause(words).hint(
            "write the URL that it leads to as the `source`; often it begins with `https://` or ends in `.git`",
        ),
        CloneError::Failed { words: last, .. } => {
            shown.cause(words).details(last.lines().map(str::to_string))
        }
        CloneError::Io(source) => shown.cause(source),
    }
}

impl From<Vec<Lacking>> for Error {
    fn from(lacking: Vec<Lacking>) -> Self {
        let is_variable = |one: &Lacking| matches!(one, Lacking::Variable { .. });
        let (has_variables, has_mounts) = (
            lacking.iter().any(is_variable),
            !lacking.iter().all(is_variable),
        );
        let mut lines = lacking.iter().map(ToString::to_string);
        let mut error = match (lacking.len(), lines.next()) {
            (1, Some(line)) => Self::new(Kind::File, "lacking", line),
            (_, first) => Self::new(
                Kind::File,
                "lacking",
                "the agents lack what their templates require",
            )
            .details(first.into_iter().chain(lines)),
        };
        if has_variables {
            error = error.hint("set it under `env` in the workspace file, or with `-e NAME=VALUE`");
        }
        if has_mounts {
            error = error.hint("`mounts` in the workspace file mounts it, or `-v HOST:CONTAINER`");
        }
        error
    }
}

impl From<BringUpError> for Error {
    fn from(error: BringUpError) -> Self {
        let message = error.to_string();
        match error {
            BringUpError::Deliver { source, .. } => match source {
                DeliverError::Pack(source) => of_pack(message, source),
                DeliverError::Guest(source) => Self::from(source),
                DeliverError::Unpack { words } => Self::failed("template", message).cause(words),
            },
            BringUpError::Channel(source) => source.into(),
            BringUpError::Guest(source) => source.into(),
        }
    }
}

fn of_pack(message: String, source: PackError) -> Error {
    let words = source.to_string();
    match source {
        PackError::Outside { .. } => Error::refused("template", message)
            .cause(words)
            .hint("a template is one directory: copy what it needs into it"),
        PackError::TooLarge { .. } => Error::refused("template", message)
            .cause(words)
            .hint("a template is copied into the sandbox; what is larger belongs into a mount"),
        PackError::Unreadable { source, .. } | PackError::Write(source) => {
            Error::failed("template", message).cause(format!("{words}: {source}"))
        }
    }
}
