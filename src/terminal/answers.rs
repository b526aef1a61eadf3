//! What a terminal types by itself: its answers to the question what it is.

/// Finds the answers among everything that is typed, in whatever pieces it comes.
#[derive(Debug)]
pub struct Answers(At);

#[derive(Debug, Clone, Copy)]
enum At {
    Text,
    Escape,
    Control,
    Numbers,
}

impl Answers {
    /// Before anything was typed.
    #[must_use]
    pub const fn new() -> Self {
        Self(At::Text)
    }

    /// How many answers (`CSI ? … c`) these bytes end.
    pub fn push(&mut self, bytes: &[u8]) -> u64 {
        let mut found = 0;
        for byte in bytes {
            self.0 = match (self.0, byte) {
                (_, 0x1b) => At::Escape,
                (At::Escape, b'[') | (_, 0x9b) => At::Control,
                (At::Control, b'?') | (At::Numbers, b'0'..=b'9' | b';' | b':') => At::Numbers,
                (At::Numbers, b'c') => {
                    found += 1;
                    At::Text
                }
                _ => At::Text,
            };
        }
        found
    }
}

impl Default for Answers {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Answers;

    #[test]
    fn answers_are_found_however_they_are_cut() {
        let table: [(&[u8], u64); 8] = [
            (b"\x1b[?62;22c", 1),
            (b"\x1b[?6cx\x1b[?1;2c", 2),
            (b"\x9b?6c", 1),
            (b"c\x1b[c\x1b[?c", 1),
            (b"\x1b[>0;276;0c", 0),
            (b"\x1b[24;80R\x1b[?1u", 0),
            (b"\x1b[?6\x1b[?7c", 1),
            (b"[?6c", 0),
        ];
        for (bytes, expected) in table {
            for piece in 1..=bytes.len() {
                let mut answers = Answers::new();
                let found: u64 = bytes.chunks(piece).map(|cut| answers.push(cut)).sum();
                assert_eq!(found, expected, "{bytes:?} {piece}");
            }
        }
    }
}
