//! Environment files: `NAME=VALUE`, `export ` allowed, `#` comments, single and double quotes, no
//! interpolation.

use crate::files::{self, Pinned, ReadError};
use crate::values::variable::{is_name, is_reserved};
use std::collections::BTreeMap;
use std::path::Path;

/// The largest file that is read.
const LIMIT: u64 = 1024 * 1024;

/// Why an environment file cannot be used; never with a value in it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EnvFileError {
    /// Missing, unreadable, a directory, or too large.
    #[error("the environment file `{path}` {problem}")]
    File {
        /// As given.
        path: String,
        /// In words.
        problem: String,
    },
    /// A line that is not in the grammar.
    #[error("line {line} of the environment file `{path}` {problem}")]
    Line {
        /// As given.
        path: String,
        /// From 1.
        line: usize,
        /// In words.
        problem: String,
    },
}

/// Reads a file of at most 1 MiB; links are followed.
///
/// # Errors
/// [`EnvFileError`] with the path's problem or the line's.
pub fn read(path: &Path) -> Result<BTreeMap<String, String>, EnvFileError> {
    variables(path, files::read(path, LIMIT))
}

/// Reads what `path` led to when it was pinned.
///
/// # Errors
/// As [`read`].
pub fn read_pinned(
    path: &Path,
    pinned: std::io::Result<Pinned>,
) -> Result<BTreeMap<String, String>, EnvFileError> {
    let read = pinned.map_err(ReadError::from);
    variables(path, read.and_then(|pinned| pinned.read(LIMIT)))
}

fn variables(
    path: &Path,
    read: Result<Vec<u8>, ReadError>,
) -> Result<BTreeMap<String, String>, EnvFileError> {
    let shown = path.display().to_string();
    let problem = |problem: &str| EnvFileError::File {
        path: shown.clone(),
        problem: problem.into(),
    };
    let bytes = read.map_err(|error| match error {
        ReadError::Io(error) => match error.kind() {
            std::io::ErrorKind::NotFound => problem("does not exist"),
            std::io::ErrorKind::PermissionDenied => problem("may not be read"),
            _ => problem("cannot be opened"),
        },
        ReadError::Directory => problem("is a directory"),
        ReadError::Special => problem("is no file"),
        ReadError::Leased => problem("is held by another program, which has a lease on it"),
        ReadError::TooLarge { .. } => problem("is larger than 1 MiB"),
    })?;
    let text = String::from_utf8(bytes).map_err(|_| problem("is not UTF-8 text"))?;
    parse(&shown, &text)
}

/// Parses the text of a file that is called `path` in errors.
///
/// # Errors
/// [`EnvFileError::Line`].
pub fn parse(path: &str, text: &str) -> Result<BTreeMap<String, String>, EnvFileError> {
    let mut variables = BTreeMap::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = |problem: String| EnvFileError::Line {
            path: path.to_string(),
            line: index + 1,
            problem,
        };
        let (name, value) = parse_line(line).map_err(|problem| wrong(problem.to_string()))?;
        if is_reserved(&name) {
            return Err(wrong(format!("sets `{name}`, which is reserved")));
        }
        variables.insert(name, value);
    }
    Ok(variables)
}

fn parse_line(line: &str) -> Result<(String, String), &'static str> {
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    let (name, value) = line
        .split_once('=')
        .ok_or("has no `=`; a bare name is not taken from elsewhere")?;
    let name = name.trim_end();
    if !is_name(name) {
        return Err("does not begin with a variable's name");
    }
    let value = value.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let Some(quote) = quote else {
        let value = value.find(" #").map_or(value, |at| &value[..at]);
        return Ok((name.to_string(), value.trim_end().to_string()));
    };
    let mut out = String::new();
    let mut rest = value[1..].chars();
    loop {
        match rest.next() {
            None => return Err("has a quote that is not closed"),
            Some(c) if c == quote => break,
            Some('\\') if quote == '"' => match rest.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(c @ ('"' | '\\' | '$')) => out.push(c),
                Some(c) => out.extend(['\\', c]),
                None => return Err("has a quote that is not closed"),
            },
            Some(c) => out.push(c),
        }
    }
    let rest = rest.as_str().trim_start();
    if !rest.is_empty() && !rest.starts_with('#') {
        return Err("has text after the closing quote");
    }
    Ok((name.to_string(), out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_grammar() {
        let table = [
            ("A=1", Ok(("A", "1"))),
            ("export A = b c  # comment", Ok(("A", "b c"))),
            ("A='x # $y' # z", Ok(("A", "x # $y"))),
            ("A=\"l1\\nl2 \\\"q\\\"\"", Ok(("A", "l1\nl2 \"q\""))),
            ("A=", Ok(("A", ""))),
            ("A=b#c", Ok(("A", "b#c"))),
            (
                "A",
                Err("has no `=`; a bare name is not taken from elsewhere"),
            ),
            ("1A=x", Err("does not begin with a variable's name")),
            ("A='x", Err("has a quote that is not closed")),
            ("A='x'y", Err("has text after the closing quote")),
        ];
        for (line, expected) in table {
            let expected = expected.map(|(name, value)| (name.to_string(), value.to_string()));
            assert_eq!(parse_line(line), expected, "{line}");
        }
    }

    #[test]
    fn an_error_names_the_line_and_never_the_value() {
        let error = parse("x.env", "# c\nA=1\nhunter2\n").expect_err("a bare name");
        let text = error.to_string();
        assert!(
            text.contains("line 3") && !text.contains("hunter2"),
            "{text}"
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,300}") {
            let _outcome = parse("x", &text);
        }
    }
}
