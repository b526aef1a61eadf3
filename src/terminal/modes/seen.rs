//! What was seen of the bytes of a program: what it switched on, and what it asked.

use super::super::silent::{is_silent_command, is_silent_control, is_silent_escape};
use std::collections::{BTreeMap, BTreeSet};
use vte::{Params, Perform};

/// Private modes that a terminal has on before anything is said.
const USUALLY_ON: [u16; 8] = [2, 7, 8, 25, 1034, 1035, 1046, 1070];
/// Modes in which a terminal types by itself.
const REPORTS: [u16; 8] = [9, 1000, 1001, 1002, 1003, 1004, 2031, 2048];
/// VT52 when it is off, and Tektronix's screen: neither understands what we say.
const OTHER_LANGUAGES: [u16; 2] = [2, 38];
/// More modes than these are no program's.
const MOST: usize = 128;
/// Another screen, in three ways.
const OTHER_SCREEN: [u16; 3] = [47, 1047, 1049];
/// What is undone first, since the rest may not be understood before.
const FIRST: [&str; 4] = ["eight bits", "level", "status line", "printing"];
/// What `OSC 10` to `OSC 19` set.
const COLOURS: [&str; 10] = [
    "\u{1b}]110\u{1b}\\",
    "\u{1b}]111\u{1b}\\",
    "\u{1b}]112\u{1b}\\",
    "\u{1b}]113\u{1b}\\",
    "\u{1b}]114\u{1b}\\",
    "\u{1b}]115\u{1b}\\",
    "\u{1b}]116\u{1b}\\",
    "\u{1b}]117\u{1b}\\",
    "\u{1b}]118\u{1b}\\",
    "\u{1b}]119\u{1b}\\",
];

/// Of sequences that were understood.
#[derive(Default)]
pub(super) struct Seen {
    /// Private modes that are not as they were.
    private: BTreeMap<u16, bool>,
    ansi: BTreeMap<u16, bool>,
    /// Key reports that were pushed, on the usual screen and on the other.
    keys: [u16; 2],
    /// Sequences that undo what was done, by what it was.
    undo: BTreeMap<&'static str, &'static str>,
    /// The same of what outlasts a reset.
    lasting: BTreeMap<&'static str, &'static str>,
    /// Settings of the keyboard that have numbers, and the letter that sets them.
    resources: BTreeSet<(char, u16)>,
    /// The window has another size.
    pub(super) is_resized: bool,
    /// Something was said that terminals understand in different ways.
    pub(super) is_doubtful: bool,
    pub(super) is_in_ground: bool,
    /// How often the terminal may have been made to type.
    pub(super) questions: u64,
    /// How often it was asked what it is.
    pub(super) identities: u64,
}

impl Seen {
    /// What switches off what is on.
    pub(super) fn off(&self) -> String {
        let mut out = String::new();
        let pop = |count: u16| match count {
            0 => String::new(),
            count => format!("\u{1b}[<{count}u"),
        };
        let first = FIRST.iter().filter_map(|what| self.undo.get(what));
        first.for_each(|sequence| out += sequence);
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
        let undone =
            { self.undo.iter() }.filter(|(what, _)| **what != "margins" && !FIRST.contains(what));
        undone.for_each(|(_, sequence)| out += sequence);
        out + &self.off_for_good()
    }

    /// What switches off what a reset would not.
    pub(super) fn off_for_good(&self) -> String {
        let mut out: String = self.lasting.values().copied().collect();
        for resource in &self.resources {
            out += &match resource {
                ('m', 4) => "\u{1b}[>4;0m".to_string(),
                (letter, number) => format!("\u{1b}[>{number}{letter}"),
            };
        }
        out
    }

    fn set(&mut self, what: &'static str, is_usual: bool, undo: &'static str) {
        if is_usual {
            self.undo.remove(what);
        } else {
            self.undo.insert(what, undo);
        }
    }

    fn set_for_good(&mut self, what: &'static str, is_usual: bool, undo: &'static str) {
        if is_usual {
            self.lasting.remove(what);
        } else {
            self.lasting.insert(what, undo);
        }
    }

    fn switch(&mut self, params: &Params, is_private: bool, is_on: bool) {
        for number in params.iter().map(|param| param[0]) {
            let is_usually_on = if is_private {
                self.questions += u64::from(is_on && REPORTS.contains(&number));
                self.is_doubtful |= OTHER_LANGUAGES.contains(&number) && is_on == (number != 2);
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

    /// Keys as xterm sets them: without a value, one of them is as it was.
    fn resource(&mut self, letter: char, number: u16, value: Option<u16>) {
        let is_usual = value.is_none_or(|value| (letter, number, value) == ('m', 4, 0));
        if is_usual {
            self.resources.remove(&(letter, number));
        } else {
            self.resources.insert((letter, number));
            self.is_doubtful |= self.resources.len() > MOST;
        }
    }

    /// What is done to the window.
    fn window(&mut self, first: u16, second: u16) {
        match first {
            2 => self.set_for_good("icon", false, "\u{1b}[1t"),
            1 => self.set_for_good("icon", true, ""),
            4 | 8 | 24.. => self.is_resized = true,
            6 => self.set_for_good("lowered", false, "\u{1b}[5t"),
            9 => self.set_for_good("maximized", second == 0, "\u{1b}[9;0t"),
            10 => self.set_for_good("full screen", second == 0, "\u{1b}[10;0t"),
            _ => {}
        }
    }

    /// What only the console of Linux knows.
    fn console(&mut self, first: u16) {
        let (what, undo) = match first {
            1 => ("underlined", "\u{1b}[1;6]"),
            2 => ("dimmed", "\u{1b}[2;8]"),
            8 => ("usual colours", "\u{1b}[0;37;40m\u{1b}[8]\u{1b}[0m"),
            9 => ("blanking", "\u{1b}[9;0]"),
            10 => ("pitch", "\u{1b}[10]"),
            11 => ("length", "\u{1b}[11]"),
            14 => ("power", "\u{1b}[14;0]"),
            16 => ("blinking", "\u{1b}[16]"),
            _ => return,
        };
        self.set_for_good(what, false, undo);
    }

    /// Colours of the palette, and special ones: an index and a colour, and again.
    fn indexed(&mut self, number: &[u8], colours: &[&[u8]]) {
        let mut colours = colours.iter().step_by(2);
        if colours.all(|colour| colour.starts_with(b"?")) {
            return;
        }
        if number == b"4" {
            self.set("palette", false, "\u{1b}]104\u{1b}\\");
        } else {
            self.set("special colours", false, "\u{1b}]105\u{1b}\\");
        }
    }

    /// Colours of the screen, the cursor and the selection: each further value is of the next number.
    fn dynamic(&mut self, first: usize, values: &[&[u8]]) {
        for (undo, value) in COLOURS[first..].iter().zip(values) {
            if !value.starts_with(b"?") {
                self.set(undo, false, undo);
            }
        }
    }

    /// What few terminals know.
    fn control_of_few(&mut self, params: &Params, intermediates: &[u8], action: char) {
        let mut numbers = params.iter().map(|param| param[0]);
        let first = numbers.next().unwrap_or(0);
        let second = numbers.next();
        match (intermediates, action) {
            // What follows goes to the printer, and nobody knows to what end.
            ([], 'i') => self.is_doubtful |= first == 5,
            (b"?", 'i') => self.set("printing", first != 5, "\u{1b}[?4i"),
            ([], ']') => self.console(first),
            ([], 't') => self.window(first, second.unwrap_or(0)),
            (b"$" | b"*", '|') => self.is_resized = true,
            ([], 'q') => self.set("lamps", first == 0, "\u{1b}[0q"),
            (b" ", 't') => self.set_for_good("warning bell", false, "\u{1b}[8 t"),
            (b" ", 'u') => self.set_for_good("margin bell", false, "\u{1b}[8 u"),
            (b"\"", 'p') => self.set("level", false, "\u{1b}[64;1\"p"),
            (b"$", '}' | '~') => self.set("status line", false, "\u{1b}[0$}\u{1b}[0$~"),
            (b"*", 'x') => self.set("extent", first == 0, "\u{1b}[0*x"),
            (b"'", 'z') => self.set("locator", first == 0, "\u{1b}[0'z"),
            (b">", 'm' | 'f') => self.resource(action, first, second),
            (b">", 'n') => self.resource('m', first, Some(u16::MAX)),
            (b">", 'p') => self.set_for_good("hidden pointer", first == 1, "\u{1b}[>1p"),
            (b">", 's') => self.set_for_good("shift key", first == 0, "\u{1b}[>0s"),
            (b">", 't' | 'T') => self.set_for_good("titles", false, "\u{1b}[>T"),
            _ => {}
        }
    }
}

impl Perform for Seen {
    fn print(&mut self, c: char) {
        self.is_in_ground = true;
        // One of eight bits that was cut in two comes as a letter, one without the other as no letter.
        let is_control = c.is_control() && c > '\u{7f}';
        self.is_doubtful |= is_control;
        self.questions += u64::from(is_control || c == char::REPLACEMENT_CHARACTER);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            0x05 => self.questions += 1,
            0x0e => self.set("shift", false, "\u{f}"),
            0x0f => self.set("shift", true, ""),
            // Some terminals obey these, others do not.
            0x80.. => {
                self.is_doubtful = true;
                self.questions += 1;
            }
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], is_cut: bool, action: char) {
        let mut numbers = params.iter().map(|param| param[0]);
        let (first, second) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        self.is_doubtful |= is_cut;
        let is_silent = !is_cut && is_silent_control(params, intermediates, action);
        self.questions += u64::from(!is_silent);
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
            ([], 'c') if first == 0 => self.identities += 1,
            ([], 'g') => self.set("tabs", false, "\u{1b}[?5W"),
            (b" ", 'q') => self.set("cursor", first == 0, "\u{1b}[0 q"),
            (b"\"", 'q') => self.set("protection", first != 1, "\u{1b}[0\"q"),
            (b">", 'u') => {
                *self.keys() = self.keys().saturating_add(1).min(99);
                self.questions += 1;
            }
            (b"<", 'u') => *self.keys() = self.keys().saturating_sub(first.max(1)),
            (b"=", 'u') => {
                self.set("key flags", first == 0, "\u{1b}[=0u");
                self.questions += 1;
            }
            _ => self.control_of_few(params, intermediates, action),
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _is_cut: bool, byte: u8) {
        // The end of a string asks nothing.
        let is_end = intermediates.is_empty() && byte == b'\\';
        self.questions += u64::from(!is_end && !is_silent_escape(intermediates, byte));
        match (intermediates, byte) {
            ([], b'=') => self.set("keypad", false, "\u{1b}>"),
            ([], b'>') => self.set("keypad", true, ""),
            ([], b'H') => self.set("tabs", false, "\u{1b}[?5W"),
            ([], b'Z') => self.identities += 1,
            ([], b'l') => self.set("locked memory", false, "\u{1b}m"),
            ([], b'm') => self.set("locked memory", true, ""),
            ([], b'n' | b'o') => self.set("shift", false, "\u{f}"),
            ([], b'|' | b'}' | b'~') => self.set("right shift", byte == b'}', "\u{1b}}"),
            (b" ", b'F' | b'G') => self.set("eight bits", byte == b'F', "\u{1b} F"),
            (b"%", _) => self.set("encoding", byte == b'G', "\u{1b}%G"),
            (b"(", _) => self.set("first set", byte == b'B', "\u{1b}(B"),
            (b")" | b"-", _) => self.set("second set", byte == b'B', "\u{1b})B"),
            (b"*" | b".", _) => self.set("third set", byte == b'B', "\u{1b}*B"),
            (b"+" | b"/", _) => self.set("fourth set", byte == b'B', "\u{1b}+B"),
            // Everything is as it was, and the colours of the palette too.
            ([], b'c') => {
                *self = Self {
                    lasting: std::mem::take(&mut self.lasting),
                    resources: std::mem::take(&mut self.resources),
                    is_resized: self.is_resized,
                    is_doubtful: self.is_doubtful,
                    questions: self.questions,
                    identities: self.identities,
                    ..Self::default()
                }
            }
            _ => {}
        }
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], _: bool) {
        self.questions += u64::from(!is_silent_command(params));
        let Some((number, values)) = params.split_first() else {
            return;
        };
        let is_set = values.iter().any(|value| !value.starts_with(b"?"));
        match (*number, values) {
            (b"4" | b"5", [_, colours @ ..]) => self.indexed(number, colours),
            (b"6", _) if is_set => self.set_for_good(
                "colours of few",
                false,
                "\u{1b}]6;1;bg;*;default\u{1b}\\\u{1b}]106\u{1b}\\",
            ),
            (b"7", [place, ..]) => {
                self.set_for_good("place", place.is_empty(), "\u{1b}]7;\u{1b}\\");
            }
            (b"8", [_, address @ ..]) => {
                let is_closed = address.iter().all(|part| part.is_empty());
                self.set("link", is_closed, "\u{1b}]8;;\u{1b}\\");
            }
            (b"9", [b"4", state, ..]) => {
                self.set("progress", *state == b"0", "\u{1b}]9;4;0\u{1b}\\");
            }
            ([b'1', digit @ b'0'..=b'9'], _) => self.dynamic(usize::from(digit - b'0'), values),
            ([b'1', b'1', digit @ b'0'..=b'9'], _) => {
                self.set(COLOURS[usize::from(digit - b'0')], true, "");
            }
            (b"21", _) if is_set => self.set_for_good(
                "colours by name",
                false,
                "\u{1b}]21;foreground;background;selection_background;selection_foreground;\
                 cursor;cursor_text;visual_bell\u{1b}\\\u{1b}]104\u{1b}\\",
            ),
            (b"22", [shape, ..]) => {
                self.set("pointer", shape.is_empty(), "\u{1b}]22;\u{1b}\\");
            }
            (b"50", _) if is_set => {
                self.set_for_good("font", false, "\u{1b}]50;#0\u{1b}\\\u{1b}[0 q");
            }
            (b"104", [] | [b""]) => self.set("palette", true, ""),
            (b"105", [] | [b""]) => self.set("special colours", true, ""),
            // The console of Linux ends such a one by itself, and obeys what follows.
            ([b'P' | b'R', ..], _) => self.is_doubtful = true,
            _ => {}
        }
    }

    fn hook(&mut self, _: &Params, intermediates: &[u8], _is_cut: bool, action: char) {
        self.questions += 1;
        if intermediates.is_empty() && action == '|' {
            // Keys that type what the agent wrote.
            self.set_for_good("texts of keys", false, "\u{1b}P0;1|\u{1b}\\");
        }
    }
}
