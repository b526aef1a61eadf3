//! The user's configuration file and the directories that `dp` keeps files in.
//!
//! Owns the file's form and its errors. It must not know the command line.

mod accepted;
mod approvals;
mod hash_key;
mod paths;

pub use accepted::{Accepted, AcceptedText};
pub use approvals::{Approval, Approvals};
pub use hash_key::HashKey;
pub use paths::Paths;

use crate::agents::{Catalogue, Changes};
use crate::files;
use crate::values::DetachKeys;
use crate::workspace::{Report, check_user_file};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// The largest file that is read.
const LIMIT: u64 = 1024 * 1024;

/// `config.toml`, everything optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The agent of a `dp run` that names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_agent: Option<String>,
    /// Where logins come from: `sandbox`, `workspace`, `host` or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Credentials>,
    /// The keys that leave a session running, such as `ctrl-p,ctrl-q`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detach_keys: Option<DetachKeys>,
    /// Add the host's certificate authorities to images and sandboxes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_host_ca: Option<bool>,
    /// The image that agents are layered on, in place of the built-in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Build arguments of the base image, to take its upstream images from a mirror.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub build_args: BTreeMap<String, String>,
    /// Own agents, and changes to built-in ones.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub agents: BTreeMap<String, Changes>,
    /// How long the steps of a workspace file's templates may take.
    #[serde(skip_serializing_if = "Timeouts::is_empty")]
    pub timeouts: Timeouts,
    /// Environment variables of every agent that hold a secret: variable = name of the secret.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, String>,
}

/// Deadlines in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Timeouts {
    /// Of a clone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clone: Option<u64>,
    /// Of a hook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hook: Option<u64>,
    /// Of an installation of dependencies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub install: Option<u64>,
}

impl Timeouts {
    /// Of a clone, in seconds.
    #[must_use]
    pub fn clone_seconds(&self) -> u64 {
        self.clone.unwrap_or(300)
    }

    /// Of a hook.
    #[must_use]
    pub fn hook_seconds(&self) -> u64 {
        self.hook.unwrap_or(300)
    }

    /// Of an installation.
    #[must_use]
    pub fn install_seconds(&self) -> u64 {
        self.install.unwrap_or(600)
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Where an agent's login comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Credentials {
    /// A volume that every sandbox of the agent shares.
    #[default]
    Sandbox,
    /// A volume that the agent's sandboxes of this workspace share.
    Workspace,
    /// The host's own login files, read-only.
    Host,
    /// Nothing.
    None,
}

impl Credentials {
    /// A volume keeps the login.
    #[must_use]
    pub fn is_volume(self) -> bool {
        matches!(self, Self::Sandbox | Self::Workspace)
    }
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration `{path}`")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not what it should be.
    #[error("the configuration `{path}` is wrong")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Every mistake in it, with its place.
        report: Box<Report>,
    },
}

impl Config {
    /// Reads the file; one that does not exist is empty.
    ///
    /// # Errors
    /// [`ConfigError`] with every mistake and its place.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |source| ConfigError::Unreadable {
            path: path.to_path_buf(),
            source,
        };
        let text = match files::read(path, LIMIT) {
            Ok(text) => text,
            Err(error) if error.is_not_found() => return Ok(Self::default()),
            Err(error) => return Err(unreadable(error.into())),
        };
        let invalid = |_| {
            unreadable(io::Error::new(
                io::ErrorKind::InvalidData,
                "it is not UTF-8",
            ))
        };
        let text = String::from_utf8(text).map_err(invalid)?;
        let built_in = Catalogue::new(&BTreeMap::new());
        let names: Vec<&str> = built_in.iter().map(|agent| agent.name.as_str()).collect();
        check_user_file(&path.display().to_string(), &text, &names).map_err(|report| {
            ConfigError::Wrong {
                path: path.to_path_buf(),
                report: Box::new(report),
            }
        })?;
        // What has no mistake has these types, so there is no place to point at.
        let wrong = |error| unreadable(io::Error::new(io::ErrorKind::InvalidData, error));
        toml::from_str(&text).map_err(|error: toml::de::Error| wrong(error.message().to_string()))
    }
}
