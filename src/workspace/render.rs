//! Mistakes for people: what, where, the line and a caret, in one form for YAML, TOML and our own
//! checks.

use super::mistake::{Mistake, Report, Severity};
use super::place::Place;
use super::source::Source;
use crate::terminal::words;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::fmt::Write;
use std::ops::Range;

/// The longest line that is shown, in bytes; of a longer one only the place is told.
const LONGEST: usize = 2000;

impl Report {
    /// All of it, with a newline at the end when there is any; `width` in columns.
    #[must_use]
    pub fn render(&self, is_coloured: bool, width: usize) -> String {
        let renderer = if is_coloured {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let renderer = renderer.term_width(width);
        let mut out = String::new();
        for mistake in &self.mistakes {
            let text = renderer.render(&[group(&self.source, mistake)]);
            for line in text.lines() {
                // Writing to a String cannot fail.
                let _ok = writeln!(out, "{}", line.trim_end());
            }
            out.push('\n');
        }
        if self.more > 0 {
            let _ok = writeln!(out, "and {} more\n", self.more);
        }
        out.truncate(out.trim_end_matches('\n').len() + usize::from(!out.is_empty()));
        out
    }
}

/// The part of a place that is in its line, between whole characters: libraries may err.
fn span(place: Place, line: &Range<usize>, shown: &str) -> Range<usize> {
    let within = |at: usize| {
        let mut at = at.clamp(line.start, line.end) - line.start;
        while !shown.is_char_boundary(at) {
            at += 1;
        }
        at
    };
    within(place.start)..within(place.end)
}

fn group<'a>(source: &'a Source, mistake: &'a Mistake) -> Group<'a> {
    let level = match mistake.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(words::line(&mistake.message));
    let line = source.line_of(mistake.place.start);
    let range = source.line(line);
    let group = if source.text().is_empty() {
        Group::with_title(title).element(Origin::path(words::line(&source.name)))
    } else if range.len() > LONGEST {
        let position = source.position(mistake.place);
        let origin = Origin::path(words::line(&source.name)).line(position.line);
        Group::with_title(title).element(origin.char_column(position.column))
    } else {
        let shown = words::in_place(source.shown_line(line));
        let span = AnnotationKind::Primary.span(span(mistake.place, &range, &shown));
        let label = (!mistake.label.is_empty()).then(|| words::line(&mistake.label));
        let snippet = Snippet::source(shown).path(words::line(&source.name));
        let snippet = snippet.line_start(line + 1).annotation(span.label(label));
        Group::with_title(title).element(snippet)
    };
    let hint = Level::HELP.with_name("hint");
    let hints = { mistake.hints.iter() }.map(|text| hint.clone().message(words::line(text)));
    group.elements(hints)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_within_a_character_or_beyond_its_line_is_shown_anyhow() {
        let (shown, line) = ("ä: ö", 10..16);
        for (start, end, expected) in [
            (10, 12, 0..2),
            (11, 15, 2..6),
            (0, 99, 0..6),
            (15, 15, 6..6),
        ] {
            assert_eq!(span(Place { start, end }, &line, shown), expected);
        }
    }
}
