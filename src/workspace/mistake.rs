//! What is wrong with a file, and all of it together.

use super::place::{Place, Position};
use super::source::Source;
use crate::values::text::{is_deceptive, quoted_path, without_gaps};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

/// So many are reported; the others are counted.
const REPORTED: usize = 100;
/// So many are looked at before the first of them are chosen.
const COLLECTED: usize = 10_000;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// It can, but does something else than it seems to say.
    Warning,
}

/// One mistake; no value that may be secret is part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mistake {
    /// How bad it is.
    pub severity: Severity,
    /// One line, lower case.
    pub message: String,
    /// Where it is.
    pub place: Place,
    /// What stands there, or what is wrong with it; may be empty.
    pub label: String,
    /// What to do.
    pub hints: Vec<String>,
}

impl Mistake {
    /// The file cannot be used for this.
    #[must_use]
    pub fn error(place: Place, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            message: plain(&message.into()),
            place,
            label: String::new(),
            hints: Vec::new(),
        }
    }

    /// The file can be used in spite of this.
    #[must_use]
    pub fn warning(place: Place, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(place, message)
        }
    }

    /// Says what stands at the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = plain(&label.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(plain(&hint.into()));
        self
    }

    /// Asks whether something else was meant, if there is such a thing.
    #[must_use]
    pub fn meant(self, near: Option<&str>) -> Self {
        match near {
            Some(near) => self.hint(format!("did you mean `{near}`?")),
            None => self,
        }
    }
}

/// In one line that moves no terminal and has no gap.
fn plain(text: &str) -> String {
    let visible = |c: char| if is_deceptive(c) { '\u{fffd}' } else { c };
    let text: String = text.chars().take(300).map(visible).collect();
    without_gaps(&text, 1)
}

/// Of `known`, what `given` may have been meant to be.
pub(super) fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if given.len() > 100 {
        return None;
    }
    known
        .map(|name| (strsim::damerau_levenshtein(name, given), name))
        .filter(|(distance, name)| *distance <= name.len().max(given.len()) / 3)
        .min()
        .map(|(_, name)| name)
}

/// Mistakes as they are found, in any order and maybe more than once.
#[derive(Debug, Default)]
pub(super) struct Mistakes {
    found: Vec<Mistake>,
    more: usize,
}

impl Mistakes {
    /// Few enough to spend time on hints.
    pub(super) fn is_short(&self) -> bool {
        self.found.len() < REPORTED
    }

    pub(super) fn add(&mut self, mistake: Mistake) {
        if self.found.len() < COLLECTED {
            self.found.push(mistake);
        } else {
            self.more += 1;
        }
    }

    /// Keeps those that `is_kept` says.
    pub(super) fn retain(&mut self, is_kept: impl FnMut(&Mistake) -> bool) {
        self.found.retain(is_kept);
    }

    /// Adds others.
    pub(super) fn append(&mut self, others: Self) {
        self.more += others.more;
        others
            .found
            .into_iter()
            .for_each(|mistake| self.add(mistake));
    }

    /// In the order of the file, each of them once.
    pub(super) fn report(mut self, source: Arc<Source>) -> Report {
        let mut seen = HashSet::new();
        self.found.retain(|mistake| seen.insert(mistake.clone()));
        self.found.sort_by_key(|mistake| mistake.place);
        let more = self.more + self.found.len().saturating_sub(REPORTED);
        let has_errors = { self.found.iter() }.any(|m| m.severity == Severity::Error);
        self.found.truncate(REPORTED);
        Report {
            source,
            mistakes: self.found,
            more,
            has_errors,
        }
    }
}

/// Everything that was found wrong with one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The file.
    pub source: Arc<Source>,
    /// In the order of the file, at most 100.
    pub mistakes: Vec<Mistake>,
    /// So many more there are.
    pub more: usize,
    has_errors: bool,
}

impl Report {
    /// The file cannot be used.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.has_errors
    }

    /// The same of a file that was reached by a link. Whoever made the link chose the file, which may be
    /// any one of the person's, such as a key: nothing of its text is left, and no word that was made of
    /// it.
    #[must_use]
    pub fn of_linked(self, target: &Path) -> Self {
        if self.mistakes.is_empty() {
            return self;
        }
        let name = &self.source.name;
        let target = quoted_path(target);
        let mistake = if self.has_errors {
            let message = format!("there are mistakes in `{name}`, which is a link to {target}");
            Mistake::error(Place::default(), message)
        } else {
            let message = format!("there are warnings of `{name}`, which is a link to {target}");
            Mistake::warning(Place::default(), message)
        };
        let hint = "nothing of that file is shown, because it may be no workspace file: look at it yourself";
        Self {
            source: Arc::new(Source::new(name, "")),
            mistakes: vec![mistake.hint(hint)],
            more: 0,
            has_errors: self.has_errors,
        }
    }

    /// How many mistakes of this severity are reported.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let same = { self.mistakes.iter() }.filter(|mistake| mistake.severity == severity);
        same.count()
    }
}

/// A list of `{severity, message, file, line, column, label, hints}`.
impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.mistakes.iter().map(|mistake| Located(self, mistake)))
    }
}

struct Located<'a>(&'a Report, &'a Mistake);

impl Serialize for Located<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report, mistake) = self;
        let Position { line, column } = report.source.position(mistake.place);
        let mut out = serializer.serialize_struct("Mistake", 7)?;
        out.serialize_field("severity", &mistake.severity)?;
        out.serialize_field("message", &mistake.message)?;
        out.serialize_field("file", &report.source.name)?;
        out.serialize_field("line", &line)?;
        out.serialize_field("column", &column)?;
        out.serialize_field("label", &mistake.label)?;
        out.serialize_field("hints", &mistake.hints)?;
        out.end()
    }
}
