//! Which names completion prints: those that are valid in their kind. A shell puts a name into the
//! command line, so a name that a shell could read as anything but a plain word is left out.

use crate::sandbox::SandboxName;
use crate::{secrets, workspace};

/// What a name is the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A key of a workspace file, or an agent of the catalogue.
    Agent,
    Secret,
    Sandbox,
    Image,
    Volume,
}

/// Longer than every name of every kind; an engine may answer anything.
const LONGEST: usize = 512;

impl Kind {
    fn is_name(self, text: &str) -> bool {
        match self {
            Self::Agent => workspace::is_agent_key(text),
            Self::Secret => is_plain(text, "_.-") && secrets::check(text).is_ok(),
            Self::Sandbox => is_plain(text, "_.-") && text.parse::<SandboxName>().is_ok(),
            Self::Image => is_plain(text, "_.-/:@"),
            Self::Volume => is_plain(text, "_.-"),
        }
    }

    /// The names among the texts, each once, in their order.
    pub(super) fn only(self, texts: impl IntoIterator<Item = String>) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for text in texts {
            if self.is_name(&text) && !names.contains(&text) {
                names.push(text);
            }
        }
        names
    }
}

/// A word that every shell reads as itself.
fn is_plain(text: &str, more: &str) -> bool {
    let is_first = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_next = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
    text.len() <= LONGEST && text.starts_with(is_first) && text.chars().all(is_next)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Kind; 5] = [
        Kind::Agent,
        Kind::Secret,
        Kind::Sandbox,
        Kind::Image,
        Kind::Volume,
    ];

    #[test]
    fn what_a_shell_could_evaluate_is_no_name_of_any_kind() {
        let table = [
            "$(touch${IFS}/tmp/PWN)",
            "`touch x`",
            "a;b",
            "a b",
            "a\nb",
            "a\tb",
            "a'b",
            "a\"b",
            "a\\b",
            "a&b",
            "a|b",
            "a>b",
            "a*",
            "a?",
            "a[b]",
            "{a,b}",
            "~a",
            "~",
            "-a",
            "--help",
            "#a",
            "!a",
            "a!b",
            "a=b",
            "%a",
            "^a",
            "@a",
            "",
            "a\u{1b}[2K",
            "a\u{9b}2K",
            "a\u{202e}b",
            "é",
        ];
        for text in table {
            for kind in ALL {
                assert_eq!(kind.only([text.to_string()]), [""; 0], "{kind:?} {text:?}");
            }
        }
        for kind in ALL {
            assert_eq!(kind.only(["x".repeat(LONGEST + 1)]), [""; 0], "{kind:?}");
        }
    }

    #[test]
    fn names_of_every_kind_are_kept_once_and_in_order() {
        let table: [(Kind, &[&str]); 5] = [
            (Kind::Agent, &["lead", "worker-2", "a_b"]),
            (Kind::Secret, &["MY_TOKEN", "_X"]),
            (Kind::Sandbox, &["shell-app-1a2b3c", "a.b"]),
            (
                Kind::Image,
                &["dp-base:1a2b", "ghcr.io/a/b:1", "a@sha256:1f"],
            ),
            (
                Kind::Volume,
                &["dp-home-1a2b-1000", "dp-login-1000.0-claude"],
            ),
        ];
        for (kind, names) in table {
            let twice = names.iter().chain(names).map(ToString::to_string);
            assert_eq!(kind.only(twice), names, "{kind:?}");
        }
    }
}
