//! Where a repository is, as people write it. Pure.

/// A repository and what of it is wanted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remote {
    /// As `git clone` takes it; never an option, never a transport that runs programs.
    pub url: String,
    /// Branch, tag or commit; the remote's default branch without.
    pub reference: Option<String>,
}

/// Why a text names no repository that may be cloned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RemoteError {
    /// Its transport may not be used.
    #[error("`{url}` is of a kind that is not cloned")]
    Transport {
        /// As written.
        url: String,
    },
    /// The reference is none.
    #[error("`{reference}` is not the name of a branch, a tag or a commit")]
    Reference {
        /// As written.
        reference: String,
    },
    /// Two references for one source.
    #[error("the source names `{first}` and `{second}`")]
    TwoReferences {
        /// In the URL.
        first: String,
        /// Beside it.
        second: String,
    },
}

/// The transports that are used.
const SCHEMES: [&str; 6] = ["https", "http", "ssh", "git", "file", "git+ssh"];

impl Remote {
    /// True for what is meant as a repository rather than a path: a URL, or `user@host:path`.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.contains("://") || text.contains("::") || is_scp(text)
    }

    /// Reads `URL`, `URL#REF`, `https://host/owner/name/tree/REF` or `user@host:path`, with a
    /// reference that stands beside it.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub fn parse(text: &str, beside: Option<&str>) -> Result<Self, RemoteError> {
        let (url, mut reference) = match text.split_once('#') {
            Some((url, reference)) => (url, Some(reference)),
            None => (text, None),
        };
        let mut url = url.to_string();
        let is_web = url.starts_with("https://") || url.starts_with("http://");
        if is_web && let Some((repository, tree)) = text.split_once("/tree/") {
            let tree = tree.split_once('#').map_or(tree, |(tree, _)| tree);
            reference = reference.or(Some(tree.trim_end_matches('/')));
            // GitLab writes `/-/tree/`.
            url = repository.trim_end_matches("/-").to_string();
        }
        let is_known = match url.split_once("://") {
            Some((scheme, rest)) => SCHEMES.contains(&scheme) && !rest.starts_with('-'),
            None => is_scp(&url),
        };
        if !is_known || url.contains("::") {
            return Err(RemoteError::Transport { url });
        }
        let reference = match (reference.filter(|text| !text.is_empty()), beside) {
            (Some(first), Some(second)) if first != second => {
                return Err(RemoteError::TwoReferences {
                    first: first.into(),
                    second: second.into(),
                });
            }
            (first, second) => first.or(second),
        };
        if let Some(reference) = reference.filter(|reference| !is_reference(reference)) {
            let reference = reference.to_string();
            return Err(RemoteError::Reference { reference });
        }
        Ok(Self {
            url,
            reference: reference.map(str::to_string),
        })
    }
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

/// `user@host:path`, as ssh takes it.
fn is_scp(text: &str) -> bool {
    let Some((host, path)) = text.split_once(':') else {
        return false;
    };
    let is_host = host.contains('@') && !host.contains('/') && !host.starts_with('-');
    is_host && !path.is_empty() && !path.starts_with(':')
}

/// What git allows in the name of a reference, as far as it matters here.
fn is_reference(text: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./+@".contains(c);
    !text.is_empty() && !text.starts_with('-') && !text.contains("..") && text.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write() {
        let table = [
            ("https://host/a/b", None, Some(("https://host/a/b", None))),
            (
                "https://host/a/b.git#v1",
                None,
                Some(("https://host/a/b.git", Some("v1"))),
            ),
            (
                "https://host/a/b/tree/feature/x",
                None,
                Some(("https://host/a/b", Some("feature/x"))),
            ),
            (
                "https://host/a/b/-/tree/main/",
                None,
                Some(("https://host/a/b", Some("main"))),
            ),
            (
                "git@host:a/b.git",
                Some("dev"),
                Some(("git@host:a/b.git", Some("dev"))),
            ),
            (
                "ssh://git@host/a",
                Some("dev"),
                Some(("ssh://git@host/a", Some("dev"))),
            ),
            (
                "file:///srv/a#x",
                Some("x"),
                Some(("file:///srv/a", Some("x"))),
            ),
            ("file:///srv/a#x", Some("y"), None),
            ("https://host/a#--upload-pack=x", None, None),
            ("ext::sh -c touch", None, None),
            ("ssh://-oProxyCommand=x/a", None, None),
            ("-u@host:a", None, None),
            ("ftp://host/a", None, None),
        ];
        for (text, beside, expected) in table {
            let found = Remote::parse(text, beside).ok();
            let expected = expected.map(|(url, reference)| Remote {
                url: url.into(),
                reference: reference.map(Into::into),
            });
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_path_is_not_meant_as_a_repository() {
        for path in ["./a", "/srv/a", "~/a", "a/b", "name"] {
            assert!(!Remote::is_meant(path), "{path}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let remote = Remote::parse("https://me:secret@host/a", None).expect("a URL");
        assert_eq!(remote.to_string(), "https://***@host/a");
    }
}
