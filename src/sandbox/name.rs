//! Names of sandboxes and of their containers.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// The longest name: that of a hostname's label.
const LONGEST: usize = 63;
const CONTAINER_PREFIX: &str = "dp-";
/// No sandbox's container begins so.
const ASIDE_PREFIX: &str = "dp.aside-";

/// `[a-z0-9][a-z0-9_.-]*`, at most 63 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SandboxName(String);

/// A text that is no name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{given}` is not a sandbox name")]
pub struct NameError {
    /// As typed.
    pub given: String,
    /// One that would do.
    pub suggestion: String,
}

impl SandboxName {
    /// `<agent>-<directory>-<six digits of the workspace>`, made to fit.
    #[must_use]
    pub fn derive(agent: &str, workspace: &Path, workspace_id: &str) -> Self {
        let directory = workspace
            .file_name()
            .map_or_else(|| "root".into(), |name| name.to_string_lossy());
        let id = &workspace_id[..6.min(workspace_id.len())];
        let head = slug(&format!("{agent}-{directory}"));
        let head = &head[..head.len().min(LONGEST - id.len() - 1)];
        let head = head.trim_end_matches(['-', '.', '_']);
        Self(format!("{head}-{id}"))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the container.
    #[must_use]
    pub fn container(&self) -> String {
        format!("{CONTAINER_PREFIX}{}", self.0)
    }

    /// The sandbox that a container's name stands for.
    #[must_use]
    pub fn of_container(container: &str) -> Option<Self> {
        container.strip_prefix(CONTAINER_PREFIX)?.parse().ok()
    }

    /// The name of a container that waits until the next one of this sandbox is made.
    #[must_use]
    pub fn aside(&self) -> String {
        format!("{ASIDE_PREFIX}{}", self.0)
    }

    /// The sandbox that a container was of which was put aside.
    #[must_use]
    pub fn of_aside(container: &str) -> Option<Self> {
        container.strip_prefix(ASIDE_PREFIX)?.parse().ok()
    }
}

impl FromStr for SandboxName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.-".contains(c);
        let begins = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        if begins && text.len() <= LONGEST && text.chars().all(fits) {
            return Ok(Self(text.to_string()));
        }
        let mut suggestion = slug(text);
        suggestion.truncate(LONGEST);
        Err(NameError {
            given: text.to_string(),
            suggestion,
        })
    }
}

impl fmt::Display for SandboxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.to_lowercase().chars() {
        match c {
            c if c.is_ascii_lowercase() || c.is_ascii_digit() || "_.".contains(c) => out.push(c),
            _ if out.ends_with('-') => {}
            _ => out.push('-'),
        }
    }
    let out = out.trim_matches(['-', '.', '_']);
    if out.is_empty() {
        "sandbox".into()
    } else {
        out.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn derived_names() {
        let table = [
            ("/home/ann/My App", "claude-my-app-0123ab"),
            ("/", "claude-root-0123ab"),
            ("/x/ünï", "claude-n-0123ab"),
            ("/x/a:b", "claude-a-b-0123ab"),
        ];
        for (path, expected) in table {
            let name = SandboxName::derive("claude", Path::new(path), "0123abcdef45");
            assert_eq!(name.as_str(), expected);
        }
    }

    #[test]
    fn what_is_put_aside_is_no_sandbox_of_another_name() {
        let name: SandboxName = "aside-x".parse().expect("a name");
        let aside = name.aside();
        assert_eq!(SandboxName::of_container(&aside), None);
        assert_eq!(SandboxName::of_aside(&aside), Some(name.clone()));
        assert_eq!(SandboxName::of_aside(&name.container()), None);
    }

    #[test]
    fn given_names() {
        for good in ["a", "0.x_y-z", &"a".repeat(63)] {
            assert!(good.parse::<SandboxName>().is_ok(), "{good}");
        }
        for bad in ["", "A", "-a", "a b", "a/b", &"a".repeat(64)] {
            let error = bad.parse::<SandboxName>().expect_err(bad);
            assert!(error.suggestion.parse::<SandboxName>().is_ok(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_directory_has_a_valid_name(agent in "[a-z]{1,70}", directory in "[^/\\x00]{1,300}") {
            let name = SandboxName::derive(&agent, &Path::new("/w").join(directory), "0123abcdef45");
            prop_assert!(name.as_str().parse::<SandboxName>().is_ok(), "{}", name);
        }
    }
}
