//! Whether anybody else of the person's can have been handed a directory of a sandbox: a note beside its
//! socket says that it was started while nobody else ran or was started, and which start that was. When the next start of
//! all is its own again, nobody else has run since.

use std::fs;
use std::path::Path;

/// Nobody inside can write there.
const NAME: &str = "alone";
const LONGEST: u64 = 32;
const DIGITS: usize = 20;

/// Nobody else ran since the last start of the sandbox with this directory; `number` is this start's.
pub(super) fn since_last_start(directory: &Path, number: u64) -> bool {
    let noted = crate::files::read_text(&directory.join(NAME), LONGEST);
    // Half a number, after a crash, is none.
    let noted = noted.ok().filter(|text| text.len() == DIGITS);
    let last = noted.and_then(|text| text.parse::<u64>().ok());
    last.is_some_and(|last| last + 1 == number)
}

/// Notes that nobody else runs at the start of this number, or, with none, that it is not known.
pub(super) fn note(directory: &Path, number: Option<u64>) {
    let path = directory.join(NAME);
    let _unknown = match number {
        Some(number) => fs::write(path, format!("{number:0DIGITS$}")),
        None => fs::remove_file(path),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_start_right_after_is_one_that_nobody_came_between() {
        let root = tempfile::tempdir().expect("a directory");
        assert!(!since_last_start(root.path(), 1));
        note(root.path(), Some(7));
        for (number, expected) in [(6, false), (7, false), (8, true), (9, false)] {
            assert_eq!(since_last_start(root.path(), number), expected, "{number}");
        }
        for text in ["", "7 ", "00000000000000000007x", "x"] {
            fs::write(root.path().join(NAME), text).expect("a file");
            assert!(!since_last_start(root.path(), 8), "{text}");
        }
        note(root.path(), None);
        assert!(!since_last_start(root.path(), 8));
    }
}
