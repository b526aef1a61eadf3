//! The keys that leave a session, found in what the person types.
//!
//! A terminal may send a control key as one byte or, when the agent asked for it, as an escape
//! sequence, and then perhaps another one when the key is let go; all are known.

use std::str::FromStr;
use std::time::Duration;

/// How long an unfinished sequence of keys is held back before it goes to the agent.
const HOLD_KEY: Duration = Duration::from_millis(500);
/// How long the beginning of an escape sequence is held back: a terminal sends it in a piece.
const HOLD_ESCAPE: Duration = Duration::from_millis(10);

/// A sequence of keys, such as `ctrl-p,ctrl-q`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetachKeys(Vec<Key>);

/// One key: what a terminal may send when it is pressed, and what it sends besides.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    pressed: Vec<Vec<u8>>,
    /// Held down, or let go.
    after: Vec<Vec<u8>>,
}

/// A text that is no sequence of keys.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a sequence of keys such as `ctrl-p,ctrl-q`")]
pub struct KeysError(String);

impl Default for DetachKeys {
    fn default() -> Self {
        "ctrl-p,ctrl-q".parse().expect("these are two keys")
    }
}

impl FromStr for DetachKeys {
    type Err = KeysError;

    fn from_str(text: &str) -> Result<Self, KeysError> {
        let keys = text.split(',').map(|key| Key::parse(key.trim()));
        let keys: Option<Vec<Key>> = keys.collect();
        keys.map(Self).ok_or_else(|| KeysError(text.to_string()))
    }
}

impl Key {
    fn parse(key: &str) -> Option<Self> {
        let single = |text: &str| {
            let mut bytes = text.bytes();
            bytes
                .next()
                .filter(|byte| bytes.next().is_none() && byte.is_ascii_graphic())
        };
        let Some(letter) = key.strip_prefix("ctrl-") else {
            return Some(Self {
                pressed: vec![vec![single(key)?]],
                after: Vec::new(),
            });
        };
        let letter = single(letter)?.to_ascii_lowercase();
        let is_control = letter.is_ascii_lowercase() || b"@[\\]^_".contains(&letter);
        is_control.then(|| Self::control(letter))
    }

    /// As the byte of old, in xterm's `modifyOtherKeys`, and in kitty's protocol, whose modifiers
    /// may say that a lock is on (64, 128) and whose events are 1 pressed, 2 held, 3 let go.
    fn control(letter: u8) -> Self {
        let mut pressed = vec![vec![letter & 0x1f], format!("\x1b[27;5;{letter}~").into()];
        let mut after = Vec::new();
        for modifiers in [5, 69, 133, 197] {
            let event = |form: &str| format!("\x1b[{letter};{modifiers}{form}u").into_bytes();
            pressed.extend([event(""), event(":1")]);
            after.extend([event(":2"), event(":3")]);
        }
        Self { pressed, after }
    }
}

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
                match compare(&self.keys.0, None, &self.held) {
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
        match compare(&self.keys.0, None, &self.held) {
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

    #[test]
    fn forms() {
        for good in ["ctrl-a", "ctrl-p,ctrl-q", "ctrl-],x", "a,b,c"] {
            assert!(good.parse::<DetachKeys>().is_ok(), "{good}");
        }
        for bad in ["", "ctrl-", "ctrl-pp", "alt-x", "ctrl-p,,"] {
            assert!(bad.parse::<DetachKeys>().is_err(), "{bad}");
        }
    }
}
