//! Characters of which nothing is seen: a text that holds them looks like another one.

use std::ops::RangeInclusive;

/// `Default_Ignorable_Code_Point` of the Unicode Character Database (`DerivedCoreProperties.txt`,
/// version 16.0), `White_Space` (`PropList.txt`) without what is a control character or U+0020, and
/// the last lines: letters and symbols whose picture is empty.
const INVISIBLE: [RangeInclusive<char>; 31] = [
    '\u{00ad}'..='\u{00ad}',
    '\u{034f}'..='\u{034f}',
    '\u{061c}'..='\u{061c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fff8}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
    // White space.
    '\u{00a0}'..='\u{00a0}',
    '\u{1680}'..='\u{1680}',
    '\u{2000}'..='\u{200a}',
    '\u{2028}'..='\u{2029}',
    '\u{202f}'..='\u{202f}',
    '\u{205f}'..='\u{205f}',
    '\u{3000}'..='\u{3000}',
    // A pattern of no dots, marks of annotations, a note without a head, fillers.
    '\u{2800}'..='\u{2800}',
    '\u{fff9}'..='\u{fffb}',
    '\u{1d159}'..='\u{1d159}',
    '\u{13430}'..='\u{13440}',
    '\u{13441}'..='\u{13442}',
    '\u{16fe4}'..='\u{16fe4}',
    '\u{1107f}'..='\u{1107f}',
];

/// Nothing is seen of it, or nothing but a gap. U+0020 is the one gap that people know.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    !c.is_ascii() && INVISIBLE.iter().any(|range| range.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::is_invisible;

    #[test]
    fn what_is_blank_or_has_no_width_is_invisible_and_letters_are_not() {
        for c in "\u{3164}\u{2800}\u{115f}\u{1160}\u{ffa0}\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}\u{a0}\u{3000}\u{e0041}\u{fe0f}\u{180e}".chars() {
            assert!(is_invisible(c), "{c:?}");
        }
        let white = (char::MIN..=char::MAX).filter(|c| c.is_whitespace() && !c.is_control());
        assert!(white.into_iter().all(|c| c == ' ' || is_invisible(c)));
        for c in "aä日본👩\u{301}\u{5d0}\u{fffd}\u{fffc} \t\n".chars() {
            assert!(!is_invisible(c), "{c:?}");
        }
    }
}
