//! A repository and what of it is wanted. Who reads what people write has checked it.

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

/// A URL as it may be shown: what stands before the host may be a password.
fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, rest)), Some((_, host))) if scheme != "ssh" && rest.contains('@') => {
            format!("{scheme}://***@{host}")
        }
        _ => url.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        let table = [
            ("https://me:secret@host/a", "https://***@host/a"),
            ("ssh://git@host/a", "ssh://git@host/a"),
            ("git@host:a", "git@host:a"),
        ];
        for (url, shown) in table {
            assert_eq!(without_password(url), shown);
        }
    }
}
