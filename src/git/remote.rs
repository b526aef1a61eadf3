//! A repository and what of it is wanted. Who reads what people write has checked it.

use crate::values::url::without_password;

/// A repository and what of it is wanted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remote {
    /// As `git fetch` takes it; never an option.
    pub url: String,
    /// Branch, tag or commit; the remote's default branch without. Never an option.
    pub reference: Option<String>,
}

impl std::fmt::Display for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&without_password(&self.url))?;
        match &self.reference {
            Some(reference) => write!(f, "#{reference}"),
            None => Ok(()),
        }
    }
}
