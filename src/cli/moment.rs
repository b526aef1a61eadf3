//! Points in time, as a person thinks of them: `3 hours ago`, `in 5 days`.

use jiff::Timestamp;

/// Less is no time at all.
const NOW: i64 = 5;
/// From how many seconds on a unit is used, what it is called, and how many seconds it has.
const UNITS: [(i64, &str, i64); 6] = [
    (2 * 365 * 86_400, "years", 365 * 86_400),
    (60 * 86_400, "months", 30 * 86_400),
    (14 * 86_400, "weeks", 7 * 86_400),
    (48 * 3600, "days", 86_400),
    (120 * 60, "hours", 3600),
    (120, "minutes", 60),
];

/// How far `then` is from `now`, rounded down.
pub(super) fn words(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs();
    let distance = seconds.abs();
    if distance < NOW {
        return "now".into();
    }
    let unit = UNITS.iter().find(|(from, ..)| distance >= *from);
    let (name, length) = unit.map_or(("seconds", 1), |(_, name, length)| (name, *length));
    let count = distance / length;
    if seconds > 0 {
        format!("{count} {name} ago")
    } else {
        format!("in {count} {name}")
    }
}

/// `-` for what is not known.
pub(super) fn cell(then: Option<Timestamp>, now: Timestamp) -> String {
    then.map_or_else(|| "-".to_string(), |then| words(then, now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn distances() {
        const DAY: i64 = 86_400;
        let table = [
            (0, "now"),
            (4, "now"),
            (5, "5 seconds ago"),
            (119, "119 seconds ago"),
            (120, "2 minutes ago"),
            (7199, "119 minutes ago"),
            (7200, "2 hours ago"),
            (2 * DAY - 1, "47 hours ago"),
            (2 * DAY, "2 days ago"),
            (13 * DAY, "13 days ago"),
            (14 * DAY, "2 weeks ago"),
            (60 * DAY, "2 months ago"),
            (729 * DAY, "24 months ago"),
            (730 * DAY, "2 years ago"),
            (-3, "now"),
            (-3 * DAY, "in 3 days"),
        ];
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().expect("a time");
        for (seconds, expected) in table {
            let then = now - SignedDuration::from_secs(seconds);
            assert_eq!(words(then, now), expected);
        }
        assert_eq!(cell(None, now), "-");
    }
}
