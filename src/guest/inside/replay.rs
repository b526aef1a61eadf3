//! What of a terminal's output is played again: text, and what draws, colours and sets modes. A
//! question would be answered into what the agent reads, a clipboard would lose what was copied since.
//!
//! Sequences are taken apart by `vte` and written anew from what it found, so that a terminal cannot
//! find another one in the same bytes. What is not known here is not played again.

use crate::terminal::silent::{is_silent_command, is_silent_control, is_silent_escape};
use std::fmt::Write;
use vte::{Params, Parser, Perform};

/// The longest unfinished sequence that may go on with what is written next.
const LONGEST: usize = 4096;
const ESCAPE: u8 = 0x1b;

/// Takes what is said only once out of a stream of chunks.
#[derive(Default)]
pub(super) struct Replay {
    parser: Box<Parser>,
    /// What was passed since the last escape.
    recent: Vec<u8>,
}

impl Replay {
    /// What may be played again of this chunk; a sequence that it ends in waits for the next one.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut again = Again::default();
        self.parser.advance(&mut again, bytes);
        match bytes.iter().rposition(|byte| *byte == ESCAPE) {
            Some(at) => self.recent = bytes[at..].to_vec(),
            None => self.recent.extend_from_slice(bytes),
        }
        // Of more than a sequence only the end is of interest: half a character.
        if self.recent.len() > LONGEST {
            self.recent.drain(..self.recent.len() - 3);
        }
        again.out.into_bytes()
    }

    /// What still waits, when nothing more is played again.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        let recent = std::mem::take(&mut self.recent);
        if recent.is_empty() {
            return recent;
        }
        *self.parser = Parser::new();
        let mut parser: Parser = Parser::new();
        let mut again = Again::default();
        parser.advance(&mut again, &recent);
        again.out.clear();
        // A letter is a letter only where nothing is unfinished.
        parser.advance(&mut again, b"x");
        if recent.first() == Some(&ESCAPE) && again.out != "x" && !again.out.ends_with("\u{fffd}x")
        {
            return recent;
        }
        let last = recent.len() - recent.len().min(3);
        let half = (last..recent.len()).find(|at| is_half(&recent[*at..]));
        half.map_or_else(Vec::new, |at| recent[at..].to_vec())
    }
}

/// The beginning of one character, and nothing else.
fn is_half(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes)
        .is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
}

/// Writes anew what may be played again.
#[derive(Default)]
struct Again {
    out: String,
}

impl Again {
    fn control(&mut self, params: &Params, intermediates: &[u8], action: char) {
        let (before, after): (Vec<u8>, Vec<u8>) =
            intermediates.iter().partition(|byte| **byte >= b'<');
        let numbers: Vec<String> = params
            .iter()
            .map(|param| {
                let parts: Vec<String> = param.iter().map(ToString::to_string).collect();
                parts.join(":")
            })
            .collect();
        // None and a nought are the same to all of them but one, to which none is more.
        let numbers = match numbers.join(";") {
            numbers if numbers == "0" => String::new(),
            numbers => numbers,
        };
        let [before, after] =
            [before, after].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        // Writing to a String cannot fail.
        let _ok = write!(self.out, "\u{1b}[{before}{numbers}{after}{action}");
    }
}

impl Perform for Again {
    fn print(&mut self, c: char) {
        // One of eight bits that was cut in two comes as a letter.
        if !c.is_control() {
            self.out.push(c);
        }
    }

    fn execute(&mut self, byte: u8) {
        if matches!(byte, 0x08..=0x0f) {
            self.out.push(char::from(byte));
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], is_cut: bool, action: char) {
        if !is_cut && is_silent_control(params, intermediates, action) {
            self.control(params, intermediates, action);
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], is_cut: bool, byte: u8) {
        if !is_cut && is_silent_escape(intermediates, byte) {
            self.out.push('\u{1b}');
            self.out
                .extend(intermediates.iter().chain([&byte]).copied().map(char::from));
        }
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], ends_with_bell: bool) {
        if is_silent_command(params) {
            let text = String::from_utf8_lossy(&params.join(&b';')).into_owned();
            let end = if ends_with_bell { "\u{7}" } else { "\u{1b}\\" };
            let _ok = write!(self.out, "\u{1b}]{text}{end}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTIONS: [&[u8]; 34] = [
        b"\x1b[c",
        b"\x1b[0c",
        b"\x1b[>c",
        b"\x1b[=c",
        b"\x1b[>0q",
        b"\x1b[5n",
        b"\x1b[?6n",
        b"\x1b[?u",
        b"\x1b[?2026$p",
        b"\x1b[4$p",
        b"\x1b[?4m",
        b"\x1b[14t",
        b"\x1b[8;9;9t",
        b"\x1b[x",
        b"\x1b[1;1;1;1;1;1*y",
        b"\x1b[?1;1S",
        b"\x1bZ",
        b"\x05",
        b"\x07",
        b"\x1b]11;?\x07",
        b"\x1b]4;7;?\x1b\\",
        b"\x1b]4;7;?;8;?\x1b\\",
        b"\x1b]52;c;aGVsbG8=\x07",
        b"\x1b]9;done\x07",
        b"\x1b]1337;ReportCellSize\x07",
        b"\x1bP+q544e\x1b\\",
        b"\x1bP$qm\x1b\\",
        b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\",
        // An escape in front of another, a control within a sequence, eight bits.
        b"\x1b\x1b]11;?\x07",
        b"\x1b\x1b[6n",
        b"\x1b[\x076n",
        b"\x1b[6\x00n",
        b"\xc2\x9b",
        b"\x9b",
    ];

    const OTHERS: [&[u8]; 17] = [
        b"\x1b[2J",
        b"\x1b[1;2H",
        b"\x1b[38;5;1m",
        b"\x1b[38:2:1:2:3m",
        b"\x1b[>4;1m",
        b"\x1b[>1u",
        b"\x1b[<u",
        b"\x1b[2 q",
        b"\x1b[?2026h",
        b"\x1b[22;0t",
        b"\x1b]0;what is c?\x07",
        b"\x1b]8;;http://x/?a\x1b\\",
        b"\x1b]11;#112233\x07",
        b"\x1b7",
        b"\x1b(0",
        b"\x1b#8",
        b"\r\n\x0e\x0f\x08\t",
    ];

    fn played(bytes: &[u8], piece: usize) -> Vec<u8> {
        let mut replay = Replay::default();
        let mut out: Vec<u8> = bytes
            .chunks(piece)
            .flat_map(|chunk| replay.pass(chunk))
            .collect();
        out.extend(replay.rest());
        out
    }

    #[test]
    fn questions_are_left_out_and_all_else_is_kept_however_it_is_cut() {
        for piece in [1, 2, 3, 7, 1000] {
            for question in QUESTIONS {
                let bytes = [b"a\xc3\xa9", question, b"c"].concat();
                let text = String::from_utf8_lossy(question).into_owned();
                let out = played(&bytes, piece);
                let out = String::from_utf8_lossy(&out).replace('\u{fffd}', "");
                assert_eq!(out, "aéc", "{text:?} {piece}");
            }
            for other in OTHERS {
                // One that was not ended is none.
                let bytes = [b"a", other, b"\x1b[31", b"\x1b[c", b"b"].concat();
                let kept = [b"a", other, b"b"].concat();
                let text = String::from_utf8_lossy(other).into_owned();
                assert_eq!(played(&bytes, piece), kept, "{text:?} {piece}");
            }
        }
    }

    #[test]
    fn what_is_unfinished_goes_on_with_what_is_written_next() {
        let unfinished: [&[u8]; 6] = [
            b"\x1b",
            b"\x1b[3",
            b"\x1b]0;ti",
            b"\x1bPq",
            b"\xe6\x97",
            b"\x1b[m\xf0\x9f",
        ];
        for bytes in unfinished {
            let mut replay = Replay::default();
            let passed = [replay.pass(b"a"), replay.pass(bytes)].concat();
            let passed = String::from_utf8_lossy(&passed).into_owned();
            assert!(
                ["a", "a\x1b[m"].contains(&&*passed),
                "{bytes:?}: {passed:?}"
            );
            let expected = bytes.strip_prefix(b"\x1b[m").unwrap_or(bytes);
            assert_eq!(replay.rest(), expected, "{bytes:?}");
            assert_eq!(replay.rest(), b"");
        }
    }

    #[test]
    fn what_never_ends_takes_no_memory() {
        for start in [&b"\x1b]0;"[..], b"\x1bP", b"\x1b_", b"\x1b["] {
            let mut replay = Replay::default();
            replay.pass(start);
            for _ in 0..100 {
                assert!(replay.pass(&[b';'; LONGEST]).len() <= LONGEST);
                assert!(replay.recent.len() <= LONGEST);
            }
            assert_eq!(replay.rest(), b"");
        }
    }
}
