//! What has changed in a workspace file since a person last accepted it, line by line. What may be
//! secret is not shown.

use super::output::{note, note_folded};
use crate::config::AcceptedText;
use crate::terminal::words;
use crate::values::text::{quoted, without_gaps};
use similar::{ChangeTag, TextDiff};
use std::fmt;
use std::time::Duration;

/// A line that goes on in another one is set in by so much.
const MARGIN: usize = 6;

/// Lines that are shown; of a longer change the rest is counted.
const SHOWN: usize = 200;
/// Characters of a line that are shown; those that are left are counted.
const LONGEST: usize = 400;
/// Spaces that a line of a file may begin with, or have beside each other; a line with more is quoted.
const INDENT: usize = 40;
const GAP: usize = 8;
/// Finding the shortest way to say a change may take so long.
const PATIENCE: Duration = Duration::from_millis(200);

/// The lines that went and came.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileChange {
    /// Each with `-` or `+` in front.
    lines: Vec<String>,
    added: usize,
    removed: usize,
}

impl FileChange {
    /// Of a file that was `before`; `None` when it never was accepted, or is the same.
    pub(super) fn between(before: Option<&AcceptedText>, now: &AcceptedText) -> Option<Self> {
        let before = before.filter(|before| before.hash != now.hash)?;
        Some(Self::of_lines(&before.shown, &now.shown))
    }

    fn of_lines(old: &str, new: &str) -> Self {
        let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(old, new);
        let mut change = Self {
            lines: Vec::new(),
            added: 0,
            removed: 0,
        };
        for line in diff.iter_all_changes() {
            let mark = match line.tag() {
                ChangeTag::Equal => continue,
                ChangeTag::Delete => {
                    change.removed += 1;
                    '-'
                }
                ChangeTag::Insert => {
                    change.added += 1;
                    '+'
                }
            };
            if change.lines.len() < SHOWN {
                let text = line.value().trim_end_matches(['\n', '\r']);
                change.lines.push(format!("{mark} {}", shown(text)));
            }
        }
        change
    }

    /// Says it. Each line has a bar in front, so that none is taken for something else.
    pub(super) fn tell(&self, name: &str) {
        note(&format!(
            "`{name}` has changed since it was accepted: {self}"
        ));
        for line in &self.lines {
            let end = line.char_indices().nth(LONGEST).map(|(end, _)| end);
            note_folded(
                &format!("  | {}", &line[..end.unwrap_or(line.len())]),
                MARGIN,
            );
            if let Some(end) = end {
                let left = line[end..].chars().count();
                note(&format!("  | and {left} more characters in this line"));
            }
        }
        let more = self.added + self.removed - self.lines.len();
        if more > 0 {
            note(&format!("  | and {more} more lines"));
        }
    }
}

/// A line of a file as it is, or in quotes where something in it is not seen or would push the rest
/// away.
fn shown(text: &str) -> String {
    let inner = text.trim_start_matches(' ');
    let is_plain = words::cell(text) == text
        && text.len() - inner.len() <= INDENT
        && without_gaps(text, GAP) == text
        && !text.starts_with('"');
    if is_plain {
        text.to_string()
    } else {
        quoted(text)
    }
}

/// `1 line added, 2 removed`
impl fmt::Display for FileChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.added, self.removed) {
            (0, 0) => f.write_str("only values that are not shown"),
            (1, removed) => write!(f, "1 line added, {removed} removed"),
            (added, removed) => write!(f, "{added} lines added, {removed} removed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256;
    use crate::workspace::{Base, read};
    use std::path::Path;

    fn change(old: &str, new: &str) -> Option<FileChange> {
        let base = Base {
            directory: Path::new("/team/app"),
            home: None,
        };
        let [old, new] = [old, new].map(|text| AcceptedText {
            hash: sha256(text),
            shown: { read("dp.yml", text, base).report().0 }
                .source
                .shown()
                .to_string(),
        });
        FileChange::between(Some(&old), &new)
    }

    #[test]
    fn lines_that_went_and_came() {
        assert_eq!(change("name: a\n", "name: a\n"), None);
        let change = change("name: a\nenv: {}\n", "name: b\nenv: {}\ndocker:\n");
        let change = change.expect("it has changed");
        assert_eq!(change.lines, ["- name: a", "+ name: b", "+ docker:"]);
        assert_eq!(change.to_string(), "2 lines added, 1 removed");
        let odd = FileChange::of_lines("", "a\u{1b}[2K\u{202e}\n");
        assert_eq!(odd.lines, ["+ \"a\\u{1b}[2K\\u{202e}\""]);
    }

    #[test]
    fn two_lines_never_read_alike() {
        let table = [
            ("    a: b  # c", "    a: b  # c"),
            ("a\\u{1b}", "a\\u{1b}"),
            ("a\u{1b}", "\"a\\u{1b}\""),
            ("\"a\\u{1b}\"", "\"\\\"a\\\\u{1b}\\\"\""),
            ("a\tb", "\"a\\tb\""),
            ("a\u{3164}", "\"a\\u{3164}\""),
        ];
        for (text, expected) in table {
            assert_eq!(shown(text), expected);
        }
        for gap in ["a         b".to_string(), " ".repeat(41) + "a"] {
            assert_eq!(shown(&gap), quoted(&gap));
        }
    }

    #[test]
    fn what_may_be_secret_is_not_shown() {
        let change = change("env: {A: hunter2}\n", "env: {A: hunter3}\n").expect("a change");
        assert_eq!(change.lines, [""; 0]);
        assert_eq!(change.to_string(), "only values that are not shown");
        let longer = super::FileChange::of_lines("A: *\n", "A: **\n");
        assert_eq!(longer.lines, ["- A: *", "+ A: **"]);
    }

    #[test]
    fn a_long_change_is_counted() {
        let long: String = (0..5000).map(|line| format!("# {line}\n")).collect();
        let change = change("", &long).expect("a change");
        assert_eq!((change.lines.len(), change.added), (SHOWN, 5000));
    }
}
