//! What an agent is made of, as the catalogue and the user's configuration write it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One agent's table in the catalogue, or under `[agents.NAME]` in the configuration.
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

/// Where an agent keeps its login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateDirectory {
    /// Below the home.
    pub directory: String,
    /// The variable that names it, if the agent has one.
    #[serde(default)]
    pub variable: Option<String>,
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
        [definition.command.as_slice(), &definition.bypass, arguments].concat()
    }

    /// The program that must be in the image.
    #[must_use]
    pub fn program(&self) -> &str {
        self.definition.command.first().map_or("", String::as_str)
    }
}
