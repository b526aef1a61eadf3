//! What of a URL may be shown, and where its host is.
//!
//! Clients disagree about odd URLs: one ends the authority at `\`, another takes the first `@`, a
//! third drops tabs. A part is hidden only where all of them find the same host.

/// Everything that some client ends the authority at.
const ENDS: [char; 4] = ['/', '?', '#', '\\'];

/// A URL may hold a password: something stands in front of an `@`. For excerpts of a file, where too
/// much is hidden rather than too little.
#[must_use]
pub fn may_have_password(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let user = authority.rsplit_once('@').map(|(user, _)| user);
    user.is_some_and(|user| !is_ssh_user(scheme, user))
}

/// A URL as it may be shown: `***` for what stands in front of the host, where every client finds
/// the same host; as it is where clients disagree, or where it holds no password.
#[must_use]
pub fn without_password(url: &str) -> String {
    let masked = parts(url).and_then(|(scheme, authority, rest)| {
        let (user, host) = authority.split_once('@')?;
        let is_masked = !is_ssh_user(scheme, user) && is_host(host) && is_plain(user);
        is_masked.then(|| format!("{scheme}://***@{host}{rest}"))
    });
    // An `@` in the rest may be the one that another client counts.
    masked.unwrap_or_else(|| url.to_string())
}

/// Nothing that a shell or another program could take for code.
fn is_plain(user: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~%+=:,".contains(c);
    user.chars().all(is_plain)
}

/// What is wrong with the URL of a git repository, to follow its text. Control characters are a
/// mistake in every text of a file.
#[must_use]
pub fn objection_to_remote(url: &str) -> Option<&'static str> {
    const PASSWORD: &str =
        "holds a user or password: put no user or password into the URL; use your git credentials";
    if url.contains(char::is_whitespace) {
        return Some("is no git URL: it holds a space");
    }
    if url.contains('\\') {
        return Some("is no git URL: it holds a backslash");
    }
    let Some((scheme, authority, _)) = parts(url) else {
        // `user@host:path`, or a scheme that holds more than letters.
        return url.contains("://").then_some("is no git URL");
    };
    let host = match authority.rsplit_once('@') {
        None => authority,
        Some((user, host)) if is_ssh_user(scheme, user) => host,
        Some(_) => return Some(PASSWORD),
    };
    let is_nobodys = host.is_empty() && scheme == "file";
    (!is_nobodys && !is_host(host)).then_some("is no git URL: it names no plain host")
}

/// Scheme, authority, and the rest from the first character that ends the authority; `None` where
/// that is not plain to every client.
fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.chars().all(is_of_scheme) {
        return None;
    }
    let end = rest.find(ENDS).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    // A client that knows no `?`, `#` or `\` here goes on to the next slash, and may find an `@`.
    let further = rest.split('/').next().unwrap_or_default();
    let is_plain = authority.chars().all(|c| c.is_ascii_graphic())
        && authority.matches('@').count() <= 1
        && !further.contains(['@', '\\']);
    is_plain.then_some((scheme, authority, rest))
}

/// `git` of `ssh://git@host`: a name alone, which is no secret.
fn is_ssh_user(scheme: &str, user: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    scheme.eq_ignore_ascii_case("ssh")
        && user.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && user.chars().all(is_plain)
}

/// A name or address of ASCII, maybe with a port.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) if address.contains(':') => {
            let is_of_address = |c: char| c.is_ascii_hexdigit() || ":.".contains(c);
            if !address.chars().all(is_of_address) {
                return false;
            }
            (
                "address",
                port.strip_prefix(':').or(port.is_empty().then_some("0")),
            )
        }
        Some(_) => return false,
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, Some("0")),
        },
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && host.chars().all(is_plain)
        && port.is_some_and(|port| {
            (1..=5).contains(&port.len()) && port.chars().all(|c| c.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        let table = [
            ("https://me:secret@host/a", "https://***@host/a"),
            ("http://u:$(id)@host/", "http://u:$(id)@host/"),
            ("http://u:`id`@host/", "http://u:`id`@host/"),
            ("http://a|id;x@host/", "http://a|id;x@host/"),
            ("https://token@host/a@b", "https://***@host/a@b"),
            ("https://me:secret@host:8080?a", "https://***@host:8080?a"),
            ("http://me:secret@[::1]:80", "http://***@[::1]:80"),
            ("https://host/a@b", "https://host/a@b"),
            ("ssh://git@host/a", "ssh://git@host/a"),
            ("ssh://git:secret@host/a", "ssh://***@host/a"),
            ("git@host:a", "git@host:a"),
        ];
        for (url, shown) in table {
            assert_eq!(without_password(url), shown);
        }
    }

    /// Each leads some client to `evil.example`, and was to be read as another host.
    const HOSTILE: [&str; 22] = [
        "https://evil.example?a@github.com/good/repo.git",
        "https://evil.example#a@github.com/good/repo.git",
        "https://evil.example\\a@github.com/good/repo.git",
        "https://evil.example\\@github.com/",
        "https://evil.example/a@github.com/good",
        "https://github.com@evil.example@github.com/good",
        "https://a@evil.example@github.com",
        "https://a@evil.example#@github.com/good",
        "https://a@evil.example?@github.com/good",
        "https://a@evil.example\\@github.com/good",
        "https://evil.example\t@github.com/good",
        "https://evil.example @github.com/good",
        "https://evil.example\n@github.com/good",
        "https://evil.example\u{ff0f}@github.com/good",
        "https://evil.example\u{2044}@github.com/good",
        "https:\\\\evil.example/://a@github.com",
        "https:evil.example/://a@github.com",
        " https://evil.example://a@github.com",
        "https://evil.example:443#@github.com/",
        "https://evil.example://@github.com/",
        "https://a@github.com:80@evil.example/",
        "https://a@[evil.example]@github.com/",
    ];

    #[test]
    fn the_host_that_a_client_uses_is_always_shown() {
        for url in HOSTILE {
            let shown = without_password(url);
            assert!(shown.contains("evil.example"), "{url}: {shown}");
        }
        // All clients agree on these.
        for url in [
            "https://github.com@evil.example/good",
            "https://github.com:443@evil.example",
        ] {
            let shown = without_password(url);
            assert!(shown.starts_with("https://***@evil.example"), "{shown}");
        }
    }

    #[test]
    fn an_excerpt_hides_too_much_rather_than_too_little() {
        for url in [
            "https://u:hunter2@h/r",
            "https://h?hunter2@x",
            "https://h\\hunter2@x",
            "ssh://g:p@h",
        ] {
            assert!(may_have_password(url), "{url}");
        }
        for url in ["https://h/a@b", "ssh://git@h/r", "git@h:r"] {
            assert!(!may_have_password(url), "{url}");
        }
    }

    #[test]
    fn a_repository_is_at_a_plain_host() {
        for url in [
            "https://h/o/r.git",
            "https://h.example:8443/a@b",
            "http://[2001:db8::1]:80/r",
            "https://10.0.0.1/r?x=y",
            "ssh://git@h/r",
            "ssh://git@h:2222/r",
            "ssh://h/r",
            "git@h:o/r.git",
            "git@h:o/r@2",
            "file:///srv/r",
        ] {
            assert_eq!(objection_to_remote(url), None, "{url}");
        }
        for url in HOSTILE
            .into_iter()
            .filter(|url| !url.contains("/a@"))
            .chain([
                "https://me:secret@h/r",
                "https://me@h/r",
                "http://@h/r",
                "git://me@h/r",
                "file://me@h/r",
                "ssh://git:secret@h/r",
                "ssh://-oX@h/r",
                "ssh://git@-oX/r",
                "https:///r",
                "https://-oX/r",
                "https://h:x/r",
                "https://h%2f/r",
                "https://\u{433}ithub.com/r",
                "git@h:o/r\\x",
                "git@h:o/r x",
            ])
        {
            assert!(objection_to_remote(url).is_some(), "{url}");
        }
        let words = objection_to_remote("https://me:secret@h/r").expect("a password");
        assert!(words.contains("use your git credentials"), "{words}");
    }
}
