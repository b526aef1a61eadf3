//! What somebody hostile puts among words, and whether any of it reached a terminal.

/// Each makes a terminal answer, hides or moves text, changes a mode, or reaches the clipboard.
pub const SEQUENCES: [&str; 17] = [
    "\u{1b}[c",
    "\u{1b}[?25l",
    "\u{1b}[2K\u{1b}[1G",
    "\u{1b}[8m",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]52;c;aGk=\u{1b}\\",
    "\u{1b}P$qm\u{1b}\\",
    "\u{1b}_Gi=1,a=q;AAAA\u{1b}\\",
    "\u{1b}\u{1b}]11;?\u{7}",
    "\u{1b}[\u{7}6n",
    "\u{1b}[6\u{0}n",
    "\u{1b}c",
    "\u{9b}6n",
    "\u{9d}0;title\u{9c}",
    "\u{202e}\u{2066}\u{200f}\u{61c}",
    "\u{2028}\u{2029}",
    "\u{8}\u{7f}\u{e}",
];

/// What a terminal would obey in a text of ours: everything but line breaks, tabs, the start of the
/// line, and colours that show what they colour.
#[must_use]
pub fn obeyed(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Vec::new();
    for (at, c) in text.char_indices() {
        let is_colour = c == '\u{1b}' && is_colour(&text[at..]);
        let is_harmful = c.is_control() && !"\n\r\t".contains(c)
            || "\u{61c}\u{200e}\u{200f}\u{2028}\u{2029}".contains(c)
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c);
        if is_harmful && !is_colour {
            let near: String = text[at..].chars().take(12).collect();
            found.push(format!("{near:?}"));
        }
    }
    // 8-bit controls that are no UTF-8.
    let is_raw =
        text.contains('\u{fffd}') && bytes.windows(3).all(|three| three != "\u{fffd}".as_bytes());
    found.extend(is_raw.then(|| "bytes that are no text".to_string()));
    found
}

fn is_colour(text: &str) -> bool {
    let Some(end) = text.find('m') else {
        return false;
    };
    let Some(body) = text[..end].strip_prefix("\u{1b}[") else {
        return false;
    };
    let is_number =
        |part: &str| part.parse::<u8>().is_ok_and(|number| number != 8) || part.is_empty();
    body.split(';').all(is_number)
}
