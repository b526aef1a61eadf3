//! A log as lines of text: what a terminal would have shown of it, without any of the sequences but
//! colours, and without those where they are not wanted.
//!
//! Sequences are taken apart by `vte`, so that what is obeyed here and what a terminal would obey are
//! parted at the same bytes; nothing of them is handed on.

use super::screen::Screen;
use vte::Parser;

/// Takes bytes in any pieces and gives lines.
pub struct Drawn {
    parser: Parser,
    screen: Screen,
    is_coloured: bool,
    /// Lines are wanted as soon as they have an end, whether they change later or not.
    is_live: bool,
}

impl Drawn {
    /// For a log that has an end.
    #[must_use]
    pub fn whole(height: usize, is_coloured: bool) -> Self {
        Self {
            parser: Parser::new(),
            screen: Screen::new(height),
            is_coloured,
            is_live: false,
        }
    }

    /// For a log that is followed: a line that is changed after its end is given once more.
    #[must_use]
    pub fn live(height: usize, is_coloured: bool) -> Self {
        Self {
            is_live: true,
            ..Self::whole(height, is_coloured)
        }
    }

    /// Adds bytes and gives the lines that are ready, without their ends.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        // In pieces, so that what is ready is not kept beside all the rest.
        for piece in bytes.chunks(64 * 1024) {
            self.parser.advance(&mut self.screen, piece);
            let past = self.screen.take_past();
            lines.extend(past.iter().map(|row| row.text(self.is_coloured)));
        }
        if self.is_live {
            for row in self.screen.above().filter(|row| !row.is_shown) {
                row.is_shown = true;
                lines.push(row.text(self.is_coloured));
            }
        }
        lines
    }

    /// The lines that are left.
    pub fn finish(&mut self) -> Vec<String> {
        let is_coloured = self.is_coloured;
        let rest = self.screen.all().filter(|row| !row.is_shown);
        let lines = rest.map(|row| row.text(is_coloured)).collect();
        self.screen = Screen::new(1);
        self.parser = Parser::new();
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::words::is_obeyed;
    use proptest::prelude::*;

    fn drawn(bytes: &[u8]) -> Vec<String> {
        let mut drawn = Drawn::whole(24, false);
        let mut lines = drawn.push(bytes);
        lines.extend(drawn.finish());
        lines
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        let table: [(&str, &[&str]); 8] = [
            ("", &[]),
            ("\n", &[""]),
            ("one\ntwo\n", &["one", "two"]),
            ("one\r\ntwo", &["one", "two"]),
            ("a\n\n\nb\n\n", &["a", "", "", "b", ""]),
            ("a\tb  \n\tc\n", &["a\tb  ", "\tc"]),
            ("naïve 日本 e\u{301}\n", &["naïve 日本 e\u{301}"]),
            ("👩\u{200d}💻!\n", &["👩\u{200d}💻!"]),
        ];
        for (text, expected) in table {
            assert_eq!(drawn(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn what_moves_and_erases_is_done_and_not_handed_on() {
        let table: [(&str, &[&str]); 19] = [
            ("10%\r20%\r100%\n", &["100%"]),
            ("abc\x08\x08X\n", &["aXc"]),
            ("spin\r\x1b[Kdone\n", &["done"]),
            (
                "one\ntwo\n\x1b[2Aone!\n\x1b[1Btail",
                &["one!", "two", "tail"],
            ),
            ("a\x1b[3Cb\n", &["a   b"]),
            ("abcdef\x1b[3G\x1b[1Pxx\n", &["abxxf"]),
            ("abc\x1b[1G\x1b[2@\n", &["  abc"]),
            ("日本\x1b[2Gx\n", &[" x本"]),
            ("a\tb\x1b[4Gx\n", &["a  x    b"]),
            (
                "before\n\x1b[2J\x1b[Hframe 1\n\x1b[2J\x1b[Hframe 2\n",
                &["before", "frame 2"],
            ),
            (
                "before\n\x1b[?1049h\x1b[3;2Hin\x1b[?1049lafter\n",
                &["before", "", "", " in", "after"],
            ),
            ("\x1b[c\x1b[?25lhello\n", &["hello"]),
            ("\x1b]0;title\x07a\x1b]52;c;aGk=\x1b\\b\n", &["ab"]),
            ("\x1bP$qm\x1b\\a\x1b_Gi=1;x\x1b\\b\x1b^x\x1b\\c\n", &["abc"]),
            ("\x1b(0lqk\x1b(Bq\n", &["┌─┐q"]),
            ("one\ntwo\n\x1b[1A\x1b[1Lnew\n", &["one", "new", "two"]),
            ("x\u{202e}y\u{9b}6nz\n", &["xy6nz"]),
            ("\x1b\x1b]0;t\x07a\x1b[\x07b\n", &["a"]),
            ("one\x1b7 two\x1b8!\n", &["one!two"]),
        ];
        for (text, expected) in table {
            assert_eq!(drawn(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn of_colours_only_those_that_show_text_stay() {
        let mut drawn = Drawn::whole(24, true);
        let bytes = b"\x1b[1;31mred\x1b[0m \x1b[8mhid\x1b[38;5;200mx\x1b[48:2:1:2:3my\n";
        let mut lines = drawn.push(bytes);
        lines.extend(drawn.finish());
        let expected =
            "\x1b[0;1;31mred\x1b[0m hid\x1b[0;38;5;200mx\x1b[0;38;5;200;48;2;1;2;3my\x1b[0m";
        assert_eq!(lines, [expected]);
    }

    #[test]
    fn a_live_log_gives_lines_as_they_end_and_changed_ones_again() {
        let mut drawn = Drawn::live(24, false);
        assert_eq!(drawn.push(b"one\ntw"), ["one"]);
        assert_eq!(drawn.push(b"o\n"), ["two"]);
        assert_eq!(drawn.push(b""), [""; 0]);
        assert_eq!(drawn.push(b"\x1b[2A1\x1b[2B"), ["1ne"]);
        assert_eq!(drawn.push(b"\rrest"), [""; 0]);
        assert_eq!(drawn.finish(), ["rest"]);
    }

    #[test]
    fn memory_is_bounded_whatever_never_ends() {
        let line = vec![b'x'; 1 << 20];
        let sequences: [&[u8]; 6] = [b"", b"\x1b]0;", b"\x1b[", b"\x1bP", b"\x1b_", b"e\xcc\x81"];
        for start in sequences {
            let mut drawn = Drawn::whole(24, false);
            drawn.push(start);
            for _ in 0..4 {
                for given in drawn.push(&line) {
                    assert!(given.len() <= 64 * 1024);
                }
            }
            assert!(drawn.finish().concat().len() <= 1 << 20, "{start:?}");
        }
        let mut drawn = Drawn::whole(500, false);
        for row in 0..2000 {
            drawn.push(
                format!(
                    "\x1b[{};65000Hx\x1b[65000@\x1b[65000L\x1b[65000B",
                    row % 500
                )
                .as_bytes(),
            );
        }
        assert!(drawn.finish().concat().len() <= 1 << 20);
    }

    proptest! {
        #[test]
        fn whatever_comes_in_whatever_pieces_only_text_comes_out(
            words in proptest::collection::vec(
                prop_oneof![
                    any::<Vec<u8>>(),
                    "[0-9;:?]{0,6}[@-~]".prop_map(|text| [b"\x1b[", text.as_bytes()].concat()),
                    "[ -~]{0,3}".prop_map(|text| [b"\x1b", text.as_bytes()].concat()),
                    "[a-z\t\r\n\u{8}\u{9b}日\u{301}]{0,8}".prop_map(String::into_bytes),
                ],
                0..40,
            ),
            size in 1..50_usize,
            is_coloured in any::<bool>(),
        ) {
            let bytes = words.concat();
            for mut drawn in [Drawn::whole(5, is_coloured), Drawn::live(5, is_coloured)] {
                let mut lines: Vec<String> = Vec::new();
                for piece in bytes.chunks(size) {
                    lines.extend(drawn.push(piece));
                }
                lines.extend(drawn.finish());
                for line in lines {
                    let mut rest = line.as_str();
                    while let Some(at) = rest.find('\u{1b}') {
                        prop_assert!(is_coloured);
                        let body = rest[at..].strip_prefix("\u{1b}[").expect("a colour");
                        let end = body.find('m').expect("a colour");
                        prop_assert!(body[..end].chars().all(|c| c.is_ascii_digit() || c == ';'));
                        prop_assert!(!rest[..at].contains(|c| is_obeyed(c) && c != '\t'));
                        rest = &body[end + 1..];
                    }
                    prop_assert!(!rest.contains(|c| is_obeyed(c) && c != '\t'), "{line:?}");
                }
            }
        }
    }
}
