//! The words of what is wrong with what people give: files, names, directories, values, secrets.

use super::super::{Error, Kind};
use super::{did_you_mean, list};
use crate::agents::UnknownAgent;
use crate::config::ConfigError;
use crate::files::LeadsOut;
use crate::sandbox::collision::Collision;
use crate::sandbox::intrusion::Intrusion;
use crate::sandbox::workspace::WorkspaceError;
use crate::sandbox::{MountError, NameError};
use crate::secrets::{EnvFileError, SecretError, TemplateError};
use crate::values::{PortError, UnitError};
use crate::workspace::find::FindError;
use crate::workspace::{Report, Severity};

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        let message = error.to_string();
        let shown = Self::new(Kind::File, "config", message);
        match error {
            ConfigError::Unreadable { source, .. } => shown.cause(source),
            ConfigError::Wrong { report, .. } => shown.report(report),
        }
    }
}

impl From<FindError> for Error {
    fn from(error: FindError) -> Self {
        let message = error.to_string();
        let shown = Self::new(Kind::File, "workspace-file", message);
        match error {
            FindError::Several { .. } => shown.hint("keep one of them"),
            FindError::Unreadable { source, .. }
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                Self::not_found("no-workspace-file", shown.message).cause(source)
            }
            FindError::Hidden { directory, source } => {
                let is_closed = source.kind() == std::io::ErrorKind::PermissionDenied;
                let shown = shown.cause(source);
                if is_closed {
                    shown
                        .hint(format!(
                            "an agent may have closed the directory: `ls -ld {}` shows who may look",
                            directory.display()
                        ))
                        .hint("`--no-file` runs without a workspace file")
                } else {
                    shown
                }
            }
            FindError::Unreadable { source, .. } => shown.cause(source),
            FindError::Unfit { .. } => shown,
        }
    }
}

impl From<Report> for Error {
    fn from(report: Report) -> Self {
        let name = &report.source.name;
        let message = match report.count(Severity::Error) + report.more {
            1 => format!("`{name}` has a mistake"),
            count => format!("`{name}` has {count} mistakes"),
        };
        Self::new(Kind::File, "workspace-file", message).report(Box::new(report))
    }
}

impl From<UnknownAgent> for Error {
    fn from(error: UnknownAgent) -> Self {
        let shown = Self::usage("unknown-agent", error.to_string())
            .cause(format!("the agents are {}", list(&error.known)));
        match &error.near {
            Some(near) => shown.hint(did_you_mean(near)),
            None => shown.hint(
                "`dp agents ls` describes them; your own go under `[agents.NAME]` in `config.toml`",
            ),
        }
    }
}

impl From<WorkspaceError> for Error {
    fn from(error: WorkspaceError) -> Self {
        let message = error.to_string();
        match error {
            WorkspaceError::Missing(_) => Self::not_found("workspace-missing", message)
                .hint("`-w DIR` names the workspace; it is the current directory otherwise"),
            WorkspaceError::NotADirectory(_) => {
                Self::usage("workspace-file", message).hint("a workspace is a directory: `-w DIR`")
            }
            WorkspaceError::Closed { reason, .. } => {
                Self::failed("workspace-closed", message).cause(reason)
            }
            WorkspaceError::NotUtf8(_) => Self::usage("workspace-name", message)
                .cause("the engine's API carries text only")
                .hint("rename the directory, or work in a copy of it"),
            WorkspaceError::TooWide { .. } => Self::refused("workspace-too-wide", message)
                .hint("run `dp` in a project's directory, or add `--force` if you mean it"),
            WorkspaceError::System(_) => Self::refused("workspace-system", message)
                .hint("copy what the agent needs into a directory of its own"),
        }
    }
}

impl From<NameError> for Error {
    fn from(error: NameError) -> Self {
        Self::usage("sandbox-name", error.to_string())
            .cause(
                "a name has lower-case letters, digits, `_`, `.` and `-`, and at most 63 of them",
            )
            .hint(format!("`--name {}` would do", error.suggestion))
    }
}

impl From<LeadsOut> for Error {
    fn from(error: LeadsOut) -> Self {
        Self::refused("leads-out", error.to_string())
            .cause(format!("a link leads to `{}`", error.end.path().display()))
            .hint("the project's author or an agent may have made the link; type the path that it leads to")
    }
}

impl From<MountError> for Error {
    fn from(error: MountError) -> Self {
        let message = error.to_string();
        match error {
            MountError::Missing { .. } => Self::usage("mount-missing", message)
                .hint("create it first: `dp` never makes a directory on the host for a mount"),
            MountError::LeadsOut(error) => error.into(),
            MountError::Form(_) | MountError::NotUtf8(_) | MountError::Target { .. } => {
                Self::usage("mount", message)
            }
        }
    }
}

impl From<Collision> for Error {
    fn from(error: Collision) -> Self {
        let [first, second] = &error.claimants;
        Self::usage("mount", error.to_string()).cause(format!("{first} and {second}"))
    }
}

impl From<Box<Intrusion>> for Error {
    fn from(error: Box<Intrusion>) -> Self {
        let (outer, option) = (error.outer.shown(), &error.option);
        let way_out = match &error.mount {
            Some(mount) => format!(
                "mount one of them elsewhere, or type `-v {}` as well to have it there",
                mount.shown()
            ),
            None => "mount yours elsewhere".to_string(),
        };
        let cause = format!(
            "`{}` asks for {}, and `{option}` for the mount `{outer}`",
            error.place, error.claimant
        );
        Self::usage("mount", error.to_string())
            .cause(cause)
            .hint(way_out)
    }
}

impl From<PortError> for Error {
    fn from(error: PortError) -> Self {
        Self::usage("port", error.to_string())
            .hint("write `-p CONTAINER`, `-p HOST:CONTAINER` or `-p IP:HOST:CONTAINER/udp`")
    }
}

impl From<UnitError> for Error {
    fn from(error: UnitError) -> Self {
        Self::usage("quantity", error.to_string())
    }
}

impl From<EnvFileError> for Error {
    fn from(error: EnvFileError) -> Self {
        let message = error.to_string();
        Self::new(Kind::File, "env-file", message)
    }
}

impl From<SecretError> for Error {
    fn from(error: SecretError) -> Self {
        let message = error.to_string();
        match error {
            SecretError::Missing { name } => Self::not_found("no-secret", message)
                .hint(format!("`dp secret set {name}` keeps one; `dp secret ls` lists them")),
            SecretError::Name { .. } => Self::usage("secret-name", message)
                .cause("a name has letters, digits, `_`, `-` and `.`"),
            SecretError::Keyring(_) => Self::failed("keyring", message)
                .hint("unlock your keyring, or set `DP_NO_KEYRING=1` to use a file that only you can read"),
            SecretError::File { source, .. } => Self::failed("secrets-file", message).cause(source),
        }
    }
}

impl From<TemplateError> for Error {
    fn from(error: TemplateError) -> Self {
        match error {
            TemplateError::NotClosed => Self::usage("apikey", error.to_string()),
            TemplateError::Secret(error) => error.into(),
        }
    }
}
