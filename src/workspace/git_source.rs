//! Template sources as people write them: a path, or a git URL with a ref.

use super::file::TemplateSource;
use super::reader::Base;
use crate::values::url::objection_to_remote;
use std::path::{Component, Path, PathBuf};

const SCHEMES: [&str; 5] = ["https://", "http://", "ssh://", "git://", "file://"];

/// What a source is by its looks; `None` for a bare name.
///
/// # Errors
/// What is wrong with it, to follow its text.
pub(super) fn parse(text: &str, base: &Base<'_>) -> Result<Option<TemplateSource>, String> {
    if SCHEMES.iter().any(|scheme| text.starts_with(scheme)) || is_short_ssh(text) {
        return parse_git(text).map(Some);
    }
    if text.contains("://") || text.contains("::") {
        return Err("is no git URL that is allowed: https, http, ssh, git or file".into());
    }
    if text.contains('/') || text.starts_with(['.', '~']) {
        return base.resolve(text).map(TemplateSource::Directory).map(Some);
    }
    Ok(None)
}

/// `user@host:path`, as git and scp have it.
fn is_short_ssh(text: &str) -> bool {
    text.split_once(':').is_some_and(|(host, path)| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        let parts = host.split_once('@');
        !path.is_empty()
            && !text.contains("://")
            && parts.is_some_and(|(user, host)| {
                [user, host].iter().all(|part| {
                    !part.is_empty() && !part.starts_with('-') && part.chars().all(is_plain)
                })
            })
    })
}

/// A URL, maybe with `#REF`, or `/tree/REF/DIRECTORY` as websites have it.
fn parse_git(text: &str) -> Result<TemplateSource, String> {
    let (url, after_hash) = match text.split_once('#') {
        Some((url, reference)) => (url, Some(reference)),
        None => (text, None),
    };
    let tree = ["/-/tree/", "/tree/"]
        .iter()
        .find_map(|tree| url.split_once(tree));
    let (url, in_path) = match tree {
        Some((url, rest)) if !url.ends_with('/') => (url, Some(rest.trim_end_matches('/'))),
        _ => (url, None),
    };
    let (reference, subdir) = match (after_hash, in_path) {
        (Some(_), Some(_)) => return Err("names a ref twice".into()),
        (Some(reference), None) => (Some(reference), None),
        (None, Some(rest)) => match rest.split_once('/') {
            Some((reference, subdir)) => (Some(reference), Some(subdir)),
            None => (Some(rest), None),
        },
        (None, None) => (None, None),
    };
    if let Some(problem) = objection_to_remote(url) {
        return Err(problem.into());
    }
    if let Some(problem) = reference.and_then(objection_to_reference) {
        return Err(problem.into());
    }
    Ok(TemplateSource::Git {
        url: url.to_string(),
        reference: reference.map(str::to_string),
        subdir: subdir.map(parse_subdir).transpose()?,
    })
}

/// What is wrong with a ref, to follow its text: git's own rules, as far as they keep it from being
/// an option or an expression.
pub(super) fn objection_to_reference(reference: &str) -> Option<&'static str> {
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || "~^:?*[\\".contains(c);
    if reference.is_empty() {
        Some("has an empty ref")
    } else if reference.starts_with('-') {
        Some("has a ref that begins with `-`")
    } else if reference.contains(is_odd) || reference.contains("..") || reference.contains("@{") {
        Some("has a ref that git does not allow")
    } else {
        None
    }
}

/// A directory within a source.
///
/// # Errors
/// That it leaves the source, to follow its text.
pub(super) fn parse_subdir(text: &str) -> Result<PathBuf, String> {
    let path = Path::new(text);
    let is_below = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if path.components().all(is_below) {
        Ok(path
            .components()
            .filter(|part| *part != Component::CurDir)
            .collect())
    } else {
        Err("leaves the source".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str) -> String {
        let base = Base {
            directory: Path::new("/team"),
            home: Some(Path::new("/home/ann")),
        };
        match parse(text, &base) {
            Ok(None) => "name".into(),
            Ok(Some(TemplateSource::Directory(path))) => path.display().to_string(),
            Ok(Some(TemplateSource::Git {
                url,
                reference,
                subdir,
            })) => format!(
                "{url} {} {}",
                reference.unwrap_or_default(),
                subdir.unwrap_or_default().display()
            ),
            Ok(Some(other)) => format!("{other:?}"),
            Err(problem) => format!("! {problem}"),
        }
    }

    #[test]
    fn forms() {
        let table = [
            ("coder", "name"),
            ("./coder", "/team/coder"),
            ("~/t", "/home/ann/t"),
            ("/t", "/t"),
            ("https://h/o/r", "https://h/o/r  "),
            ("https://h/o/r.git#v1", "https://h/o/r.git v1 "),
            ("https://h/o/r/tree/main", "https://h/o/r main "),
            ("https://h/o/r/tree/main/a/b/", "https://h/o/r main a/b"),
            ("https://h/o/r/-/tree/x/a", "https://h/o/r x a"),
            ("git@h:o/r.git#dev", "git@h:o/r.git dev "),
            ("ssh://git@h/r", "ssh://git@h/r  "),
            ("file:///srv/r", "file:///srv/r  "),
            ("https://h/r#", "! has an empty ref"),
            (
                "https://h/r#--upload-pack=x",
                "! has a ref that begins with `-`",
            ),
            ("https://h/r#a..b", "! has a ref that git does not allow"),
            ("https://h/r/tree/a#b", "! names a ref twice"),
            ("https://h/r/tree/a/../../b", "! leaves the source"),
            ("https://-oX/r", "! is no git URL: it names no plain host"),
            ("https://h\\x@g/r", "! is no git URL: it holds a backslash"),
            ("https://h?x@g/r", "! is no git URL"),
            ("https://h#x@g/r", "https://h x@g/r "),
            (
                "ext::sh -c x",
                "! is no git URL that is allowed: https, http, ssh, git or file",
            ),
            (
                "ftp://h/r",
                "! is no git URL that is allowed: https, http, ssh, git or file",
            ),
        ];
        for (text, expected) in table {
            assert_eq!(show(text).trim_end(), expected.trim_end(), "{text}");
        }
    }
}
