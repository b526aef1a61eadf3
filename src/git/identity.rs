//! Who commits. Reads only.

use std::path::Path;
use std::process::{Command, Stdio};

/// Who commits, as git itself would decide it in a directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// `user.name`.
    pub name: Option<String>,
    /// `user.email`.
    pub email: Option<String>,
}

/// Asks the `git` program, which alone knows every kind of conditional include; where there is
/// none, libgit2 answers.
#[must_use]
pub fn identity(workspace: &Path) -> Identity {
    let asked = Command::new("git")
        .arg("-C")
        .arg(workspace)
        .args(["config", "--null", "--get-regexp", r"^user\.(name|email)$"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    match asked {
        Ok(output) => parse(&String::from_utf8_lossy(&output.stdout)),
        Err(_) => from_library(workspace).unwrap_or_default(),
    }
}

/// `key\nvalue\0…`: the last of each key wins.
fn parse(text: &str) -> Identity {
    let mut identity = Identity::default();
    for entry in text.split_terminator('\0') {
        let (key, value) = entry.split_once('\n').unwrap_or((entry, ""));
        let slot = match key {
            "user.name" => &mut identity.name,
            "user.email" => &mut identity.email,
            _ => continue,
        };
        *slot = Some(value.to_string());
    }
    identity
}

fn from_library(workspace: &Path) -> Result<Identity, git2::Error> {
    let config = match git2::Repository::discover(workspace) {
        Ok(repository) => repository.config()?,
        Err(_) => git2::Config::open_default()?,
    };
    Ok(Identity {
        name: config.get_string("user.name").ok(),
        email: config.get_string("user.email").ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_wins_and_newlines_stay() {
        let text = "user.name\nA\0user.email\na@b\0user.name\nB\nC\0";
        let identity = parse(text);
        assert_eq!(identity.name.as_deref(), Some("B\nC"));
        assert_eq!(identity.email.as_deref(), Some("a@b"));
        assert_eq!(parse(""), Identity::default());
    }
}
