//! Lists: a table for people, an array for programs, and nothing but identifiers with `-q`. Knows
//! nothing of what is listed.

use super::output::{Answer, table};
use clap::Args;
use serde::{Serialize, Serializer};
use std::io::{self, Write};

/// `-q`, the same in every list.
#[derive(Debug, Args)]
pub(super) struct Quiet {
    /// Print names only: one a line, or with `--format json` an array of strings
    #[arg(short, long)]
    quiet: bool,
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
    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.is_quiet {
            return self
                .identifiers()
                .try_for_each(|name| writeln!(out, "{name}"));
        }
        table(out, T::HEAD, self.rows.iter().map(Row::cells).collect())
    }
}

/// A cell that may be empty.
pub(super) fn dash(text: Option<&str>) -> String {
    text.unwrap_or("-").to_string()
}
