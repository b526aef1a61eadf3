//! What a program has switched on at a terminal, and how it is switched off again: only what is on is
//! touched, so that a program which tidies up after itself leaves a screen that nobody disturbs.

mod everything;
mod seen;

use everything::{EVERYTHING, UNFINISHED};
use seen::Seen;
use vte::Parser;

/// Watches the bytes of a program.
pub struct Modes {
    parser: Parser,
    seen: Seen,
    /// Rows and columns of the terminal before.
    size: Option<(u16, u16)>,
    is_after_escape: bool,
}

impl Default for Modes {
    fn default() -> Self {
        Self::of(None)
    }
}

impl Modes {
    /// Of a terminal that has so many rows and columns.
    #[must_use]
    pub fn of(size: Option<(u16, u16)>) -> Self {
        Self {
            parser: Parser::new(),
            seen: Seen::default(),
            size,
            is_after_escape: false,
        }
    }

    /// Takes note of bytes on their way to the terminal.
    pub fn watch(&mut self, bytes: &[u8]) {
        self.parser.advance(&mut self.seen, bytes);
        if !self.may_be_answered() {
            self.look_for_messages(bytes);
        }
    }

    /// The terminal may have been made to type something.
    #[must_use]
    pub fn may_be_answered(&self) -> bool {
        self.seen.questions > 0
    }

    /// How often the terminal was asked what it is, which every terminal answers.
    #[must_use]
    pub fn identities_asked(&self) -> u64 {
        self.seen.identities
    }

    /// A message to a program (`ESC _`) may be answered too: the parser drops it unseen.
    fn look_for_messages(&mut self, bytes: &[u8]) {
        let mut is_after_escape = self.is_after_escape;
        if !is_after_escape && !bytes.contains(&0x1b) {
            return;
        }
        for byte in bytes {
            if is_after_escape && *byte == b'_' {
                self.seen.questions += 1;
            }
            is_after_escape = *byte == 0x1b;
        }
        self.is_after_escape = is_after_escape;
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
        let mut out = String::new();
        if seen.is_doubtful {
            out.extend(EVERYTHING);
            out += &seen.off_for_good();
        } else {
            if is_unfinished {
                out += UNFINISHED;
            }
            out += &seen.off();
        }
        if seen.is_resized
            && let Some((rows, columns)) = self.size
        {
            out += &format!("\u{1b}[8;{rows};{columns}t");
        }
        out.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restoration(bytes: &str) -> String {
        let mut modes = Modes::of(Some((24, 80)));
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
            ("\u{1b}]0;unfinished", UNFINISHED),
            ("\u{1b}[3", UNFINISHED),
            ("\u{1b}P", UNFINISHED),
            ("\u{1b} G\u{1b}[?25l", "\u{1b} F\u{1b}[?25h"),
            ("\u{1b}[61\"p\u{1b}[4h", "\u{1b}[64;1\"p\u{1b}[4l"),
            ("\u{1b}[?1034;1035l", "\u{1b}[?1034h\u{1b}[?1035h"),
            ("\u{1b}[>4;1f\u{1b}[>3p", "\u{1b}[>1p\u{1b}[>4f"),
            ("\u{1b}[>1;3m\u{1b}[>2;3m", "\u{1b}[>1m\u{1b}[>2m"),
            ("\u{1b}[>4n", "\u{1b}[>4;0m"),
            ("\u{1b}[?5i", "\u{1b}[?4i"),
            ("\u{1b}[1$}", "\u{1b}[0$}\u{1b}[0$~"),
            ("\u{1b}]4;1;red;2;?\u{7}", "\u{1b}]104\u{1b}\\"),
            ("\u{1b}]5;0;red\u{7}", "\u{1b}]105\u{1b}\\"),
            ("\u{1b}]10;?;red\u{7}", "\u{1b}]111\u{1b}\\"),
            ("\u{1b}]17;red\u{7}", "\u{1b}]117\u{1b}\\"),
            ("\u{1b}]50;huge\u{7}", "\u{1b}]50;#0\u{1b}\\\u{1b}[0 q"),
            ("\u{1b}]7;file://x/y\u{7}", "\u{1b}]7;\u{1b}\\"),
            ("\u{1b}[11;0]\u{1b}[14;1]", "\u{1b}[11]\u{1b}[14;0]"),
            // A reset of the terminal is none of its window, its font or its keys.
            ("\u{1b}[2t\u{1b}[31m\u{1b}c", "\u{1b}[1t"),
            ("\u{1b}P1;1|17/6c730a\u{1b}\\", "\u{1b}P0;1|\u{1b}\\"),
            ("\u{1b}[8;2;2t", "\u{1b}[8;24;80t"),
            ("\u{1b}[24t", "\u{1b}[8;24;80t"),
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
        for bytes in [
            "\u{9b}?25l",
            "\u{1b}[?1049r",
            "\u{1b}[?2l",
            "\u{1b}[?2l\u{1b}[?2h",
            "\u{1b}[?38h",
            "\u{1b}[5i",
            "\u{1b}]P1ff0000\u{7}",
        ] {
            assert_eq!(restoration(bytes), EVERYTHING.concat(), "{bytes:?}");
        }
        let everything = EVERYTHING.concat();
        let at = |part: &str| everything.find(part).expect("it is there");
        // VT52 and a printer understand nothing else.
        assert!(at("\u{1b}<") < at("\u{1b}[4i") && at("\u{1b}[4i") < at("\u{1b}[64;1"));
        let font = restoration("\u{1b}[?2l\u{1b}]50;x\u{7}");
        assert!(font.ends_with("\u{1b}]50;#0\u{1b}\\\u{1b}[0 q"), "{font:?}");
    }

    #[test]
    fn what_a_terminal_may_answer_is_noticed() {
        let may = |bytes: &[u8], piece: usize| {
            let mut modes = Modes::default();
            bytes.chunks(piece).for_each(|cut| modes.watch(cut));
            modes.may_be_answered()
        };
        let asks: [&[u8]; 16] = [
            b"\x1b[6n",
            b"\x1b[c",
            b"\x1b[>c",
            b"\x1b[21t",
            b"\x05",
            b"\x1bZ",
            b"\x1b[?2026$p",
            b"\x1b[?u",
            b"\x1b]11;?\x07",
            b"\x1b]52;c;?\x07",
            b"\x1bP+q544e\x1b\\",
            b"\x1b_Ga=q;\x1b\\",
            b"\xc2\x9b6n",
            b"\x9b6n",
            b"\x1b[?1003h",
            b"\x1b[>1u",
        ];
        let tells: [&[u8]; 5] = [
            b"plain \xc3\xa9\r\n\x07",
            b"\x1b[1;31mred\x1b[0m\x1b[2J\x1b[?25l\x1b[?1049h",
            b"\x1b]0;what?\x1b\\\x1b]8;;http://x/?\x1b\\",
            b"\x1b(0\x1b7\x1b8_\x1b[4;1H_",
            b"\x1b[?2004h\x1b[?2026h",
        ];
        for piece in [1, 2, 100] {
            for bytes in asks {
                let text = String::from_utf8_lossy(bytes).into_owned();
                assert!(may(bytes, piece), "{text:?}");
            }
            for bytes in tells {
                let text = String::from_utf8_lossy(bytes).into_owned();
                assert!(!may(bytes, piece), "{text:?}");
            }
        }
        let mut modes = Modes::default();
        modes.watch(b"\x1b[c\x1b[0c\x1bZ\x1b[>c\x1b[1c");
        assert_eq!(modes.identities_asked(), 3);
    }
}
