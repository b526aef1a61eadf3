//! Text of strangers in sentences of ours: which characters are never shown as they are, and how a
//! text is quoted so that two texts never read alike.

use crate::terminal::is_invisible;
use std::path::Path;
use unicode_width::UnicodeWidthChar;

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

/// In double quotes, with an escape for each quote, backslash, invisible character and combining
/// mark: an accent that is a character of its own looks like the letter that has one.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut shown = String::from("\"");
    text.chars().for_each(|c| push(&mut shown, c));
    shown.push('"');
    shown
}

/// `text` in lines of at most `width` columns, parted anywhere: each but the first is set in by `margin`
/// columns, so that no text can look like the beginning of another line. Its colours are ours and have
/// no width.
#[must_use]
pub fn folded(text: &str, width: usize, margin: usize) -> String {
    let mut shown = String::new();
    let mut column = 0;
    let mut is_colour = false;
    for c in text.chars() {
        is_colour |= c == '\u{1b}';
        let wide = match c {
            _ if is_colour => 0,
            // A terminal may go as far.
            '\t' => 8,
            c => c.width().unwrap_or_default(),
        };
        if column + wide > width && column > margin {
            shown.push('\n');
            shown.extend(std::iter::repeat_n(' ', margin));
            column = margin;
        }
        is_colour &= c != 'm';
        shown.push(c);
        column += wide;
    }
    shown
}

/// The same of a path, also of one that is no UTF-8.
#[must_use]
pub fn quoted_path(path: &Path) -> String {
    let mut shown = String::from("\"");
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        chunk.valid().chars().for_each(|c| push(&mut shown, c));
        for byte in chunk.invalid() {
            shown.push_str(&format!("\\x{byte:02x}"));
        }
    }
    shown.push('"');
    shown
}

/// A text in a list or a column: as it is when it is one plain word, and in quotes otherwise, so that
/// it is never taken for two of them, for words of ours, or for nothing.
#[must_use]
pub fn word(text: &str) -> String {
    let is_plain = |c: char| {
        let is_letter = !c.is_ascii() && c.is_alphanumeric() && !is_invisible(c);
        c.is_ascii_alphanumeric() || "_-./=:@%+~#*".contains(c) || is_letter
    };
    let shown = quoted(text);
    if !text.is_empty() && text.chars().all(is_plain) && shown.len() == text.len() + 2 {
        text.to_string()
    } else {
        shown
    }
}

/// The same of a path.
#[must_use]
pub fn word_path(path: &Path) -> String {
    path.to_str().map_or_else(|| quoted_path(path), word)
}

/// A sentence in which no more than `most` spaces stand beside each other behind its beginning: of a
/// longer run all but the first are shown as escapes, as in a quoted text.
#[must_use]
pub fn without_gaps(text: &str, most: usize) -> String {
    let inner = text.trim_start_matches(' ');
    let mut shown = text[..text.len() - inner.len()].to_string();
    let mut rest = inner;
    while let Some(at) = rest.find(' ') {
        let run = rest[at..].len() - rest[at..].trim_start_matches(' ').len();
        shown.push_str(&rest[..=at]);
        let more = if run > most { "\\u{20}" } else { " " };
        shown.extend(std::iter::repeat_n(more, run - 1));
        rest = &rest[at + run..];
    }
    shown + rest
}

/// What is shown of a path at each of its ends when it is long.
const END: usize = 80;

/// A path in a sentence. Of a long one only the ends are shown: nobody reads kilobytes, and an agent
/// can make such a path. It is not for questions, where two paths may not look alike.
#[must_use]
pub fn short_path(path: &Path) -> String {
    let text = path.display().to_string();
    let length = text.chars().count();
    if length <= 3 * END {
        return text;
    }
    let start: String = text.chars().take(END).collect();
    let end: String = text.chars().skip(length - END).collect();
    format!("{start}…{end}")
}

/// The same with an escape for each character beyond ASCII as well: of names that a machine reads,
/// such as a host's, where letters of two scripts look alike.
#[must_use]
pub fn quoted_ascii(text: &str) -> String {
    let mut shown = String::new();
    for c in quoted(text).chars() {
        if c.is_ascii() {
            shown.push(c);
        } else {
            shown.extend(c.escape_unicode());
        }
    }
    shown
}

fn push(shown: &mut String, c: char) {
    match c {
        '\'' => shown.push(c),
        // A run of spaces could push what follows out of sight.
        ' ' if shown.ends_with(' ') || shown.ends_with("\\u{20}") => shown.push_str("\\u{20}"),
        // Some of them are letters or symbols by their kind.
        c if is_invisible(c) => shown.extend(c.escape_unicode()),
        c => shown.extend(c.escape_debug()),
    }
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
    fn no_space_hides_among_others() {
        assert_eq!(quoted("a b"), "\"a b\"");
        assert_eq!(quoted("a   b c"), "\"a \\u{20}\\u{20}b c\"");
        assert_ne!(quoted("a  b"), quoted("a \\u{20}b"));
    }

    #[test]
    fn a_word_is_plain_or_quoted() {
        for plain in [
            "a",
            "/home/me/app",
            "x:1@2",
            "\u{e4}\u{f6}",
            "漢字",
            "a-b_c.d",
            "*",
        ] {
            assert_eq!(word(plain), plain);
        }
        for other in [
            "",
            " ",
            "a b",
            "a,",
            "(default)",
            "->",
            "\"a\"",
            "`",
            "a\u{3164}",
            "a\u{308}",
            "a\\",
            "a\n",
            "{}",
            "a;b",
        ] {
            assert_eq!(word(other), quoted(other));
        }
        assert_eq!(word_path(Path::new("/a b")), "\"/a b\"");
        assert_eq!(
            word_path(Path::new(OsStr::from_bytes(b"/a\xff"))),
            "\"/a\\xff\""
        );
    }

    #[test]
    fn a_gap_is_shown() {
        let table = [
            ("a b", 1, "a b"),
            ("a   b  c", 1, "a \\u{20}\\u{20}b \\u{20}c"),
            ("a   b  c", 2, "a \\u{20}\\u{20}b  c"),
            ("    a b  ", 1, "    a b \\u{20}"),
            ("", 1, ""),
        ];
        for (text, most, expected) in table {
            assert_eq!(without_gaps(text, most), expected);
        }
    }

    #[test]
    fn what_is_folded_never_begins_a_line() {
        let table = [
            ("+ mount: x", 80, "+ mount: x"),
            ("abcdefgh", 4, "abcd\n  ef\n  gh"),
            ("ab漢字", 5, "ab漢\n  字"),
            ("abc", 0, "abc"),
            ("\u{1b}[31mab\u{1b}[0mcd", 4, "\u{1b}[31mab\u{1b}[0mcd"),
            ("a\tb", 9, "a\t\n  b"),
            ("", 4, ""),
        ];
        for (text, width, expected) in table {
            assert_eq!(folded(text, width, 2), expected, "{text}");
        }
    }

    #[test]
    fn of_a_long_path_the_ends_are_shown() {
        let deep = format!("/start/{}/end", "d/".repeat(3000));
        let shown = short_path(Path::new(&deep));
        assert!(
            shown.starts_with("/start/d/") && shown.ends_with("d//end"),
            "{shown}"
        );
        assert_eq!(shown.chars().count(), 2 * END + 1);
        let short = Path::new("/home/me/app");
        assert_eq!(Path::new(&short_path(short)), short);
    }

    #[test]
    fn what_is_not_seen_is_shown_in_quotes() {
        assert_eq!(
            quoted("a\u{3164}\u{2800}\u{ffa0}"),
            "\"a\\u{3164}\\u{2800}\\u{ffa0}\""
        );
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
            "\u{e4}",
            "a\u{308}",
            "a\u{200d}",
        ];
        let mut shown: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
        shown.push(quoted_path(Path::new(OsStr::from_bytes(b"a\xff"))));
        shown.push(quoted_path(Path::new("a\\xFF")));
        let count = shown.len();
        shown.sort();
        shown.dedup();
        assert_eq!(shown.len(), count, "{shown:?}");
        assert!(!shown.concat().contains(['\u{200b}', '\u{a0}', '\n']));
        assert_eq!(quoted("it's \u{e4}"), "\"it's \u{e4}\"");
        assert_eq!(quoted_ascii("ev\u{456}l\"/x"), r#""ev\u{456}l\"/x""#);
        assert_eq!(visible("a\u{1b}[2K\u{202e}b\\"), "a\\u{1b}[2K\\u{202e}b\\");
        assert_eq!(quoted_words(["a b", "c"]), r#""a b" "c""#);
    }
}
