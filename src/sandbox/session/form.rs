//! How what agents wrote is printed: as text, or byte for byte for whoever asks for that.

use super::terminal;
use crate::terminal::Drawn;

/// How much of a line without an end is kept before it is written all the same.
const LONGEST: usize = 64 * 1024;
/// The lines of a terminal that nobody knows.
const HEIGHT: usize = 50;

/// How it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Drawn as lines of text: no sequence but colours reaches the terminal.
    Text {
        /// With colours.
        is_coloured: bool,
    },
    /// As it was written.
    Raw,
}

/// Bytes on their way to become lines.
pub(super) enum Lines {
    Drawn(Box<Drawn>),
    Raw(Vec<u8>),
}

impl Lines {
    /// Lines that come as they end, or all at once.
    pub(super) fn new(form: Form, is_live: bool) -> Self {
        let height = terminal::size().map_or(HEIGHT, |size| size.rows.into());
        match form {
            Form::Raw => Self::Raw(Vec::new()),
            Form::Text { is_coloured } if is_live => {
                Self::Drawn(Drawn::live(height, is_coloured).into())
            }
            Form::Text { is_coloured } => Self::Drawn(Drawn::whole(height, is_coloured).into()),
        }
    }

    /// Adds bytes and gives the lines that are ready, without their ends.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        match self {
            Self::Drawn(drawn) => in_bytes(drawn.push(bytes)),
            Self::Raw(held) => {
                held.extend_from_slice(bytes);
                whole(held)
            }
        }
    }

    /// What came without an end.
    pub(super) fn rest(&mut self) -> Vec<Vec<u8>> {
        match self {
            Self::Drawn(drawn) => in_bytes(drawn.finish()),
            Self::Raw(held) if held.is_empty() => Vec::new(),
            Self::Raw(held) => vec![std::mem::take(held)],
        }
    }
}

fn in_bytes(lines: Vec<String>) -> Vec<Vec<u8>> {
    lines.into_iter().map(String::into_bytes).collect()
}

/// Takes the lines that are whole, and what is too long to wait for.
fn whole(held: &mut Vec<u8>) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    while let Some(end) = held.iter().position(|byte| *byte == b'\n') {
        let rest = held.split_off(end + 1);
        let mut line = std::mem::replace(held, rest);
        line.pop();
        line.pop_if(|byte| *byte == b'\r');
        lines.push(line);
    }
    if held.len() > LONGEST {
        lines.push(std::mem::take(held));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_whatever_pieces_they_come_in() {
        for form in [Form::Raw, Form::Text { is_coloured: false }] {
            let mut lines = Lines::new(form, true);
            let mut seen = Vec::new();
            for piece in ["a", "b\nc\r\n", "", "\n", "d"] {
                seen.extend(lines.push(piece.as_bytes()));
            }
            seen.extend(lines.rest());
            let expected = ["ab", "c", "", "d"].map(|line| line.as_bytes().to_vec());
            assert_eq!(seen, expected, "{form:?}");
        }
        let mut lines = Lines::new(Form::Raw, true);
        assert_eq!(
            lines.push(&vec![b'x'; LONGEST + 1]).len(),
            1,
            "memory is bounded"
        );
    }
}
