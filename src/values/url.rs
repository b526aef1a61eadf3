//! What of a URL may be shown.

/// True when a password may stand in front of the host: any user of the web's, one with a colon of ssh's.
#[must_use]
pub fn has_password(url: &str) -> bool {
    parts(url).is_some_and(|(scheme, user, _)| scheme != "ssh" || user.contains(':'))
}

/// A URL as it may be shown.
#[must_use]
pub fn without_password(url: &str) -> String {
    match parts(url).filter(|_| has_password(url)) {
        Some((scheme, _, rest)) => format!("{scheme}://***@{rest}"),
        None => url.to_string(),
    }
}

/// Scheme, what stands in front of the host, and the rest from the host on.
fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split('/').next()?;
    let (user, _) = authority.rsplit_once('@')?;
    Some((scheme, user, &rest[user.len() + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        let table = [
            ("https://me:secret@host/a", "https://***@host/a"),
            ("https://token@host/a@b", "https://***@host/a@b"),
            ("https://host/a@b", "https://host/a@b"),
            ("ssh://git@host/a", "ssh://git@host/a"),
            ("ssh://git:secret@host/a", "ssh://***@host/a"),
            ("git@host:a", "git@host:a"),
        ];
        for (url, shown) in table {
            assert_eq!(without_password(url), shown);
        }
    }
}
