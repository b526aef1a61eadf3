//! The text of a workspace file: lines, positions, and what of it may not be shown.

use super::place::{Place, Position};
use std::ops::Range;

/// The two forms that a workspace file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// YAML 1.2.
    Yaml,
    /// TOML 1.0.
    Toml,
}

impl Format {
    /// By the ending of the name; YAML when it says nothing.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        if ending.eq_ignore_ascii_case("toml") {
            Self::Toml
        } else {
            Self::Yaml
        }
    }
}

/// A file as it was read, without a byte order mark.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    /// As messages call it.
    pub name: String,
    /// What it is written in.
    pub format: Format,
    text: String,
    /// `text` with `*` for all that may be secret, byte for byte as long.
    shown: String,
    /// Where each line begins.
    lines: Vec<usize>,
}

/// The text may hold secrets.
impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Source {
    pub(super) fn new(name: &str, text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}').to_string();
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            name: name.to_string(),
            format: Format::of_name(name),
            lines: std::iter::once(0).chain(breaks).collect(),
            shown: text.clone(),
            text,
        }
    }

    /// All of it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All of it, with `*` for all that may be secret.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Where a place begins.
    #[must_use]
    pub fn position(&self, place: Place) -> Position {
        let line = self.line_of(place.start);
        let before = self.text.get(self.lines[line]..place.start);
        Position {
            line: line + 1,
            column: before.unwrap_or_default().chars().count() + 1,
        }
    }

    /// `dp.yml:2:13`
    #[must_use]
    pub fn locate(&self, place: Place) -> String {
        let Position { line, column } = self.position(place);
        format!("{}:{line}:{column}", self.name)
    }

    /// The byte at a line and column from 1, or the nearest that there is.
    pub(super) fn offset(&self, line: usize, column: usize) -> usize {
        let line = line.clamp(1, self.lines.len()) - 1;
        let range = self.line(line);
        let text = &self.text[range.clone()];
        let within = text.char_indices().nth(column.saturating_sub(1));
        range.start + within.map_or(text.len(), |(at, _)| at)
    }

    /// What a place says.
    pub(super) fn slice(&self, place: Place) -> &str {
        self.text.get(place.start..place.end).unwrap_or_default()
    }

    /// The line (from 0) of a byte.
    pub(super) fn line_of(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at) - 1
    }

    /// A line from 0, without its end.
    pub(super) fn line(&self, line: usize) -> Range<usize> {
        let start = self.lines[line];
        let end = self
            .lines
            .get(line + 1)
            .map_or(self.text.len(), |next| next - 1);
        let text = self.text[start..end].trim_end_matches('\r');
        start..start + text.len()
    }

    /// A line from 0 as it may be shown.
    pub(super) fn shown_line(&self, line: usize) -> &str {
        &self.shown[self.line(line)]
    }

    /// Never shows this piece.
    pub(super) fn hide(&mut self, piece: Range<usize>) {
        let Some(text) = self.text.get(piece.clone()) else {
            return;
        };
        let stars: String = text
            .chars()
            .flat_map(|c| {
                let star = if matches!(c, '\n' | '\r') { c } else { '*' };
                std::iter::repeat_n(star, c.len_utf8())
            })
            .collect();
        self.shown.replace_range(piece, &stars);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_lines_end_anyhow() {
        let source = Source::new("dp.yml", "\u{feff}ä: 1\r\nb: ü2\n");
        let at = |start| source.locate(Place { start, end: start });
        assert_eq!(at(0), "dp.yml:1:1");
        assert_eq!(at(4), "dp.yml:1:4");
        assert_eq!(at(12), "dp.yml:2:5");
        assert_eq!(at(13), "dp.yml:2:6");
        assert_eq!(at(14), "dp.yml:3:1");
        assert_eq!(source.shown_line(0), "ä: 1");
        for at in [0, 2, 7, 12] {
            let Position { line, column } = source.position(Place { start: at, end: at });
            assert_eq!(source.offset(line, column), at);
        }
    }

    #[test]
    fn what_is_hidden_is_as_long() {
        let mut source = Source::new("x", "a: ü\n  é!\nb");
        source.hide(3..12);
        assert_eq!(source.shown_line(0), "a: **");
        assert_eq!(source.shown_line(1), "*****");
        assert_eq!(source.shown_line(2), "b");
        assert_eq!(source.shown.len(), source.text.len());
    }
}
