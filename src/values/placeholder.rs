//! `{{apikey:NAME}}` in the value of an environment variable, and the names of secrets.

/// What a placeholder begins with.
pub const OPEN: &str = "{{apikey:";
/// What it ends with.
pub const CLOSE: &str = "}}";

/// Letters, digits, `_`, `-` and `.`, at most 128 of them.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    (1..=128).contains(&name.len()) && name.chars().all(is_plain)
}

/// The names of the secrets that a value asks for; `None` for a placeholder that is not closed.
pub fn names(value: &str) -> impl Iterator<Item = Option<&str>> {
    let inner = value.split(OPEN).skip(1);
    inner.map(|rest| Some(rest[..rest.find(CLOSE)?].trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_occurrence_is_named() {
        let table: [(&str, &[Option<&str>]); 4] = [
            ("plain {{apikey}}", &[]),
            ("{{apikey:A}}", &[Some("A")]),
            ("x{{apikey:A}}y{{apikey: B }}z", &[Some("A"), Some("B")]),
            ("{{apikey:A}}{{apikey:B", &[Some("A"), None]),
        ];
        for (value, expected) in table {
            assert_eq!(names(value).collect::<Vec<_>>(), expected, "{value}");
        }
    }

    #[test]
    fn names_of_secrets_are_plain() {
        for name in ["A", "my-key.2_x"] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["", "a b", "a/b", "ä", &"x".repeat(129)] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
