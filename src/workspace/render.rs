//! Mistakes for people: what, where, the line and a caret, in one form for YAML, TOML and our own
//! checks.

use super::mistake::{Mistake, Report, Severity};
use super::source::Source;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::fmt::Write;

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

fn group<'a>(source: &'a Source, mistake: &'a Mistake) -> Group<'a> {
    let level = match mistake.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(&mistake.message);
    let line = source.line_of(mistake.place.start);
    let range = source.line(line);
    let group = if range.len() > LONGEST {
        let position = source.position(mistake.place);
        let origin = Origin::path(&source.name).line(position.line);
        Group::with_title(title).element(origin.char_column(position.column))
    } else {
        let start = mistake.place.start.min(range.end) - range.start;
        let end = mistake.place.end.min(range.end).max(range.start + start) - range.start;
        let span = AnnotationKind::Primary.span(start..end);
        let label = (!mistake.label.is_empty()).then_some(&*mistake.label);
        let snippet = Snippet::source(source.shown_line(line)).path(&source.name);
        let snippet = snippet.line_start(line + 1).annotation(span.label(label));
        Group::with_title(title).element(snippet)
    };
    let hint = Level::HELP.with_name("hint");
    let hints = { mistake.hints.iter() }.map(|text| hint.clone().message(text));
    group.elements(hints)
}
