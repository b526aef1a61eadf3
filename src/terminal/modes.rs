//! What a program has switched on at a terminal, and how it is switched off again: only what is on is
//! touched, so that a program which tidies up after itself leaves a screen that nobody disturbs.

use std::collections::BTreeMap;
use vte::{Params, Parser, Perform};

/// Private modes that a terminal has on before anything is said.
const USUALLY_ON: [u16; 3] = [7, 8, 25];
/// More modes than these are no program's.
const MOST: usize = 128;
/// Another screen, in three ways.
const OTHER_SCREEN: [u16; 3] = [47, 1047, 1049];

/// Everything at once, for when nobody saw what was switched on: sequences that do not end, key
/// reports (each of the two screens has its own), another screen, margins, places that count from
/// them, mouse and focus reports, paste marks, updates that are held back, keypad and cursor keys, a
/// hidden cursor or one of another shape, insertion, wrapping, character sets, colours and links.
const ALL: &[u8] = b"\x18\x1b\\\x1b[<9u\x1b[?1049l\x1b[<9u\x1b[=0u\x1b[?69l\x1b[r\x1b[?6l\x1b[999;1H\
    \x1b[?5l\x1b[?9l\x1b[?1000l\x1b[?1001l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1016l\
    \x1b[?2004l\x1b[?2026l\x1b[?2031l\x1b[?2048l\x1b[?1l\x1b[?66l\x1b>\x1b[>4;0m\x1b[4l\x1b[20l\x1b[2l\x1b[12h\x1b[?7h\x1b[?25h\x1b[0 q\
    \x1b(B\x1b)B\x0f\x1b]8;;\x1b\\\x1b[0\"q\x1b[0m";

/// Watches the bytes of a program.
pub struct Modes {
    parser: Parser,
    seen: Seen,
}

#[derive(Default)]
struct Seen {
    /// Private modes that are not as they were.
    private: BTreeMap<u16, bool>,
    ansi: BTreeMap<u16, bool>,
    /// Key reports that were pushed, on the usual screen and on the other.
    keys: [u16; 2],
    /// Sequences that undo what was done, by what it was.
    undo: BTreeMap<&'static str, String>,
    /// Something was said that terminals understand in different ways.
    is_doubtful: bool,
    is_in_ground: bool,
}

impl Default for Modes {
    fn default() -> Self {
        Self {
            parser: Parser::new(),
            seen: Seen::default(),
        }
    }
}

impl Modes {
    /// Takes note of bytes on their way to the terminal.
    pub fn watch(&mut self, bytes: &[u8]) {
        self.parser.advance(&mut self.seen, bytes);
    }

    /// What makes the terminal as it was; nothing when it is.
    #[must_use]
    pub fn restoration(&mut self) -> Vec<u8> {
        self.seen.is_in_ground = false;
        // A letter is a letter only where no sequence is unfinished.
        self.parser.advance(&mut self.seen, b"x");
        let is_unfinished = !self.seen.is_in_ground;
        self.parser = Parser::new();
        let seen = std::mem::take(&mut self.seen);
        if seen.is_doubtful {
            return ALL.to_vec();
        }
        let mut out = String::new();
        if is_unfinished {
            out += "\u{18}\u{1b}\\";
        }
        out += &seen.off();
        out.into_bytes()
    }
}

impl Seen {
    fn off(&self) -> String {
        let mut out = String::new();
        let pop = |count: u16| match count {
            0 => String::new(),
            count => format!("\u{1b}[<{count}u"),
        };
        out += &pop(self.keys[1]);
        for number in OTHER_SCREEN
            .iter()
            .filter(|number| self.private.contains_key(number))
        {
            out += &format!("\u{1b}[?{number}l");
        }
        out += &pop(self.keys[0]);
        // These move the cursor: its place is kept where nothing else counts from margins.
        let is_origin = self.private.contains_key(&6);
        if is_origin || self.undo.contains_key("margins") {
            out += if is_origin {
                "\u{1b}[r\u{1b}[?6l\u{1b}[999;1H"
            } else {
                "\u{1b}7\u{1b}[r\u{1b}8"
            };
        }
        let others = self
            .private
            .iter()
            .filter(|(number, _)| **number != 6 && !OTHER_SCREEN.contains(number));
        for (number, is_on) in others {
            out += &format!("\u{1b}[?{number}{}", if *is_on { 'l' } else { 'h' });
        }
        for (number, is_on) in &self.ansi {
            out += &format!("\u{1b}[{number}{}", if *is_on { 'l' } else { 'h' });
        }
        let undone = self.undo.iter().filter(|(what, _)| **what != "margins");
        undone.for_each(|(_, sequence)| out += sequence);
        out
    }

    fn set(&mut self, what: &'static str, is_usual: bool, undo: &str) {
        if is_usual {
            self.undo.remove(what);
        } else {
            self.undo.insert(what, undo.to_string());
        }
    }

    fn switch(&mut self, params: &Params, is_private: bool, is_on: bool) {
        for number in params.iter().map(|param| param[0]) {
            let is_usually_on = if is_private {
                USUALLY_ON.contains(&number)
            } else {
                number == 12
            };
            let modes = if is_private {
                &mut self.private
            } else {
                &mut self.ansi
            };
            if is_on == is_usually_on {
                modes.remove(&number);
            } else {
                modes.insert(number, is_on);
                self.is_doubtful |= modes.len() > MOST;
            }
        }
    }

    fn keys(&mut self) -> &mut u16 {
        let is_other = OTHER_SCREEN
            .iter()
            .any(|number| self.private.contains_key(number));
        &mut self.keys[usize::from(is_other)]
    }
}

impl Perform for Seen {
    fn print(&mut self, c: char) {
        self.is_in_ground = true;
        // One of eight bits that was cut in two comes as a letter.
        self.is_doubtful |= c.is_control() && c > '\u{7f}';
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            0x0e => self.set("shift", false, "\u{f}"),
            0x0f => self.set("shift", true, ""),
            // Some terminals obey these, others do not.
            0x80.. => self.is_doubtful = true,
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], is_cut: bool, action: char) {
        let mut numbers = params.iter().map(|param| param[0]);
        let (first, second) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        self.is_doubtful |= is_cut;
        match (intermediates, action) {
            (b"?", 'h' | 'l') => self.switch(params, true, action == 'h'),
            // Some that were kept come back, whichever they are.
            (b"?", 'r') => self.is_doubtful = true,
            ([], 'h' | 'l') => self.switch(params, false, action == 'h'),
            ([], 'r') => self.set("margins", first == 0 && second == 0, "-"),
            ([], 'm') => {
                let last = params.iter().last().map_or(0, |param| param[0]);
                self.set("style", last == 0, "\u{1b}[0m");
            }
            ([], 'g') => self.set("tabs", false, "\u{1b}[?5W"),
            (b" ", 'q') => self.set("cursor", first == 0, "\u{1b}[0 q"),
            (b"\"", 'q') => self.set("protection", first != 1, "\u{1b}[0\"q"),
            (b">", 'm') => self.set("other keys", second == 0, "\u{1b}[>4;0m"),
            (b">", 'u') => *self.keys() = self.keys().saturating_add(1).min(99),
            (b"<", 'u') => *self.keys() = self.keys().saturating_sub(first.max(1)),
            (b"=", 'u') => self.set("key flags", first == 0, "\u{1b}[=0u"),
            _ => {}
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _is_cut: bool, byte: u8) {
        match (intermediates, byte) {
            ([], b'=') => self.set("keypad", false, "\u{1b}>"),
            ([], b'>') => self.set("keypad", true, ""),
            ([], b'H') => self.set("tabs", false, "\u{1b}[?5W"),
            ([], b'n' | b'o' | b'|' | b'}' | b'~') => self.set("shift", false, "\u{f}"),
            (b"%", _) => self.set("encoding", byte == b'G', "\u{1b}%G"),
            (b"(", _) => self.set("first set", byte == b'B', "\u{1b}(B"),
            (b")", _) => self.set("second set", byte == b'B', "\u{1b})B"),
            // Everything is as it was, and the colours of the palette too.
            ([], b'c') => {
                *self = Self {
                    is_doubtful: self.is_doubtful,
                    ..Self::default()
                }
            }
            _ => {}
        }
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], _: bool) {
        let is_question = params.last() == Some(&&b"?"[..]);
        match params {
            [b"4", ..] if !is_question => self.set("palette", false, "\u{1b}]104\u{1b}\\"),
            [b"10", ..] if !is_question => self.set("foreground", false, "\u{1b}]110\u{1b}\\"),
            [b"11", ..] if !is_question => self.set("background", false, "\u{1b}]111\u{1b}\\"),
            [b"12", ..] if !is_question => self.set("cursor colour", false, "\u{1b}]112\u{1b}\\"),
            [b"8", _, address @ ..] => {
                let is_closed = address.iter().all(|part| part.is_empty());
                self.set("link", is_closed, "\u{1b}]8;;\u{1b}\\");
            }
            [b"9", b"4", state, ..] => self.set("progress", *state == b"0", "\u{1b}]9;4;0\u{1b}\\"),
            [b"22", shape, ..] => self.set("pointer", shape.is_empty(), "\u{1b}]22;\u{1b}\\"),
            [b"104"] => self.set("palette", true, ""),
            [b"110"] => self.set("foreground", true, ""),
            [b"111"] => self.set("background", true, ""),
            [b"112"] => self.set("cursor colour", true, ""),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restoration(bytes: &str) -> String {
        let mut modes = Modes::default();
        for byte in bytes.as_bytes() {
            modes.watch(&[*byte]);
        }
        String::from_utf8(modes.restoration()).expect("text")
    }

    #[test]
    fn what_a_program_leaves_on_is_switched_off() {
        let table = [
            ("\u{1b}[?25l", "\u{1b}[?25h"),
            ("\u{1b}[?7l", "\u{1b}[?7h"),
            ("\u{1b}[?1000;1006h", "\u{1b}[?1000l\u{1b}[?1006l"),
            (
                "\u{1b}[?1005h\u{1b}[?1015h\u{1b}[?1016h",
                "\u{1b}[?1005l\u{1b}[?1015l\u{1b}[?1016l",
            ),
            ("\u{1b}[?2026h\u{1b}[?1004h", "\u{1b}[?1004l\u{1b}[?2026l"),
            ("\u{1b}[4h", "\u{1b}[4l"),
            ("\u{1b}[5;9r", "\u{1b}7\u{1b}[r\u{1b}8"),
            ("\u{1b}[?6h", "\u{1b}[r\u{1b}[?6l\u{1b}[999;1H"),
            ("\u{1b}(0", "\u{1b}(B"),
            ("\u{1b})0\u{e}", "\u{1b})B\u{f}"),
            ("\u{1b}=", "\u{1b}>"),
            (
                "\u{1b}[>1u\u{1b}[?1049h\u{1b}[>3u\u{1b}[>3u",
                "\u{1b}[<2u\u{1b}[?1049l\u{1b}[<1u",
            ),
            ("\u{1b}[>4;2m", "\u{1b}[>4;0m"),
            ("\u{1b}[31m", "\u{1b}[0m"),
            ("\u{1b}[6 q", "\u{1b}[0 q"),
            ("\u{1b}]8;;http://x/\u{7}", "\u{1b}]8;;\u{1b}\\"),
            ("\u{1b}]11;#000000\u{7}", "\u{1b}]111\u{1b}\\"),
            ("\u{1b}[3g", "\u{1b}[?5W"),
            ("\u{1b}]0;unfinished", "\u{18}\u{1b}\\"),
            ("\u{1b}[3", "\u{18}\u{1b}\\"),
            ("\u{1b}P", "\u{18}\u{1b}\\"),
        ];
        for (bytes, expected) in table {
            assert_eq!(restoration(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn who_tidies_up_is_left_alone() {
        for bytes in [
            "",
            "plain\r\nwords é\u{8}\u{7}",
            "\u{1b}[1;31mred\u{1b}[0m \u{1b}[m",
            "\u{1b}[?1049h\u{1b}[?25l\u{1b}[2;5r\u{1b}[2J\u{1b}[r\u{1b}[?25h\u{1b}[?1049l",
            "\u{1b}[>1u\u{1b}[<u\u{1b}=\u{1b}>\u{1b}(0\u{1b}(B\u{e}\u{f}",
            "\u{1b}[?2004h\u{1b}[c\u{1b}[6n\u{1b}[?2004l\u{1b}]0;title\u{7}\u{1b}]11;?\u{7}",
            "\u{1b}[?1000h\u{1b}[31m\u{1b}c",
        ] {
            assert_eq!(restoration(bytes), "", "{bytes:?}");
        }
    }

    #[test]
    fn what_nobody_can_know_is_undone_as_a_whole() {
        for bytes in ["\u{9b}?25l", "\u{1b}[?1049r"] {
            assert_eq!(restoration(bytes).as_bytes(), ALL, "{bytes:?}");
        }
    }
}
