//! Lines for people. A line is written as one, and whatever comes among its words stays in it: a line
//! break, a colour or a move of the cursor that a text brings along is shown and not obeyed.

use crate::terminal::words;
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
}

impl Page {
    /// For this terminal, or what stands in its place.
    pub(super) fn of(term: &Term, is_coloured: bool) -> Self {
        let size = term.size_checked();
        Self {
            text: String::new(),
            is_coloured,
            width: size.map_or(100, |(_, columns)| columns.into()),
        }
    }

    /// For nobody in particular.
    #[cfg(test)]
    pub(in crate::cli) fn plain() -> Self {
        Self {
            text: String::new(),
            is_coloured: false,
            width: 100,
        }
    }

    /// A line.
    pub(in crate::cli) fn line(&mut self, text: &str) {
        self.text += &words::line(text);
        self.text.push('\n');
    }

    /// A line of pieces in these tones.
    pub(in crate::cli) fn toned(&mut self, pieces: &[(Tone, &str)]) {
        for (tone, text) in pieces {
            let is_toned = self.is_coloured && *tone != Tone::Plain;
            if is_toned {
                self.text += tone.sequence();
            }
            self.text += &words::line(text);
            if is_toned {
                self.text += "\u{1b}[0m";
            }
        }
        self.text.push('\n');
    }

    /// Everything that is wrong with a file.
    pub(in crate::cli) fn report(&mut self, report: &Report) {
        self.text += &self.rendered(report);
    }

    /// The same, as lines behind this indent.
    pub(in crate::cli) fn report_below(&mut self, indent: &str, report: &Report) {
        for line in self.rendered(report).lines() {
            self.text += format!("{indent}{line}").trim_end();
            self.text.push('\n');
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
