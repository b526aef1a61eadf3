//! Where the log of an agent is and what its last lines are, for both ends.

use super::LOG_DIR;
use std::path::{Path, PathBuf};

/// At this size a log becomes `.1` and a new one begins; two files are kept.
pub const ROTATE_AT: u64 = 8 * 1024 * 1024;

/// The log of an agent before the last rotation, and the one after it.
#[must_use]
pub fn paths(key: &str) -> [PathBuf; 2] {
    let name: String = key
        .chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .collect();
    let path = Path::new(LOG_DIR).join(format!("{name}.log"));
    [path.with_extension("log.1"), path]
}

/// The agent of a log's file name; `None` for other files, and for what is no agent's.
#[must_use]
pub fn key_of(file: &str) -> Option<&str> {
    let key = file.strip_suffix(".log")?;
    // What serves the agents has a key that begins with something else.
    let is_agents = key.starts_with(|c: char| c.is_ascii_alphanumeric());
    (is_agents && key.chars().all(is_plain)).then_some(key)
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.".contains(c)
}

/// The last `count` lines; all of them without a number.
#[must_use]
pub fn last_lines(text: &[u8], count: Option<usize>) -> &[u8] {
    let Some(count) = count else { return text };
    let body = text.strip_suffix(b"\n").unwrap_or(text);
    let start = body
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, byte)| **byte == b'\n')
        .nth(count.saturating_sub(1))
        .map_or(0, |(at, _)| at + 1);
    if count == 0 { &[] } else { &text[start..] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_of_a_log() {
        let text = b"one\ntwo\nthree\n";
        let table: [(Option<usize>, &[u8]); 5] = [
            (None, text),
            (Some(0), b""),
            (Some(1), b"three\n"),
            (Some(2), b"two\nthree\n"),
            (Some(9), text),
        ];
        for (count, expected) in table {
            assert_eq!(last_lines(text, count), expected, "{count:?}");
        }
    }

    #[test]
    fn the_agent_of_a_file() {
        for key in ["lead", "lead.2", "a_b-c"] {
            let [older, current] = paths(key);
            let name = |path: &Path| path.file_name()?.to_str().map(str::to_string);
            let name = |path: &Path| name(path).expect("a name");
            assert_eq!(key_of(&name(&current)), Some(key));
            assert_eq!(key_of(&name(&older)), None);
        }
        for other in [
            "_docker.log",
            "_tpl_dependencies.log",
            "a\u{1b}[0m.log",
            ".log",
            "x",
        ] {
            assert_eq!(key_of(other), None, "{other}");
        }
    }

    #[test]
    fn no_key_leads_out_of_the_directory() {
        for key in ["../../etc/passwd", ":docker", "a/b"] {
            for path in paths(key) {
                assert_eq!(path.parent(), Some(Path::new(LOG_DIR)), "{key}");
            }
        }
    }
}
