//! `{{apikey:NAME}}` in the value of an environment variable.

use super::store::{SecretError, Store};
use crate::values::placeholder::{CLOSE, OPEN};
use secrecy::ExposeSecret;

/// Why a value cannot be completed.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// No closing braces.
    #[error("`{{{{apikey:` is not closed by `}}}}`")]
    NotClosed,
    /// The secret cannot be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// Replaces every occurrence by the secret of that name.
///
/// # Errors
/// [`TemplateError`]; the value itself is never part of it.
pub fn expand(value: &str, store: &Store) -> Result<String, TemplateError> {
    let mut out = String::new();
    let mut rest = value;
    while let Some(at) = rest.find(OPEN) {
        out.push_str(&rest[..at]);
        let inner = &rest[at + OPEN.len()..];
        let end = inner.find(CLOSE).ok_or(TemplateError::NotClosed)?;
        out.push_str(store.find(inner[..end].trim())?.expose_secret());
        rest = &inner[end + CLOSE.len()..];
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_occurrence_is_replaced() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::in_file(dir.path());
        store.set("A", &"1".to_string().into()).expect("stored");
        store
            .set("B", &"{{apikey:A}}".to_string().into())
            .expect("stored");
        let table = [
            ("plain", "plain"),
            ("{{apikey:A}}", "1"),
            (
                "x{{apikey:A}}y{{ apikey:A }}{{apikey: A }}",
                "x1y{{ apikey:A }}1",
            ),
            ("{{apikey:B}}", "{{apikey:A}}"),
        ];
        for (value, expected) in table {
            assert_eq!(
                expand(value, &store).ok().as_deref(),
                Some(expected),
                "{value}"
            );
        }
        assert!(expand("{{apikey:A", &store).is_err());
        assert!(expand("{{apikey:C}}", &store).is_err());
    }
}
