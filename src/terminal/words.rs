//! Words of others (a file, an image, an engine, a guest) among ours: what a terminal would obey is
//! shown in place of being obeyed, and what nobody would see is shown as well. Nothing is cut, so two different texts never look alike by it.

use super::is_invisible;
use std::borrow::Cow;
use std::fmt::Write;

/// What a terminal obeys in place of showing it, or shows elsewhere than where it stands: C0, DEL,
/// C1, and what changes the direction of text or ends a line.
#[must_use]
pub fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}')
}

/// It cannot stand in words as it is.
fn is_shown(c: char) -> bool {
    is_obeyed(c) || is_invisible(c)
}

/// One line: a line break in it is shown as `\n`, anything else that is obeyed or not seen as
/// `\u{1b}`. A tab stays.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    clean(text, |c| c == '\t')
}

/// Several lines: tabs and line breaks stay.
#[must_use]
pub fn lines(text: &str) -> Cow<'_, str> {
    clean(text, |c| c == '\t' || c == '\n')
}

/// A cell of a table, and anything else whose columns are counted: a tab is shown too.
#[must_use]
pub fn cell(text: &str) -> Cow<'_, str> {
    clean(text, |_| false)
}

/// Several lines that were coloured by us, out of words that were clean: of the sequences, the few
/// that colour visibly stay.
#[must_use]
pub fn coloured(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        out += &lines(&rest[..at]);
        let length = colour(&rest[at..]).unwrap_or(0);
        if length == 0 {
            out += &lines("\u{1b}");
        }
        out += &rest[at..at + length];
        rest = &rest[at + length.max(1)..];
    }
    out += &lines(rest);
    out
}

/// How long the colour is that a text begins with: nothing, weight, underline, or a colour that is
/// neither black nor white.
fn colour(text: &str) -> Option<usize> {
    let body = text.strip_prefix("\u{1b}[")?;
    let end = body.find('m')?;
    let codes = body[..end].strip_prefix("38;5;").map_or_else(
        || {
            matches!(
                &body[..end],
                "" | "0" | "1" | "2" | "4" | "22" | "24" | "39"
            )
        },
        |number| matches!(number.parse(), Ok(9..=14)),
    );
    let is_hue = matches!(&body.as_bytes()[..end], [b'3' | b'9', b'1'..=b'6']);
    (codes || is_hue).then_some("\u{1b}[m".len() + end)
}

/// The same length in bytes, so that places in it stay true. ASCII stays: the library that shows
/// lines of files has pictures for its control characters.
#[must_use]
pub fn in_place(text: &str) -> Cow<'_, str> {
    let is_bad = |c: char| is_shown(c) && !c.is_ascii();
    if !text.contains(is_bad) {
        return text.into();
    }
    let replaced = text.chars().map(|c| match c.len_utf8() {
        _ if !is_bad(c) => c,
        2 => '\u{bf}',
        4 => '\u{1f6ab}',
        _ => '\u{fffd}',
    });
    replaced.collect::<String>().into()
}

fn clean(text: &str, stays: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_bad = |c: char| is_shown(c) && !stays(c);
    if !text.contains(is_bad) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_bad(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out.into()
}

/// JSON in which everything that a terminal obeys is escaped: outside of its strings there is only
/// white space of it.
#[must_use]
pub fn json(text: &str) -> Cow<'_, str> {
    let is_bad = |c: char| is_obeyed(c) && c != '\n';
    if !text.contains(is_bad) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_bad(c) {
            // Writing to a String cannot fail, and none of them is beyond the first 65536.
            let _ok = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Everything that is named in the contract, and more.
    fn harmful() -> impl Iterator<Item = char> {
        let ranges = [
            '\0'..='\u{1f}',
            '\u{7f}'..='\u{9f}',
            '\u{061c}'..='\u{061c}',
            '\u{200e}'..='\u{200f}',
            '\u{2028}'..='\u{202e}',
            '\u{2066}'..='\u{2069}',
        ];
        ranges.into_iter().flatten()
    }

    #[test]
    fn what_is_obeyed_is_shown_and_nothing_is_lost() {
        for c in harmful() {
            let text = format!("a{c}b");
            let shown = cell(&text);
            assert!(!shown.contains(is_obeyed), "{c:?}");
            assert_eq!(shown, format!("a{}b", c.escape_default()));
            let json = json(&text);
            assert!(c == '\n' || !json.contains(is_obeyed), "{c:?}");
            let kept = in_place(&text);
            assert_eq!(kept.len(), text.len(), "{c:?}");
            assert!(c.is_ascii() || !kept.contains(is_obeyed), "{c:?}");
        }
        for c in ['\u{3164}', '\u{2800}', '\u{200b}', '\u{a0}', '\u{e0041}'] {
            let text = format!("a{c}b");
            assert_eq!(line(&text), format!("a{}b", c.escape_default()));
            let kept = in_place(&text);
            assert!(kept.len() == text.len() && !kept.contains(c), "{c:?}");
        }
        let text = "naïve 日本 👩💻 a/b c";
        assert!(matches!(line(text), Cow::Borrowed(_)));
        assert_eq!(line("a\tb\nc\r"), "a\tb\\nc\\r");
        assert_eq!(lines("a\tb\nc\r"), "a\tb\nc\\r");
    }

    #[test]
    fn only_visible_colours_of_ours_stay() {
        for ours in [
            "\u{1b}[0m",
            "\u{1b}[m",
            "\u{1b}[1m",
            "\u{1b}[31m",
            "\u{1b}[38;5;9m",
            "\u{1b}[96m",
        ] {
            let text = format!("a{ours}b");
            assert_eq!(coloured(&text), text);
        }
        for other in [
            "\u{1b}[8m",
            "\u{1b}[30m",
            "\u{1b}[7m",
            "\u{1b}[1;8m",
            "\u{1b}[38;5;0m",
            "\u{1b}[2K",
            "\u{1b}[c",
            "\u{1b}]0;x\u{7}",
            "\u{1b}\u{1b}[31",
            "\u{1b}",
            "\u{9b}31m",
        ] {
            assert!(
                !coloured(&format!("a{other}")).contains(['\u{1b}', '\u{9b}']),
                "{other:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_gets_through(text in any::<String>()) {
            prop_assert!(!cell(&text).contains(is_shown));
            prop_assert!(!line(&text).contains(|c| is_obeyed(c) && c != '\t'));
            let document = serde_json::to_string(&text).expect("a string is JSON");
            let escaped = json(&document);
            prop_assert!(!escaped.contains(is_obeyed));
            prop_assert_eq!(serde_json::from_str::<String>(&escaped).expect("it is still JSON"), text);
        }
    }
}
