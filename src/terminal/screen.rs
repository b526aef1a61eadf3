//! A screen that remembers: what a terminal would show of a stream of bytes, and all lines that went
//! out of sight at its top. It obeys what moves the cursor, erases and colours, and nothing else: no
//! questions, titles, modes or clipboard. Its memory is bounded.

use super::row::Row;
use super::style::Style;
use super::words;
use std::collections::VecDeque;
use unicode_width::UnicodeWidthChar;
use vte::{Params, Perform};

/// A longer line goes on in the next one.
const LONGEST: usize = 16 * 1024;
/// The cursor goes no further to the right without writing.
const FURTHEST: usize = 1000;
/// Lines that can still be changed.
const ROWS: usize = 1000;
/// Characters in them.
const CELLS: usize = 256 * 1024;
const TAB: usize = 8;
/// What the letters from `` ` `` on are in the character set of lines.
const LINES: &str = "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·";

/// What is to be seen.
pub(super) struct Screen {
    rows: VecDeque<Row>,
    /// Lines that nothing can change any more.
    past: Vec<Row>,
    row: usize,
    column: usize,
    saved: (usize, usize),
    style: Style,
    /// The lines of the terminal that this was written for, as far as one knows.
    height: usize,
    /// The first line of the page that a program made for itself, by absolute places.
    page: Option<usize>,
    draws_lines: bool,
    cells: usize,
}

impl Screen {
    pub(super) fn new(height: usize) -> Self {
        Self {
            rows: VecDeque::from([Row::default()]),
            past: Vec::new(),
            row: 0,
            column: 0,
            saved: (0, 0),
            style: Style::default(),
            height: height.clamp(1, ROWS / 2),
            page: None,
            draws_lines: false,
            cells: 0,
        }
    }

    /// Lines that went out of sight, and were not shown yet.
    pub(super) fn take_past(&mut self) -> Vec<Row> {
        std::mem::take(&mut self.past)
    }

    /// The lines above the cursor.
    pub(super) fn above(&mut self) -> impl Iterator<Item = &mut Row> {
        self.rows.iter_mut().take(self.row)
    }

    /// All lines, but for those at the end that have nothing in them.
    pub(super) fn all(&mut self) -> impl Iterator<Item = &Row> {
        let is_full = |row: &Row| !row.is_empty();
        let used = self.rows.iter().rposition(is_full).map_or(0, |at| at + 1);
        let end = if self.page.is_some() {
            used
        } else {
            used.max(self.row)
        };
        self.rows.iter().take(end)
    }

    /// The first line that is on the terminal.
    fn top(&self) -> usize {
        let seen = self.rows.len().saturating_sub(self.height);
        self.page.map_or(seen, |page| page.max(seen))
    }

    /// Changes the line of the cursor and keeps count.
    fn change(&mut self, row: usize, change: impl FnOnce(&mut Row)) {
        if let Some(row) = self.rows.get_mut(row) {
            let before = row.len();
            change(row);
            self.cells = self.cells.saturating_sub(before) + row.len();
        }
        self.forget();
    }

    /// Lets go of the oldest lines when there is too much.
    fn forget(&mut self) {
        while (self.rows.len() > ROWS || self.cells > CELLS) && self.row > 0 {
            let Some(row) = self.rows.pop_front() else {
                return;
            };
            self.cells = self.cells.saturating_sub(row.len());
            if !row.is_shown {
                self.past.push(row);
            }
            self.row -= 1;
            self.saved.0 = self.saved.0.saturating_sub(1);
            self.page = self.page.map(|page| page.saturating_sub(1));
        }
        // Below the cursor there is at most a screen, but its lines may be long.
        while self.cells > CELLS && self.rows.len() > self.row + 1 {
            let row = self.rows.pop_back();
            self.cells = self.cells.saturating_sub(row.map_or(0, |row| row.len()));
        }
    }

    fn go_to_row(&mut self, row: usize) {
        self.row = row.min(self.top() + self.height - 1);
        while self.rows.len() <= self.row {
            self.rows.push_back(Row::default());
        }
        self.forget();
    }

    fn new_line(&mut self) {
        self.row += 1;
        self.column = 0;
        if self.row == self.rows.len() {
            self.rows.push_back(Row::default());
        }
        self.forget();
    }

    /// A program that names places has a page of its own: what was written before stays.
    fn begin_page(&mut self) {
        if self.page.is_none() {
            self.end_page();
            self.page = Some(self.row);
        }
    }

    /// What comes now stands below all that is there.
    fn end_page(&mut self) {
        self.page = None;
        let is_full = |row: &Row| !row.is_empty();
        self.row = self.rows.iter().rposition(is_full).map_or(0, |at| at + 1);
        self.column = 0;
        if self.row == self.rows.len() {
            self.rows.push_back(Row::default());
        }
        self.forget();
    }

    fn place(&mut self, row: usize, column: usize) {
        self.begin_page();
        self.go_to_row(self.top() + row.saturating_sub(1).min(self.height - 1));
        self.column = column.saturating_sub(1).min(FURTHEST);
    }

    fn erase_display(&mut self, what: usize) {
        let (row, column) = (self.row, self.column);
        match what {
            0 => {
                self.change(row, |row| row.erase(column, usize::MAX));
                self.blank(row + 1, usize::MAX);
            }
            1 => {
                self.blank(self.top(), row);
                self.change(row, |row| row.erase(0, column + 1));
            }
            2 => {
                self.begin_page();
                self.blank(self.top(), usize::MAX);
            }
            _ => {}
        }
    }

    fn blank(&mut self, from: usize, to: usize) {
        for row in from..to.min(self.rows.len()) {
            self.change(row, |row| row.erase(0, usize::MAX));
        }
    }

    /// Takes lines out at the cursor, or puts empty ones there.
    fn shift_lines(&mut self, count: usize, is_removal: bool) {
        let bottom = (self.top() + self.height).min(self.rows.len());
        for _ in 0..count.min(bottom.saturating_sub(self.row)) {
            let (from, to) = if is_removal {
                (self.row, bottom - 1)
            } else {
                (bottom - 1, self.row)
            };
            let gone = self.rows.remove(from);
            self.cells = self.cells.saturating_sub(gone.map_or(0, |row| row.len()));
            self.rows.insert(to, Row::default());
        }
        let moved = self.rows.iter_mut().skip(self.row);
        moved.for_each(|row| row.is_shown = false);
    }

    fn move_cursor(&mut self, action: char, count: usize) {
        match action {
            'A' | 'F' => self.row = self.row.saturating_sub(count).max(self.top()),
            'B' | 'e' | 'E' => self.go_to_row(self.row.saturating_add(count)),
            'C' | 'a' => {
                self.column = self
                    .column
                    .saturating_add(count)
                    .min(FURTHEST.max(self.column));
            }
            'D' => self.column = self.column.saturating_sub(count),
            _ => self.column = (count - 1).min(FURTHEST),
        }
        if matches!(action, 'E' | 'F') {
            self.column = 0;
        }
    }

    fn edit(&mut self, action: char, count: usize) {
        let (row, column) = (self.row, self.column);
        self.change(row, |row| match action {
            'P' => row.remove(column, count),
            'X' => row.erase(column, column.saturating_add(count)),
            _ => row.insert(column, count, LONGEST),
        });
    }

    fn erase_line(&mut self, what: usize) {
        let (row, column) = (self.row, self.column);
        self.change(row, |row| match what {
            0 => row.erase(column, usize::MAX),
            1 => row.erase(0, column + 1),
            _ => row.erase(0, usize::MAX),
        });
    }

    /// Switches on or off what `CSI ? … h` and `l` do: only another screen is known.
    fn switch(&mut self, params: &Params) {
        if params
            .iter()
            .any(|param| matches!(param[0], 47 | 1047 | 1049))
        {
            self.end_page();
        }
    }
}

impl Perform for Screen {
    fn print(&mut self, c: char) {
        if words::is_obeyed(c) {
            return;
        }
        let letter = u32::from(c).checked_sub(u32::from('`'));
        let drawn = letter.filter(|_| self.draws_lines);
        let c = drawn
            .and_then(|at| LINES.chars().nth(at as usize))
            .unwrap_or(c);
        let width = c.width().unwrap_or(0);
        let (row, column, style) = (self.row, self.column, self.style);
        if width == 0 {
            return self.change(row, |row| row.mark(column, c));
        }
        if column + width > LONGEST {
            self.new_line();
            return self.print(c);
        }
        self.column += width;
        self.change(row, |row| row.put(column, c, width, style));
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            0x08 => self.column = self.column.saturating_sub(1),
            b'\t' => {
                let (row, column) = (self.row, self.column);
                let width = TAB - column % TAB;
                let is_at_end = self.rows[row].len() <= column;
                self.column = (column + width).min(LONGEST);
                // Where nothing is yet, it is kept as it was written.
                if is_at_end && self.column == column + width {
                    self.change(row, |row| row.put(column, '\t', width, Style::default()));
                }
            }
            b'\n' | 0x0b | 0x0c => self.new_line(),
            b'\r' => self.column = 0,
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], is_cut: bool, action: char) {
        let mut numbers = params.iter().map(|param| usize::from(param[0]));
        let (first, second) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        match (intermediates, action) {
            _ if is_cut => {}
            (b"?", 'h' | 'l') => self.switch(params),
            ([], 'A'..='G' | '`' | 'a' | 'e') => self.move_cursor(action, first.max(1)),
            ([], 'H' | 'f') => self.place(first, second),
            ([], 'd') => self.place(first, self.column + 1),
            ([], 'J') => self.erase_display(first),
            ([], 'K') => self.erase_line(first),
            ([], 'L' | 'M') => self.shift_lines(first.max(1), action == 'M'),
            ([], 'P' | 'X' | '@') => self.edit(action, first.max(1)),
            ([], 'm') => self.style.change(params),
            ([], 's') => self.saved = (self.row, self.column),
            ([], 'u') => self.restore(),
            _ => {}
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _is_cut: bool, byte: u8) {
        match (intermediates, byte) {
            (b"(", b'0') => self.draws_lines = true,
            (b"(", _) => self.draws_lines = false,
            ([], b'7') => self.saved = (self.row, self.column),
            ([], b'8') => self.restore(),
            ([], b'D') => self.go_to_row(self.row + 1),
            ([], b'E') => self.new_line(),
            ([], b'M') => self.row = self.row.saturating_sub(1).max(self.top()),
            ([], b'c') => {
                self.style = Style::default();
                self.draws_lines = false;
                self.end_page();
            }
            _ => {}
        }
    }
}

impl Screen {
    fn restore(&mut self) {
        let (row, column) = self.saved;
        self.column = column;
        self.go_to_row(row.max(self.top()));
    }
}
