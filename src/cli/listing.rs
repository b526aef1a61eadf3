//! Lists: a table for people, an array for programs, and nothing but identifiers with `-q`. Knows
//! nothing of what is listed.

use super::output::{Answer, Page, table};
use clap::Args;
use serde::{Serialize, Serializer};
use std::io;

/// `-q`, the same in every list.
#[derive(Debug, Args)]
pub(super) struct Quiet {
    /// Print names only: one a line, or with `--format json` an array of strings
    #[arg(short, long)]
    quiet: bool,
}

impl Quiet {
    /// Nothing but names is asked for.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }
}

/// One thing of a list.
pub(super) trait Row: Serialize {
    /// The titles of the columns.
    const HEAD: &'static [&'static str];
    /// What other commands know it by.
    fn identifier(&self) -> &str;
    /// A text for each column.
    fn cells(&self) -> Vec<String>;
}

/// What a list answers.
pub(super) struct Listing<T> {
    rows: Vec<T>,
    is_quiet: bool,
}

impl<T: Row> Listing<T> {
    pub(super) fn new(rows: Vec<T>, quiet: &Quiet) -> Self {
        Self {
            rows,
            is_quiet: quiet.quiet,
        }
    }

    fn identifiers(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(Row::identifier)
    }
}

impl<T: Row> Serialize for Listing<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_quiet {
            serializer.collect_seq(self.identifiers())
        } else {
            serializer.collect_seq(&self.rows)
        }
    }
}

impl<T: Row> Answer for Listing<T> {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        if self.is_quiet {
            return self
                .identifiers()
                .try_for_each(|name| writeln!(out, "{name}"));
        }
        table(out, T::HEAD, self.rows.iter().map(Row::cells).collect())
    }
}

/// Bytes in Docker's units, to two digits or more, rounded down: `4k`, `1.5g`, `193m`.
pub(super) fn size(bytes: u64) -> String {
    let units = [("t", 40), ("g", 30), ("m", 20), ("k", 10)];
    let Some((unit, shift)) = units.into_iter().find(|(_, shift)| bytes >> shift > 0) else {
        return format!("{bytes}b");
    };
    let tenths = (u128::from(bytes) * 10) >> shift;
    match (tenths / 10, tenths % 10) {
        (whole, part @ 1..) if whole < 10 => format!("{whole}.{part}{unit}"),
        (whole, _) => format!("{whole}{unit}"),
    }
}

/// A cell that may be empty.
pub(super) fn dash(text: Option<&str>) -> String {
    text.unwrap_or("-").to_string()
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_rounded_to_what_a_person_compares() {
        let table = [
            (0, "0b"),
            (1023, "1023b"),
            (1024, "1k"),
            (4096, "4k"),
            (1536, "1.5k"),
            (10 * 1024 + 1023, "10k"),
            (193 << 20, "193m"),
            ((1 << 30) - 1, "1023m"),
            (3 << 29, "1.5g"),
            (5 << 40, "5t"),
            (u64::MAX, "16777215t"),
        ];
        for (bytes, expected) in table {
            assert_eq!(size(bytes), expected);
        }
    }
}
