//! Sizes and shares in Docker's units.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A number of bytes: `512m` is 536,870,912.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Memory(u64);

/// A number of CPUs in billionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cpus(i64);

/// A text that is no quantity.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{given}` is not {expected}")]
pub struct UnitError {
    /// As given.
    pub given: String,
    /// What it should look like.
    pub expected: &'static str,
}

const UNITS: [(&str, u64); 5] = [
    ("t", 1 << 40),
    ("g", 1 << 30),
    ("m", 1 << 20),
    ("k", 1 << 10),
    ("b", 1),
];

/// The least limit of memory that an engine takes.
const LEAST: Memory = Memory(6 << 20);

impl Memory {
    /// So many bytes.
    #[must_use]
    pub const fn bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// A limit of a container's memory: no engine takes one below 6 MiB.
    ///
    /// # Errors
    /// [`UnitError`].
    pub fn limit(text: &str) -> Result<Self, UnitError> {
        let memory: Self = text.parse()?;
        if memory < LEAST {
            return Err(UnitError {
                given: text.to_string(),
                expected: "a limit of memory: engines take no less than `6m`",
            });
        }
        Ok(memory)
    }

    /// As the engine's API wants it.
    #[must_use]
    pub fn to_api(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }
}

impl FromStr for Memory {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let error = || UnitError {
            given: text.to_string(),
            expected: "a size such as `512m` or `8g`",
        };
        let lower = text.trim().to_ascii_lowercase();
        let number = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match &lower[number.len()..] {
            "" => "b",
            unit if unit.len() == 2 && unit.ends_with('b') => &unit[..1],
            unit if unit.len() == 3 && unit.ends_with("ib") => &unit[..1],
            unit => unit,
        };
        let factor = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .map(|(_, factor)| *factor);
        let factor = factor.ok_or_else(error)?;
        let (whole, fraction) = number.trim().split_once('.').unwrap_or((number.trim(), ""));
        let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit()) && text.len() <= 18;
        if whole.is_empty() || !digits(whole) || !digits(fraction) {
            return Err(error());
        }
        let whole: u64 = whole.parse().map_err(|_| error())?;
        let mut bytes = whole.checked_mul(factor).ok_or_else(error)?;
        if !fraction.is_empty() {
            let part: u128 = fraction.parse().map_err(|_| error())?;
            let exponent = u32::try_from(fraction.len()).map_err(|_| error())?;
            let part = part * u128::from(factor) / 10u128.pow(exponent);
            bytes += u64::try_from(part).map_err(|_| error())?;
        }
        if bytes == 0 || i64::try_from(bytes).is_err() {
            return Err(error());
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fitting = UNITS
            .iter()
            .find(|(_, factor)| self.0.is_multiple_of(*factor));
        let (name, factor) = fitting.copied().unwrap_or(("b", 1));
        write!(f, "{}{name}", self.0 / factor)
    }
}

impl Cpus {
    /// Billionths of a CPU.
    #[must_use]
    pub fn nano(self) -> i64 {
        self.0
    }
}

impl FromStr for Cpus {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let error = || UnitError {
            given: text.to_string(),
            expected: "a number of CPUs such as `2` or `1.5`",
        };
        let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
        let is_digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        if whole.len() > 6 || whole.is_empty() || fraction.len() > 9 {
            return Err(error());
        }
        if !is_digits(whole) || !is_digits(fraction) {
            return Err(error());
        }
        let nano: i64 = format!("{whole}{fraction:0<9}")
            .parse()
            .map_err(|_| error())?;
        if nano == 0 {
            Err(error())
        } else {
            Ok(Self(nano))
        }
    }
}

impl fmt::Display for Cpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, nano) = (self.0 / 1_000_000_000, self.0 % 1_000_000_000);
        let text = format!("{whole}.{nano:09}");
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_in_powers_of_two() {
        let table = [
            ("512m", Some(536_870_912)),
            ("8g", Some(8 << 30)),
            ("1.5G", Some(3 << 29)),
            ("10MiB", Some(10 << 20)),
            ("4kb", Some(4096)),
            ("1048576", Some(1 << 20)),
            ("0", None),
            ("", None),
            ("g", None),
            ("-1g", None),
            ("1x", None),
            ("1.2.3g", None),
            ("99999999999t", None),
        ];
        for (text, expected) in table {
            assert_eq!(text.parse::<Memory>().ok().map(|m| m.0), expected, "{text}");
        }
        assert_eq!(Memory(3 << 29).to_string(), "1536m");
        assert_eq!(Memory::limit("6m"), Ok(LEAST));
        for small in ["1b", "6291455", "5m"] {
            assert!(Memory::limit(small).is_err(), "{small}");
        }
    }

    #[test]
    fn cpus_have_nine_digits() {
        let table = [
            ("4", Some("4")),
            ("0.5", Some("0.5")),
            ("1.25", Some("1.25")),
            ("0", None),
            ("-1", None),
            ("x", None),
            ("", None),
        ];
        for (text, expected) in table {
            let got = text.parse::<Cpus>().ok().map(|cpus| cpus.to_string());
            assert_eq!(got.as_deref(), expected, "{text}");
        }
        assert_eq!("1.5".parse::<Cpus>().map(Cpus::nano), Ok(1_500_000_000));
    }
}
