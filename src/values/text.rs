//! Text of strangers in sentences of ours: which characters are never shown as they are, and how a
//! text is quoted so that two texts never read alike.

use std::path::Path;

/// A character that moves the cursor, ends a line or turns the direction of writing: control
/// characters, separators of lines and paragraphs, and the marks of the bidirectional algorithm.
#[must_use]
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{061c}' | '\u{200e}' | '\u{200f}'
        )
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// With an escape for each character that deceives, and nothing else changed.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        if is_deceptive(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// In double quotes, with an escape for each quote, backslash and invisible character.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("{text:?}")
}

/// The same of a path, also of one that is no UTF-8.
#[must_use]
#[expect(
    clippy::unnecessary_debug_formatting,
    reason = "the quotes and escapes are what is wanted"
)]
pub fn quoted_path(path: &Path) -> String {
    format!("{path:?}")
}

/// Several, parted by spaces.
pub fn quoted_words<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(quoted).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn what_deceives_is_known() {
        for c in [
            '\0', '\t', '\n', '\x1b', '\x7f', '\u{85}', '\u{9b}', '\u{2028}', '\u{2029}',
            '\u{61c}', '\u{200e}', '\u{200f}', '\u{202e}', '\u{2066}', '\u{2069}',
        ] {
            assert!(is_deceptive(c), "{c:?}");
        }
        for c in ['a', ' ', 'ä', '漢', '\u{200d}', '"'] {
            assert!(!is_deceptive(c), "{c:?}");
        }
    }

    #[test]
    fn two_texts_never_read_alike() {
        let texts = [
            "a",
            "a b",
            "a\" at \"b",
            "a\\\" at \\\"b",
            "a\u{200b}",
            "a\\u{200b}",
            "a\u{a0}b",
            "a\nb",
            "a\\nb",
            "",
            " ",
            "it's",
        ];
        let mut shown: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
        shown.push(quoted_path(Path::new(OsStr::from_bytes(b"a\xff"))));
        shown.push(quoted_path(Path::new("a\\xFF")));
        let count = shown.len();
        shown.sort();
        shown.dedup();
        assert_eq!(shown.len(), count, "{shown:?}");
        assert!(!shown.concat().contains(['\u{200b}', '\u{a0}', '\n']));
        assert_eq!(visible("a\u{1b}[2K\u{202e}b\\"), "a\\u{1b}[2K\\u{202e}b\\");
        assert_eq!(quoted_words(["a b", "c"]), r#""a b" "c""#);
    }
}
