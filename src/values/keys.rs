//! Sequences of keys, such as `ctrl-p,ctrl-q`, and what terminals send for them.
//!
//! A terminal may send a control key as one byte or, when the agent asked for it, as an escape
//! sequence, and then perhaps another one when the key is let go; all are known.

use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// What is used where nobody says otherwise.
pub const USUAL: &str = "ctrl-p,ctrl-q";

/// A sequence of keys, such as `ctrl-p,ctrl-q`; in files it is text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DetachKeys {
    text: String,
    keys: Vec<Key>,
}

/// One key: what a terminal may send when it is pressed, and what it sends besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// One of these is sent when it is pressed.
    pub pressed: Vec<Vec<u8>>,
    /// Held down, or let go.
    pub after: Vec<Vec<u8>>,
}

/// A text that is no sequence of keys.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a sequence of keys such as `ctrl-p,ctrl-q`")]
pub struct KeysError(String);

impl DetachKeys {
    /// In the order in which they are pressed; never empty.
    #[must_use]
    pub fn all(&self) -> &[Key] {
        &self.keys
    }
}

impl Default for DetachKeys {
    fn default() -> Self {
        USUAL.parse().expect("these are two keys")
    }
}

impl FromStr for DetachKeys {
    type Err = KeysError;

    fn from_str(text: &str) -> Result<Self, KeysError> {
        let keys = text.split(',').map(|key| Key::parse(key.trim()));
        let keys: Option<Vec<Key>> = keys.collect();
        let text = text.to_string();
        match keys {
            Some(keys) => Ok(Self { text, keys }),
            None => Err(KeysError(text)),
        }
    }
}

impl TryFrom<String> for DetachKeys {
    type Error = KeysError;

    fn try_from(text: String) -> Result<Self, KeysError> {
        text.parse()
    }
}

impl From<DetachKeys> for String {
    fn from(keys: DetachKeys) -> Self {
        keys.text
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for good in ["ctrl-a", "ctrl-p,ctrl-q", "ctrl-],x", "a,b,c"] {
            let keys = good.parse::<DetachKeys>().expect(good);
            assert_eq!(keys.all().len(), good.split(',').count());
            assert_eq!(String::from(keys), good);
        }
        for bad in ["", "ctrl-", "ctrl-pp", "alt-x", "ctrl-p,,"] {
            assert!(bad.parse::<DetachKeys>().is_err(), "{bad}");
        }
    }
}
