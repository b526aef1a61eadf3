//! What an agent is made of, as the catalogue and the user's configuration write it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One agent's table in the catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Definition {
    /// One line about it.
    pub description: String,
    /// Program and fixed arguments.
    pub command: Vec<String>,
    /// Programs to use instead when the command's is missing, in order.
    pub alternatives: Vec<String>,
    /// Arguments that let it act without asking: it is in a sandbox.
    pub bypass: Vec<String>,
    /// Its commands that take no bypass arguments, for an agent that reads a command's name as a
    /// prompt, or refuses it, when an option stands before it.
    pub subcommands: Vec<String>,
    /// Its environment.
    pub env: BTreeMap<String, String>,
    /// A shell command that installs it, run as root; empty when nothing can be installed.
    pub install: String,
    /// The programs that `install` needs.
    pub requires: Vec<String>,
    /// Prints its version.
    pub version: Vec<String>,
    /// Where it keeps its login and settings.
    pub state: Option<StateDirectory>,
    /// Files of the host's home that hold its login, for `--credentials host`.
    pub host_files: Vec<String>,
    /// Variables that it reads an API key from.
    pub api_keys: Vec<String>,
    /// How a person logs in for the first time.
    pub login: String,
}

impl Definition {
    /// A person may keep a login, keys or secrets for it: they are in its sandbox.
    #[must_use]
    pub fn keeps_something(&self) -> bool {
        self.has_login() || !self.api_keys.is_empty() || self.has_secret()
    }

    /// Something of the person is in its sandbox: a login where those are given, or a secret that
    /// there is.
    #[must_use]
    pub fn keeps(&self, gives_logins: bool, is_secret: &dyn Fn(&str) -> bool) -> bool {
        let has_key = self.api_keys.iter().any(|key| is_secret(key));
        gives_logins && self.has_login() || has_key || self.has_secret()
    }

    /// A person may log in to it: the login is in its sandbox.
    fn has_login(&self) -> bool {
        self.state.is_some() || !self.host_files.is_empty()
    }

    /// Its own environment names a secret.
    fn has_secret(&self) -> bool {
        let mut values = self.env.values();
        values.any(|value| value.contains("{{apikey:"))
    }
}

/// What the user's configuration says of an agent: whatever it names replaces the catalogue's,
/// also when it is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Changes {
    /// One line about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Program and fixed arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// Programs to use instead when the command's is missing, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternatives: Option<Vec<String>>,
    /// Arguments that let it act without asking: it is in a sandbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bypass: Option<Vec<String>>,
    /// Its commands that take no bypass arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subcommands: Option<Vec<String>>,
    /// Its environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<BTreeMap<String, String>>,
    /// A shell command that installs it, run as root; empty when nothing can be installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub install: Option<String>,
    /// The programs that `install` needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requires: Option<Vec<String>>,
    /// Prints its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Vec<String>>,
    /// Where it keeps its login and settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<StateDirectory>,
    /// Files of the host's home that hold its login, for `--credentials host`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_files: Option<Vec<String>>,
    /// Variables that it reads an API key from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_keys: Option<Vec<String>>,
    /// How a person logs in for the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
}

impl Changes {
    /// `base` with these changes.
    #[must_use]
    pub fn over(&self, base: Definition) -> Definition {
        let own = self.clone();
        Definition {
            description: own.description.unwrap_or(base.description),
            command: own.command.unwrap_or(base.command),
            alternatives: own.alternatives.unwrap_or(base.alternatives),
            bypass: own.bypass.unwrap_or(base.bypass),
            subcommands: own.subcommands.unwrap_or(base.subcommands),
            env: own.env.unwrap_or(base.env),
            install: own.install.unwrap_or(base.install),
            requires: own.requires.unwrap_or(base.requires),
            version: own.version.unwrap_or(base.version),
            state: own.state.or(base.state),
            host_files: own.host_files.unwrap_or(base.host_files),
            api_keys: own.api_keys.unwrap_or(base.api_keys),
            login: own.login.unwrap_or(base.login),
        }
    }
}

/// Where an agent keeps its login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateDirectory {
    /// Below the home.
    pub directory: String,
    /// The variable that names it, if the agent has one.
    #[serde(default)]
    pub variable: Option<String>,
    /// The hostname of every sandbox that shares it, for an agent that encrypts its login with it.
    #[serde(default)]
    pub hostname: Option<String>,
}

/// A named definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Agent {
    /// What a person types.
    pub name: String,
    /// From the user's configuration, not from the binary.
    pub is_custom: bool,
    /// The rest.
    #[serde(flatten)]
    pub definition: Definition,
}

impl Agent {
    /// The words to start it with: command, bypass arguments, the person's arguments.
    #[must_use]
    pub fn argv(&self, arguments: &[String]) -> Vec<String> {
        let definition = &self.definition;
        let bypass = match arguments.first() {
            Some(word) if definition.subcommands.contains(word) => &[],
            _ => definition.bypass.as_slice(),
        };
        [definition.command.as_slice(), bypass, arguments].concat()
    }

    /// The program that must be in the image.
    #[must_use]
    pub fn program(&self) -> &str {
        self.definition.command.first().map_or("", String::as_str)
    }
}
