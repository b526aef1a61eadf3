//! Lines for people. A line is written as one, and whatever comes among its words stays in it: a line
//! break, a colour or a move of the cursor that a text brings along is shown and not obeyed.

use crate::terminal::words;
use crate::values::text::folded;
use crate::workspace::Report;
use console::Term;
use std::fmt;
use std::io;

/// The colours that we use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Tone {
    Plain,
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
    Cyan,
    /// A colour without weight.
    LightRed,
    LightYellow,
}

impl Tone {
    fn sequence(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "\u{1b}[1m",
            Self::Dim => "\u{1b}[2m",
            Self::Red => "\u{1b}[31m\u{1b}[1m",
            Self::Green => "\u{1b}[32m",
            Self::Yellow => "\u{1b}[33m\u{1b}[1m",
            Self::Cyan => "\u{1b}[36m\u{1b}[1m",
            Self::LightRed => "\u{1b}[31m",
            Self::LightYellow => "\u{1b}[33m",
        }
    }
}

/// Lines on their way to a person.
pub(in crate::cli) struct Page {
    text: String,
    is_coloured: bool,
    width: usize,
    /// The terminal's columns, where it is one.
    columns: Option<usize>,
}

/// A line that is longer than the terminal goes on behind so many columns: words of others in it never
/// stand where a line of ours begins.
const MARGIN: usize = 8;

impl Page {
    /// For this terminal, or what stands in its place.
    pub(super) fn of(term: &Term, is_coloured: bool) -> Self {
        let size = term.size_checked();
        Self {
            text: String::new(),
            is_coloured,
            width: size.map_or(100, |(_, columns)| columns.into()),
            columns: term.is_term().then(|| term.size().1.into()),
        }
    }

    /// For nobody in particular.
    #[cfg(test)]
    pub(in crate::cli) fn plain() -> Self {
        Self {
            text: String::new(),
            is_coloured: false,
            width: 100,
            columns: None,
        }
    }

    /// A line.
    pub(in crate::cli) fn line(&mut self, text: &str) {
        self.push(&words::line(text));
    }

    /// A line of pieces in these tones.
    pub(in crate::cli) fn toned(&mut self, pieces: &[(Tone, &str)]) {
        let mut line = String::new();
        for (tone, text) in pieces {
            let is_toned = self.is_coloured && *tone != Tone::Plain;
            if is_toned {
                line += tone.sequence();
            }
            line += &words::line(text);
            if is_toned {
                line += "\u{1b}[0m";
            }
        }
        self.push(&line);
    }

    /// Writes a line that is clean, in as many as the terminal needs.
    fn push(&mut self, line: &str) {
        match self.columns {
            Some(columns) => self.text += &folded(line, columns, MARGIN.min(columns / 2)),
            None => self.text += line,
        }
        self.text.push('\n');
    }

    /// Everything that is wrong with a file.
    pub(in crate::cli) fn report(&mut self, report: &Report) {
        let rendered = self.rendered(report);
        rendered.lines().for_each(|line| self.push(line));
    }

    /// The same, as lines behind this indent.
    pub(in crate::cli) fn report_below(&mut self, indent: &str, report: &Report) {
        for line in self.rendered(report).lines() {
            self.push(format!("{indent}{line}").trim_end());
        }
    }

    fn rendered(&self, report: &Report) -> String {
        words::coloured(&report.render(self.is_coloured, self.width))
    }

    /// `writeln!` writes a line.
    #[expect(clippy::unnecessary_wraps, reason = "`writeln!` wants it so")]
    pub(in crate::cli) fn write_fmt(&mut self, words: fmt::Arguments<'_>) -> io::Result<()> {
        let text = words.to_string();
        self.line(text.strip_suffix('\n').unwrap_or(&text));
        Ok(())
    }

    pub(in crate::cli) fn into_text(self) -> String {
        self.text
    }
}
