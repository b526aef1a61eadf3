//! `dspatch.agent.yml`: what a template says of itself, typed.

use std::collections::BTreeMap;

/// The names that the file may have.
pub const MANIFEST_NAMES: [&str; 2] = ["dspatch.agent.yml", "dspatch.agent.yaml"];

/// What a template says of itself; every part has its default, so a directory without the file is a
/// template as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The program below the template's directory.
    pub entry_point: String,
    /// Program and arguments instead of the entry point; never empty when there.
    pub command: Option<Vec<String>>,
    /// Script below the template's directory.
    pub pre_install: Option<String>,
    /// See `pre_install`.
    pub post_install: Option<String>,
    /// Base64 values by name, handed on as they are.
    pub fields: BTreeMap<String, String>,
    /// Variables that must be set and not empty; no others are handed on when any is named.
    pub required_env: Vec<String>,
    /// Paths inside that something must be mounted at.
    pub required_mounts: Vec<String>,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            entry_point: "agent.py".into(),
            command: None,
            pre_install: None,
            post_install: None,
            fields: BTreeMap::new(),
            required_env: Vec::new(),
            required_mounts: Vec::new(),
        }
    }
}
