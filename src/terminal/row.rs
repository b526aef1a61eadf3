//! One line of a screen: characters in columns, some of them wider than one.

use super::style::Style;

/// The columns behind the first of a wide character, or of a tab.
const FILL: char = '\0';
/// Marks that stand on one character at most, such as accents.
const MARKS: usize = 8;

#[derive(Debug, Clone)]
struct Cell {
    c: char,
    style: Style,
    /// What stands on it, without columns of its own.
    marks: Option<Box<str>>,
}

/// A line.
#[derive(Debug, Default)]
pub(super) struct Row {
    cells: Vec<Cell>,
    /// Somebody was given it as it is.
    pub(super) is_shown: bool,
}

fn blank(style: Style) -> Cell {
    Cell {
        c: ' ',
        style,
        marks: None,
    }
}

impl Row {
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Writes a character over what is there.
    pub(super) fn put(&mut self, column: usize, c: char, width: usize, style: Style) {
        self.is_shown = false;
        let end = column + width;
        self.part(column);
        self.part(end);
        if self.cells.len() < end {
            self.cells.resize(end, blank(Style::default()));
        }
        for (at, cell) in self.cells[column..end].iter_mut().enumerate() {
            *cell = blank(style);
            cell.c = if at == 0 { c } else { FILL };
        }
    }

    /// Puts a mark on the character before a column.
    pub(super) fn mark(&mut self, column: usize, mark: char) {
        let before = column.min(self.cells.len());
        let Some(cell) = self.cells[..before].iter_mut().rfind(|cell| cell.c != FILL) else {
            return;
        };
        let mut marks = cell.marks.take().map_or_else(String::new, String::from);
        if marks.chars().count() < MARKS {
            marks.push(mark);
            self.is_shown = false;
        }
        cell.marks = Some(marks.into());
    }

    /// Nothing wide lies across the place before this column.
    fn part(&mut self, column: usize) {
        if self.cells.get(column).is_none_or(|cell| cell.c != FILL) {
            return;
        }
        let is_first = |cell: &Cell| cell.c != FILL;
        let start = self.cells[..column].iter().rposition(is_first);
        let end = self.cells[column..].iter().position(is_first);
        let end = end.map_or(self.cells.len(), |length| column + length);
        for cell in &mut self.cells[start.unwrap_or(0)..end] {
            *cell = blank(cell.style);
        }
    }

    /// Blanks some columns; what has nothing behind it is taken away.
    pub(super) fn erase(&mut self, from: usize, to: usize) {
        let to = to.min(self.cells.len());
        if from >= to {
            return;
        }
        self.is_shown = false;
        self.part(from);
        self.part(to);
        if to == self.cells.len() {
            self.cells.truncate(from);
        } else {
            self.cells[from..to].fill(blank(Style::default()));
        }
    }

    /// Takes columns out; what is behind them moves to the left.
    pub(super) fn remove(&mut self, from: usize, count: usize) {
        let to = from.saturating_add(count).min(self.cells.len());
        if from < to {
            self.is_shown = false;
            self.part(from);
            self.part(to);
            self.cells.drain(from..to);
        }
    }

    /// Blank columns in front of a column; nothing is longer than `longest` by it.
    pub(super) fn insert(&mut self, at: usize, count: usize, longest: usize) {
        if at < self.cells.len() {
            self.is_shown = false;
            self.part(at);
            let count = count.min(longest.saturating_sub(self.cells.len()));
            let blanks = std::iter::repeat_n(blank(Style::default()), count);
            self.cells.splice(at..at, blanks);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The text, with colours or without.
    pub(super) fn text(&self, is_coloured: bool) -> String {
        let mut out = String::with_capacity(self.cells.len());
        let mut style = Style::default();
        for cell in self.cells.iter().filter(|cell| cell.c != FILL) {
            if is_coloured && cell.style != style {
                style = cell.style;
                out += &style.sequence();
            }
            out.push(cell.c);
            out += cell.marks.as_deref().unwrap_or_default();
        }
        if style != Style::default() {
            out += "\u{1b}[0m";
        }
        out
    }
}
