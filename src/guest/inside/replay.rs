//! What a terminal is not told a second time when its output is played again: a question would be
//! answered into what the agent reads, a clipboard would lose what was copied since.
//!
//! It knows escape sequences, not processes or clients.

/// The longest unfinished sequence that is waited for; anything longer is no question.
const LONGEST: usize = 4096;
const ESCAPE: u8 = 0x1b;

/// Takes the questions out of a stream of chunks.
#[derive(Debug, Default)]
pub(super) struct Replay {
    held: Vec<u8>,
}

impl Replay {
    /// What may be played again of this chunk; a sequence that it ends in waits for the next one.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        let all = std::mem::take(&mut self.held);
        let mut out = Vec::with_capacity(all.len());
        let mut rest = all.as_slice();
        while let Some(at) = rest.iter().position(|byte| *byte == ESCAPE) {
            out.extend_from_slice(&rest[..at]);
            rest = &rest[at..];
            let length = match length(rest) {
                Some(length) => length,
                None if rest.len() > LONGEST => 1,
                None => {
                    self.held = rest.to_vec();
                    return out;
                }
            };
            let (sequence, after) = rest.split_at(length);
            if !is_said_once(sequence) {
                out.extend_from_slice(sequence);
            }
            rest = after;
        }
        out.extend_from_slice(rest);
        out
    }

    /// What still waits, when nothing more is played again.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}

/// How long the sequence is that these bytes begin with; `None` when its end is not among them.
fn length(bytes: &[u8]) -> Option<usize> {
    let is_string = match bytes.get(1)? {
        b'[' => false,
        b']' | b'P' | b'_' | b'^' | b'X' => true,
        _ => return Some(2),
    };
    for (at, byte) in bytes.iter().enumerate().skip(2) {
        match (is_string, byte) {
            (false, 0x20..=0x3f) => {}
            (false, 0x40..=0x7e) | (true, 0x07) => return Some(at + 1),
            // Not what it seemed to be: what follows is looked at for itself.
            (false, _) => return Some(at),
            (true, &ESCAPE) => {
                let is_end = *bytes.get(at + 1)? == b'\\';
                return Some(if is_end { at + 2 } else { at });
            }
            (true, _) => {}
        }
    }
    None
}

fn is_said_once(sequence: &[u8]) -> bool {
    let Some((kind, body)) = sequence.get(1).zip(sequence.get(2..)) else {
        return false;
    };
    let body = [&b"\x1b\\"[..], b"\x07"]
        .iter()
        .find_map(|end| body.strip_suffix(*end))
        .unwrap_or(body);
    match kind {
        b'[' => is_question(body),
        // Colours that are asked for; the clipboard and notifications.
        b']' => {
            let said = [&b"52;"[..], b"9;", b"99;", b"777;"];
            body.ends_with(b";?") || said.iter().any(|start| body.starts_with(start))
        }
        b'P' => body.starts_with(b"+q") || body.starts_with(b"$q"),
        b'_' => {
            let control = body.split(|byte| *byte == b';').next().unwrap_or_default();
            let mut keys = control.split(|byte| *byte == b',');
            control.starts_with(b"G") && keys.any(|key| key.ends_with(b"a=q"))
        }
        _ => false,
    }
}

/// A control sequence without its `ESC [` that a terminal answers: attributes, version, status
/// and cursor, modes, keyboard protocol, sizes, graphics.
fn is_question(body: &[u8]) -> bool {
    let Some((last, parameters)) = body.split_last() else {
        return false;
    };
    let first = parameters.first();
    match last {
        b'c' => first != Some(&b'?'),
        b'n' => first != Some(&b'>'),
        b'q' => first == Some(&b'>'),
        b'u' => parameters == b"?",
        b'p' => parameters.ends_with(b"$"),
        b'm' | b'S' => first == Some(&b'?'),
        b't' => {
            let number = parameters.split(|byte| *byte == b';').next();
            let asked = [
                &b"11"[..],
                b"13",
                b"14",
                b"15",
                b"16",
                b"18",
                b"19",
                b"20",
                b"21",
            ];
            number.is_some_and(|number| asked.contains(&number))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTIONS: [&[u8]; 16] = [
        b"\x1b[c",
        b"\x1b[0c",
        b"\x1b[>c",
        b"\x1b[>0q",
        b"\x1b[5n",
        b"\x1b[?6n",
        b"\x1b[?u",
        b"\x1b[?2026$p",
        b"\x1b[?4m",
        b"\x1b[14t",
        b"\x1b]11;?\x07",
        b"\x1b]4;7;?\x1b\\",
        b"\x1b]52;c;aGVsbG8=\x07",
        b"\x1bP+q544e\x1b\\",
        b"\x1bP$qm\x1b\\",
        b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\",
    ];

    const OTHERS: [&[u8]; 13] = [
        b"\x1b[2J",
        b"\x1b[1;2H",
        b"\x1b[38;5;1m",
        b"\x1b[>4;1m",
        b"\x1b[>1u",
        b"\x1b[<u",
        b"\x1b[2 q",
        b"\x1b[?2026h",
        b"\x1b[22;0t",
        b"\x1b]0;what is c?\x07",
        b"\x1b]8;;http://x/?a\x1b\\",
        b"\x1b7",
        b"\x1b_Gi=31,a=T;AAAA\x1b\\",
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
                assert_eq!(played(&bytes, piece), b"a\xc3\xa9c", "{text:?}");
            }
            for other in OTHERS {
                let bytes = [b"a", other, b"\x1b[31", b"\x1b[c", b"b"].concat();
                let kept = [b"a", other, b"\x1b[31", b"b"].concat();
                let text = String::from_utf8_lossy(other).into_owned();
                assert_eq!(played(&bytes, piece), kept, "{text:?}");
            }
        }
    }

    #[test]
    fn what_never_ends_is_not_waited_for() {
        let mut replay = Replay::default();
        let endless = [b"\x1b]0;".as_slice(), &[b'x'; 2 * LONGEST]].concat();
        assert_eq!(replay.pass(&endless), endless);
        assert_eq!(replay.pass(b"\x1b[3"), b"");
        assert_eq!(replay.rest(), b"\x1b[3");
    }
}
