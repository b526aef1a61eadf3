//! Times as programs read them: RFC 3339, in UTC.

use serde::Serializer;

/// Seconds since 1970 as text; a number that is no time is none.
#[must_use]
pub fn rfc3339(seconds: i64) -> Option<String> {
    let time = jiff::Timestamp::from_second(seconds).ok()?;
    Some(time.to_string())
}

/// Writes seconds since 1970 as text.
///
/// # Errors
/// The serializer's.
pub fn serialize<S: Serializer>(seconds: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    match rfc3339(*seconds) {
        Some(text) => serializer.serialize_str(&text),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn seconds_as_text() {
        let table = [
            (0, Some("1970-01-01T00:00:00Z")),
            (1_763_703_000, Some("2025-11-21T05:30:00Z")),
            (i64::MAX, None),
        ];
        for (seconds, expected) in table {
            assert_eq!(rfc3339(seconds).as_deref(), expected);
        }
    }
}
