//! Tables in the house style: no lines, upper-case head, two spaces between columns.

use super::Page;
use crate::terminal::words;
use crate::values::text::quoted;
use std::io;
use unicode_width::UnicodeWidthStr;

/// What parts two columns.
const PARTING: usize = 2;
/// A longer cell makes its own row longer, and no other: an agent can make a path that would push the
/// columns of all rows out of sight.
const WIDEST: usize = 80;

/// Writes one.
#[expect(clippy::unnecessary_wraps, reason = "answers end with it")]
pub(in crate::cli) fn table(
    out: &mut Page,
    head: &[&str],
    rows: Vec<Vec<String>>,
) -> io::Result<()> {
    let head: Vec<String> = head.iter().map(|title| title.to_uppercase()).collect();
    let clean = |row: Vec<String>| -> Vec<String> { row.iter().map(|text| cell(text)).collect() };
    let rows: Vec<Vec<String>> = rows.into_iter().map(clean).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let widths = cells
            .map(|cell| cell.width())
            .filter(|width| *width <= WIDEST);
        widths.max().unwrap_or_default().max(head[column].width())
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    for row in std::iter::once(&head).chain(&rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line += cell;
            let blanks = width.saturating_sub(cell.width()) + PARTING;
            line.extend(std::iter::repeat_n(' ', blanks));
        }
        out.line(line.trim_end());
    }
    Ok(())
}

/// A cell is never taken for two, which two spaces part, or for a part of one.
fn cell(text: &str) -> String {
    let is_parted = text.contains("  ") || text.starts_with([' ', '"']) || text.ends_with(' ');
    if is_parted {
        return quoted(text);
    }
    words::cell(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_cell_pushes_no_other_row_away() {
        let mut page = Page::plain();
        let long = "x".repeat(WIDEST + 1);
        let rows = [["a", "漢字", "c"], [&long, "b", ""], ["a  b", "b", "c"]];
        let rows = rows.map(|row| row.map(String::from).to_vec()).to_vec();
        table(&mut page, &["one", "two", "three"], rows).expect("written");
        let expected = format!(
            "ONE          TWO   THREE\na            漢字  c\n{long}  b\n{}  b     c\n",
            quoted("a  b")
        );
        assert_eq!(page.into_text(), expected);
    }
}
