//! Rows, their budgets, and how both read.

use crate::race::Medians;
use crate::rig::Rig;
use std::fmt;

/// What a row counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Time,
    /// MiB.
    Size,
}

/// The most that `dp` may take; all that is given must hold.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Budget {
    /// In the row's unit.
    pub absolute: Option<f64>,
    /// As a part of what the fastest docker CLI takes.
    pub ratio: Option<f64>,
}

/// One piece of work.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What was done.
    pub work: &'static str,
    /// What all values count in.
    pub unit: Unit,
    /// Of `dp`.
    pub dp: f64,
    /// Of each docker CLI; none where there is nothing to compare.
    pub dockers: Vec<f64>,
    /// Of the raw API, or another floor.
    pub raw: Option<f64>,
    /// What must hold.
    pub budget: Budget,
}

/// Of a time, as a part of docker's.
pub const fn ratio(ratio: f64) -> Budget {
    Budget {
        absolute: None,
        ratio: Some(ratio),
    }
}

/// Of a time or size as such.
pub const fn absolute(absolute: f64) -> Budget {
    Budget {
        absolute: Some(absolute),
        ratio: None,
    }
}

impl Row {
    /// A row of times; `way` is which of `dp`'s lanes it is about.
    pub fn time(work: &'static str, medians: &Medians, way: usize, budget: Budget) -> Self {
        let Medians { dp, dockers, raw } = medians.clone();
        Self {
            work,
            unit: Unit::Time,
            dp: dp[way],
            dockers,
            raw,
            budget,
        }
    }

    /// A row of sizes in MiB.
    pub fn size(work: &'static str, dp: f64, dockers: Vec<f64>, budget: Budget) -> Self {
        Self {
            work,
            unit: Unit::Size,
            dp,
            dockers,
            raw: None,
            budget,
        }
    }

    /// Against the fastest docker CLI.
    fn ratio(&self) -> Option<f64> {
        self.dockers
            .iter()
            .copied()
            .min_by(f64::total_cmp)
            .map(|docker| self.dp / docker)
    }

    /// The budget is kept; `None` without one.
    pub fn held(&self) -> Option<bool> {
        let Budget { absolute, ratio } = self.budget;
        let absolute = absolute.map(|most| self.dp <= most);
        let ratio = ratio.map(|most| self.ratio().is_some_and(|ratio| ratio <= most));
        match (absolute, ratio) {
            (None, None) => None,
            both => Some(both.0.unwrap_or(true) && both.1.unwrap_or(true)),
        }
    }

    fn value(&self, value: f64) -> String {
        match self.unit {
            Unit::Time if value >= 1000.0 => format!("{:.2} s", value / 1000.0),
            Unit::Time => format!("{value:.*} ms", digits(value)),
            Unit::Size => format!("{value:.*} MiB", digits(value)),
        }
    }

    fn limit(&self) -> String {
        let absolute = self.budget.absolute.map(|most| match self.unit {
            Unit::Time => format!("{most} ms"),
            Unit::Size => format!("{most} MiB"),
        });
        let ratio = self.budget.ratio.map(|most| format!("{most:.2} x"));
        let both: Vec<String> = absolute.into_iter().chain(ratio).collect();
        both.join(" and ")
    }

    fn cells(&self, dockers: usize) -> Vec<String> {
        let value =
            |value: Option<f64>| value.map_or_else(|| "-".into(), |value| self.value(value));
        let mut cells = vec![self.work.to_string(), self.value(self.dp)];
        cells.extend((0..dockers).map(|index| value(self.dockers.get(index).copied())));
        cells.push(value(self.raw));
        cells.push(
            self.ratio()
                .map_or_else(|| "-".into(), |ratio| format!("{ratio:.2}")),
        );
        cells.push(self.limit());
        cells.push(match self.held() {
            None => "-".into(),
            Some(true) => "yes".into(),
            Some(false) => "MISSED".into(),
        });
        cells
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cells(self.dockers.len()).join(" | "))
    }
}

fn digits(value: f64) -> usize {
    match value {
        _ if value < 10.0 => 2,
        _ if value < 100.0 => 1,
        _ => 0,
    }
}

/// A whole run.
pub struct Report {
    about: Vec<(&'static str, String)>,
    dockers: Vec<String>,
    /// What was measured.
    pub rows: Vec<Row>,
    /// The machine's load at the end.
    pub load_after: String,
}

impl Report {
    /// Of a machine, with nothing measured yet.
    pub fn new(about: Vec<(&'static str, String)>, rig: &Rig) -> Self {
        let dockers = rig
            .dockers
            .iter()
            .map(|docker| format!("docker {}", docker.version))
            .collect();
        Self {
            about,
            dockers,
            rows: Vec::new(),
            load_after: String::new(),
        }
    }

    /// Lines about the machine.
    pub fn head(&self) -> String {
        self.about
            .iter()
            .fold(String::new(), |text, (what, which)| {
                text + &format!("bench: {what}: {which}\n")
            })
    }

    fn grid(&self) -> Vec<Vec<String>> {
        let mut title = vec!["work".to_string(), "dp".into()];
        title.extend(self.dockers.clone());
        title.extend(["raw", "ratio", "budget", "held?"].map(Into::into));
        let rows = self.rows.iter().map(|row| row.cells(self.dockers.len()));
        std::iter::once(title).chain(rows).collect()
    }

    /// The table as Markdown, its columns aligned for people as well.
    pub fn table(&self) -> String {
        let grid = self.grid();
        let width = |column: usize| {
            grid.iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..grid[0].len()).map(width).collect();
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let aligned = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).enumerate();
            let cells = cells.map(|(column, (cell, width))| match column {
                0 => format!("{cell:width$}"),
                _ => format!("{cell:>width$}"),
            });
            line(cells.collect())
        };
        let rules = widths
            .iter()
            .enumerate()
            .map(|(column, width)| match column {
                0 => "-".repeat(*width),
                _ => "-".repeat(width - 1) + ":",
            });
        let body: String = grid[1..].iter().map(aligned).collect();
        aligned(&grid[0]) + &line(rules.collect()) + &body
    }

    /// The file.
    pub fn markdown(&self) -> String {
        let about = self
            .about
            .iter()
            .map(|(what, which)| format!("- {what}: {which}\n"));
        format!(
            "# What dp costs\n\n`make bench` wrote this; `make bench ARGS=--check` fails when a budget is missed.\n\n\
             {}- load after: {}\n\n{}\n{NOTES}",
            about.collect::<String>(),
            self.load_after,
            self.table()
        )
    }
}

const NOTES: &str = "\
- Times are medians of samples that were taken in turn, after warming up: at least 21, for 1 GiB and for
  20,000 files 5. A sample is a whole process, from its start to its end.
- *ratio* is dp against the faster docker CLI; *raw* is the engine's API over its socket, spoken by the benchmark itself
  (for `--version`: the program `true`).
- `docker exec` and the raw exec run in the very sandbox that dp uses. `docker run` and the raw creation have the
  sandbox's image, mounts, limits and network; removing is outside of the time on every side.
- `docker run` ends when its container has ended; `dp run` ends with the agent, and its sandbox goes on. That is the
  difference a person waits for, not only a difference of the programs.
- The 500 sandboxes are containers with dp's labels and mounts that were never started; the engine's other containers
  are listed with them.
- The 500 volumes are empty homes; the engine's other volumes are listed and measured with them. `docker system df -v`
  also prints images and containers, which engine 20.10 counts for dp as well.
- The 20,000 files are small and lie in 200 directories; each sample copies them to where nothing is yet, in a sandbox
  that runs. Of `dp` it is the whole `dp run --detach` whose agent runs already, so everything else that it does counts.
- Memory is the peak of resident memory (`VmHWM`); of the guest, what is resident (`VmRSS`).
";
