//! The keys that leave a session, found in what the person types.
//!
//! Owns what is held back while they are typed. How a terminal sends a key is known in
//! [`crate::values::keys`].

use crate::values::keys::Key;
pub use crate::values::keys::{DetachKeys, KeysError};
use std::time::Duration;

/// How long an unfinished sequence of keys is held back before it goes to the agent.
const HOLD_KEY: Duration = Duration::from_millis(500);
/// How long the beginning of an escape sequence is held back: a terminal sends it in a piece.
const HOLD_ESCAPE: Duration = Duration::from_millis(10);

/// How the bytes that are held compare to the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    /// All of them are there.
    Whole,
    /// They may still come.
    Begun {
        /// In the middle of an escape sequence.
        in_sequence: bool,
    },
    /// Something else was typed.
    Not,
}

/// Compares `held` with `keys`; between them, `before` may be held down and let go.
fn compare(keys: &[Key], before: Option<&Key>, held: &[u8]) -> Match {
    let Some((key, rest)) = keys.split_first() else {
        return Match::Whole;
    };
    if held.is_empty() {
        return Match::Begun { in_sequence: false };
    }
    let next = |form: &Vec<u8>| held.strip_prefix(form.as_slice());
    if let Some(held) = key.pressed.iter().find_map(next) {
        return compare(rest, Some(key), held);
    }
    let after = || before.into_iter().flat_map(|key| &key.after);
    if let Some(held) = after().find_map(next) {
        return compare(keys, before, held);
    }
    let mut forms = key.pressed.iter().chain(after());
    if forms.any(|form| form.starts_with(held)) {
        return Match::Begun { in_sequence: true };
    }
    Match::Not
}

/// Looks for the keys in a stream of input.
pub(super) struct Scanner {
    keys: DetachKeys,
    held: Vec<u8>,
}

impl Scanner {
    pub(super) fn new(keys: DetachKeys) -> Self {
        Self {
            keys,
            held: Vec::new(),
        }
    }

    /// What goes on to the agent, and whether the keys were pressed.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> (Vec<u8>, bool) {
        let mut out = Vec::with_capacity(bytes.len());
        for byte in bytes {
            self.held.push(*byte);
            while !self.held.is_empty() {
                match compare(self.keys.all(), None, &self.held) {
                    Match::Whole => {
                        self.held.clear();
                        return (out, true);
                    }
                    Match::Begun { .. } => break,
                    Match::Not => out.push(self.held.remove(0)),
                }
            }
        }
        (out, false)
    }

    /// How long to wait for more before [`Scanner::release`]; nothing is held without.
    pub(super) fn patience(&self) -> Option<Duration> {
        if self.held.is_empty() {
            return None;
        }
        match compare(self.keys.all(), None, &self.held) {
            Match::Begun { in_sequence: true } => Some(HOLD_ESCAPE),
            _ => Some(HOLD_KEY),
        }
    }

    /// Gives up on an unfinished sequence.
    pub(super) fn release(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_across_reads_and_everything_else_passes() {
        type Case<'a> = (&'a [&'a [u8]], &'a [u8], bool);
        let cases: [Case; 11] = [
            (&[b"abc"], b"abc", false),
            (&[b"a\x10\x11b"], b"a", true),
            (&[b"\x10", b"\x11"], b"", true),
            (&[b"\x10", b"x\x10", b"\x10\x11"], b"\x10x\x10", true),
            (&[b"\x1b[112;5u\x11"], b"", true),
            (&[b"\x1b[27;5;112~", b"\x1b[27;5;113~"], b"", true),
            (&[b"\x1b[112;133u", b"\x1b[113;133:1u"], b"", true),
            (
                &[b"\x1b[112;5:1u\x1b[112;5:2u", b"\x1b[112;5:3u\x1b[113;5u"],
                b"",
                true,
            ),
            (&[b"\x1b[112;5:3u\x11"], b"\x1b[112;5:3u\x11", false),
            (
                &[b"\x1b[112;5u\x1b[113;5:3u"],
                b"\x1b[112;5u\x1b[113;5:3u",
                false,
            ),
            (&[b"\x1b[A\x10y"], b"\x1b[A\x10y", false),
        ];
        for (reads, expected, detached) in cases {
            let mut scanner = Scanner::new(DetachKeys::default());
            let mut out = Vec::new();
            let mut found = false;
            for read in reads {
                let (bytes, hit) = scanner.feed(read);
                out.extend(bytes);
                found |= hit;
            }
            assert_eq!((out.as_slice(), found), (expected, detached), "{reads:?}");
        }
    }

    #[test]
    fn what_is_held_is_released() {
        let table: [(&[u8], Duration); 5] = [
            (b"\x10", HOLD_KEY),
            (b"\x1b[112;5u", HOLD_KEY),
            (b"\x1b[112;5u\x1b[112;5:3u", HOLD_KEY),
            (b"\x1b", HOLD_ESCAPE),
            (b"\x10\x1b[11", HOLD_ESCAPE),
        ];
        for (typed, patience) in table {
            let mut scanner = Scanner::new(DetachKeys::default());
            assert_eq!(scanner.feed(typed), (vec![], false), "{typed:?}");
            assert_eq!(scanner.patience(), Some(patience), "{typed:?}");
            assert_eq!(scanner.release(), typed);
            assert_eq!(scanner.patience(), None);
        }
    }
}
