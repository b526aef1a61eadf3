//! The keys that leave a session, found in what the person types.
//!
//! A terminal may send a control key as one byte or, when the agent asked for it, as an escape
//! sequence; both are known.

use std::str::FromStr;
use std::time::Duration;

/// How long an unfinished sequence is held back before it goes to the agent.
const HOLD_KEY: Duration = Duration::from_millis(500);
const HOLD_ESCAPE: Duration = Duration::from_millis(10);

/// A sequence of keys, such as `ctrl-p,ctrl-q`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetachKeys(Vec<Vec<u8>>);

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
        let mut sequences: Vec<Vec<u8>> = vec![Vec::new()];
        for key in text.split(',') {
            let encodings = encodings(key.trim()).ok_or_else(|| KeysError(text.to_string()))?;
            sequences = sequences
                .iter()
                .flat_map(|before| {
                    encodings
                        .iter()
                        .map(|key| [before.as_slice(), key].concat())
                })
                .collect();
            if sequences.len() > 64 {
                return Err(KeysError(text.to_string()));
            }
        }
        Ok(Self(sequences))
    }
}

fn encodings(key: &str) -> Option<Vec<Vec<u8>>> {
    let single = |text: &str| {
        let mut bytes = text.bytes();
        bytes
            .next()
            .filter(|byte| bytes.next().is_none() && byte.is_ascii_graphic())
    };
    match key.strip_prefix("ctrl-") {
        None => Some(vec![vec![single(key)?]]),
        Some(letter) => {
            let letter = single(letter)?.to_ascii_lowercase();
            let is_control = letter.is_ascii_lowercase() || b"@[\\]^_".contains(&letter);
            let byte = letter & 0x1f;
            is_control.then(|| vec![vec![byte], format!("\x1b[{letter};5u").into_bytes()])
        }
    }
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
                let sequences = &self.keys.0;
                if sequences.contains(&self.held) {
                    self.held.clear();
                    return (out, true);
                }
                if sequences.iter().any(|keys| keys.starts_with(&self.held)) {
                    break;
                }
                out.push(self.held.remove(0));
            }
        }
        (out, false)
    }

    /// How long to wait for more before [`Scanner::release`]; nothing is held without.
    pub(super) fn patience(&self) -> Option<Duration> {
        match self.held.first()? {
            0x1b => Some(HOLD_ESCAPE),
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
        let cases: [Case; 6] = [
            (&[b"abc"], b"abc", false),
            (&[b"a\x10\x11b"], b"a", true),
            (&[b"\x10", b"\x11"], b"", true),
            (&[b"\x10", b"x\x10", b"\x10\x11"], b"\x10x\x10", true),
            (&[b"\x1b[112;5u\x11"], b"", true),
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
        let mut scanner = Scanner::new(DetachKeys::default());
        assert_eq!(scanner.feed(b"\x10"), (vec![], false));
        assert_eq!(scanner.patience(), Some(HOLD_KEY));
        assert_eq!(scanner.release(), b"\x10");
        assert_eq!(scanner.patience(), None);
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
