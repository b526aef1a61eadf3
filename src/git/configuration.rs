//! One value of a git configuration, from its text: what proves a repository must not include other
//! files, run programs, or wait, as git and its library may.

/// The last value of `key` in the section, with the subsection as it is written in quotes; `None`
/// where it is not there, or is written in a way that git itself does not write.
pub(super) fn value(
    text: &str,
    section: &str,
    subsection: Option<&str>,
    key: &str,
) -> Option<String> {
    let mut is_in = false;
    let mut found = None;
    for line in text.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            is_in = self::header(header)
                == Some((section.to_lowercase(), subsection.map(str::to_string)));
        } else if is_in
            && let Some((name, value)) = line.split_once('=')
            && name.trim().eq_ignore_ascii_case(key)
        {
            found = plain(value.trim());
        }
    }
    found
}

/// `core]`, or `submodule "NAME"]`.
fn header(text: &str) -> Option<(String, Option<String>)> {
    let text = text.strip_suffix(']')?;
    match text.split_once(' ') {
        None => Some((text.to_lowercase(), None)),
        Some((section, name)) => {
            let name = name.trim().strip_prefix('"')?.strip_suffix('"')?;
            Some((section.to_lowercase(), Some(unescaped(name)?)))
        }
    }
}

/// A value without comments and continued lines; quotes around all of it go.
fn plain(value: &str) -> Option<String> {
    let inner = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(inner) => unescaped(inner),
        None if value.contains(['"', '\\', '#', ';']) => None,
        None => Some(value.to_string()),
    }
}

fn unescaped(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => out.push(rest.next().filter(|c| matches!(c, '"' | '\\'))?),
            '"' => return None,
            c => out.push(c),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn what_git_writes_is_read() {
        let text = "[core]\n\tbare = false\n\tworktree = ../../../a b\n[submodule \"x\\\"y\"]\n\
            \tpath = \"a#b\"\n[submodule \"x\"]\npath=1\nPath = 2\n[other]\npath = 3\n";
        let table = [
            ("core", None, "worktree", Some("../../../a b")),
            ("CORE", None, "Worktree", Some("../../../a b")),
            ("submodule", Some("x\"y"), "path", Some("a#b")),
            ("submodule", Some("x"), "path", Some("2")),
            ("submodule", Some("z"), "path", None),
            ("submodule", None, "path", None),
            ("other", None, "worktree", None),
        ];
        for (section, subsection, key, expected) in table {
            let found = value(text, section, subsection, key);
            assert_eq!(found.as_deref(), expected, "{section} {subsection:?} {key}");
        }
    }

    #[test]
    fn what_git_does_not_write_is_nothing() {
        for value_text in ["a \\", "a # b", "\"a\" b", "\"a\\n\"", "a;b"] {
            let text = format!("[core]\nworktree = {value_text}\n");
            assert_eq!(value(&text, "core", None, "worktree"), None, "{value_text}");
        }
    }
}
