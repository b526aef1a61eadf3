//! Ages, as a person writes them: `30d`.

use super::UnitError;
use jiff::SignedDuration;
use std::str::FromStr;

/// Seconds of a unit.
const UNITS: [(char, i64); 5] = [
    ('w', 7 * 24 * 3600),
    ('d', 24 * 3600),
    ('h', 3600),
    ('m', 60),
    ('s', 1),
];

/// How old something is: a whole number of weeks, days of 24 hours, hours, minutes or seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age(SignedDuration);

impl Age {
    /// As long a time.
    #[must_use]
    pub fn duration(self) -> SignedDuration {
        self.0
    }
}

impl FromStr for Age {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let parse = || {
            let unit = text.chars().last()?;
            let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
            let number = &text[..text.len() - unit.len_utf8()];
            let number: u32 = number.parse().ok().filter(|_| !number.starts_with('+'))?;
            Some(SignedDuration::from_secs(seconds * i64::from(number)))
        };
        parse().map(Self).ok_or_else(|| UnitError {
            given: text.to_string(),
            expected: "an age such as `30d` or `12h`",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_one_number_and_one_unit() {
        let table = [
            ("30d", Some(30 * 86_400)),
            ("12h", Some(43_200)),
            ("2w", Some(1_209_600)),
            ("5m", Some(300)),
            ("0s", Some(0)),
            ("4294967295w", Some(4_294_967_295 * 604_800)),
            ("4294967296w", None),
            ("30", None),
            ("d", None),
            ("", None),
            ("-1d", None),
            ("+1d", None),
            ("1d12h", None),
            ("1.5d", None),
            ("30 d", None),
            ("3ü", None),
        ];
        for (text, expected) in table {
            let age = text.parse::<Age>().ok();
            assert_eq!(age.map(|age| age.duration().as_secs()), expected, "{text}");
        }
    }
}
