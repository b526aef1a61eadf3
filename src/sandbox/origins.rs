//! Where each value of a sandbox comes from, for a person who asks why it is so.
//!
//! It goes along with the values and decides nothing: an origin is put down where the value is.

use super::file_settings;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// Where one value comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Origin {
    /// An option of the command line, as its long form is written.
    Option(&'static str),
    /// A key of the workspace file.
    File {
        /// As the file says it: `docker.memory_limit`.
        key: String,
        /// `dp.yml:3:11`
        place: String,
    },
    /// A key that the workspace file does not have any more.
    Gone {
        /// As files say it: `docker.memory`.
        key: String,
        /// The file.
        file: String,
    },
    /// `config.toml`.
    Configuration,
    /// Nobody says anything.
    #[default]
    Default,
    /// What a mount is there for, in a word or two.
    Purpose(&'static str),
    /// The sandbox that is there has it, whatever is said now.
    Kept,
}

impl Origin {
    /// The key, where a workspace file says it.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::File { key, .. } | Self::Gone { key, .. } => Some(key),
            _ => None,
        }
    }
}

/// As people and programs read it: `--memory`, `dp.yml:3:11`, `config.toml`, `default`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(text) | Self::Purpose(text) => f.write_str(text),
            Self::File { place, .. } => f.write_str(place),
            Self::Gone { file, .. } => write!(f, "no longer in {file}"),
            Self::Configuration => f.write_str("config.toml"),
            Self::Default => f.write_str("default"),
            Self::Kept => f.write_str("kept"),
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Where the values of a sandbox come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins {
    /// By the name of the setting.
    values: BTreeMap<String, Origin>,
    /// By the path inside.
    mounts: BTreeMap<String, Origin>,
    /// By the port as its setting has it.
    ports: BTreeMap<String, Origin>,
    /// The workspace file, where there is one.
    file: Option<String>,
}

impl Origins {
    /// Of values that a workspace file of this name says.
    #[must_use]
    pub fn of_file(name: &str) -> Self {
        Self {
            file: Some(name.to_string()),
            ..Self::default()
        }
    }

    /// Puts down where a value comes from.
    pub fn set(&mut self, name: &str, origin: Origin) {
        self.values.insert(name.to_string(), origin);
    }

    /// The same for what is mounted at `target`.
    pub fn set_mount(&mut self, target: &str, origin: Origin) {
        self.mounts.insert(target.to_string(), origin);
    }

    /// The same for a published port.
    pub fn set_port(&mut self, port: &str, origin: Origin) {
        self.ports.insert(port.to_string(), origin);
    }

    /// Where a value comes from.
    #[must_use]
    pub fn of(&self, name: &str) -> Origin {
        self.values.get(name).cloned().unwrap_or_default()
    }

    /// Where what is mounted at `target` comes from, when somebody asks for it.
    #[must_use]
    pub fn of_mount(&self, target: &str) -> Origin {
        self.mounts.get(target).cloned().unwrap_or_default()
    }

    /// Where a published port comes from.
    #[must_use]
    pub fn of_port(&self, port: &str) -> Origin {
        self.ports.get(port).cloned().unwrap_or_default()
    }

    /// Why the workspace file says something else of a setting than before.
    #[must_use]
    pub fn of_change(&self, name: &str) -> Origin {
        match (self.of(name), &self.file, file_settings::key(name)) {
            (origin @ Origin::File { .. }, ..) => origin,
            (_, Some(file), Some(key)) => Origin::Gone {
                key,
                file: file.clone(),
            },
            (origin, ..) => origin,
        }
    }

    /// `self` where it knows something, `below` elsewhere.
    #[must_use]
    pub fn or(self, mut below: Self) -> Self {
        below.values.extend(self.values);
        below.mounts.extend(self.mounts);
        below.ports.extend(self.ports);
        below.file = self.file.or(below.file);
        below
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_counts_more_is_named() {
        let mut file = Origins::of_file("dp.yml");
        let line = |key: &str, place: &str| Origin::File {
            key: key.into(),
            place: place.into(),
        };
        file.set("memory", line("docker.memory_limit", "dp.yml:2:3"));
        file.set("cpus", line("docker.cpus", "dp.yml:3:3"));
        let mut asked = Origins::default();
        asked.set("cpus", Origin::Option("--cpus"));
        let all = asked.or(file);
        let table = [
            ("memory", "dp.yml:2:3", Some("docker.memory_limit")),
            ("cpus", "--cpus", None),
            ("network", "default", None),
        ];
        for (name, origin, key) in table {
            let found = all.of(name);
            assert_eq!((found.to_string().as_str(), found.key()), (origin, key));
        }
        let gone = all.of_change("network");
        assert_eq!(gone.to_string(), "no longer in dp.yml");
        assert_eq!(gone.key(), Some("docker.network_mode"));
        assert_eq!(Origins::default().of_change("network"), Origin::Default);
    }
}
