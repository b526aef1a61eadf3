//! The one error that reaches a person: what happened, why, and what to do.

use crate::workspace::Report;
use serde::Serialize;

/// What kind of failure, which decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It could not be done.
    Failed,
    /// The command line is wrong.
    Usage,
    /// A file is wrong.
    File,
    /// It was refused: in use, differs, name taken, needs approval.
    Refused,
    /// There is no such thing.
    NotFound,
    /// The engine does not answer.
    Unreachable,
    /// A defect of ours.
    Bug,
    /// Somebody pressed Ctrl-C.
    Interrupted,
}

impl Kind {
    /// The exit code.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::File => 3,
            Self::Refused => 4,
            Self::NotFound => 5,
            Self::Unreachable => 6,
            Self::Bug => 70,
            Self::Interrupted => 130,
        }
    }
}

/// A failure, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Error {
    #[serde(skip)]
    kind: Kind,
    /// Stable, for programs.
    pub(super) code: &'static str,
    /// One line, lower case, names the thing in backticks.
    pub(super) message: String,
    /// The system's or the engine's words.
    pub(super) cause: Option<Box<str>>,
    /// Commands to paste or files to edit.
    #[serde(rename = "hint", serialize_with = "joined")]
    pub(super) hints: Vec<String>,
    /// Lines that belong to it: differences, the end of a log.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) details: Vec<String>,
    /// Everything that is wrong with a file; shown in place of the message.
    #[serde(rename = "mistakes", skip_serializing_if = "Option::is_none")]
    pub(super) report: Option<Box<Report>>,
    #[serde(skip)]
    exit_code: Option<u8>,
}

fn joined<S: serde::Serializer>(hints: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    if hints.is_empty() {
        return serializer.serialize_none();
    }
    serializer.serialize_str(&hints.join("; "))
}

/// Without what only a terminal or a programmer reads: colours, control characters, the number
/// that Rust adds to the system's words.
fn plain(text: &str) -> String {
    still(text.split(" (os error ").next().unwrap_or_default())
}

/// Without colours and control characters; nothing else is left out.
fn still(text: &str) -> String {
    let text = console::strip_ansi_codes(text);
    text.chars()
        .filter(|c| !c.is_control() || *c == '\t')
        .collect()
}

impl Error {
    /// A failure of this kind.
    #[must_use]
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            code,
            message: message.into(),
            cause: None,
            hints: Vec::new(),
            details: Vec::new(),
            report: None,
            exit_code: None,
        }
    }

    /// It could not be done.
    #[must_use]
    pub fn failed(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Failed, code, message)
    }

    /// The command line is wrong.
    #[must_use]
    pub fn usage(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, code, message)
    }

    /// It was refused.
    #[must_use]
    pub fn refused(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, code, message)
    }

    /// Somebody said no; `left` says how things are.
    #[must_use]
    pub fn unconfirmed(left: &str) -> Self {
        Self::refused("unconfirmed", format!("not confirmed: {left}"))
    }

    /// There is no such thing.
    #[must_use]
    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, code, message)
    }

    /// Adds the cause; an empty one is none.
    #[must_use]
    pub fn cause(mut self, cause: impl std::fmt::Display) -> Self {
        let cause = plain(&format!("{cause}"));
        self.cause = (!cause.is_empty()).then(|| cause.into());
        self
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds lines that belong to it.
    #[must_use]
    pub fn details(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.details
            .extend(lines.into_iter().map(|line| still(&line)));
        self
    }

    /// Adds everything that is wrong with a file.
    #[must_use]
    pub fn report(mut self, report: Box<Report>) -> Self {
        self.report = Some(report);
        self
    }

    /// Names the agent that it is about.
    #[must_use]
    pub fn of_agent(mut self, name: &str) -> Self {
        self.message = format!("the agent `{name}` cannot be started: {}", self.message);
        self
    }

    /// Exits with this code whatever the kind.
    #[must_use]
    pub fn exiting(mut self, code: u8) -> Self {
        self.exit_code = Some(code);
        self
    }

    /// In commands whose exit code is the agent's, ours is 125, as docker's is.
    #[must_use]
    pub fn of_session(self) -> Self {
        match self.exit_code {
            Some(_) => self,
            None => self.exiting(125),
        }
    }

    /// What happened and why, for a warning.
    #[must_use]
    pub fn in_one_line(&self) -> String {
        let cause = self.cause.iter().map(|cause| format!(": {cause}"));
        self.message.clone() + &cause.collect::<String>()
    }

    /// What the process exits with.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        self.exit_code.unwrap_or(self.kind.exit_code())
    }
}
