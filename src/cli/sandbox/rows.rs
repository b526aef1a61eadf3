//! Lines of a name, a value and where it comes from, in columns.

use super::super::output::{Page, Tone};
use crate::sandbox::Origin;
use console::measure_text_width;

/// The name's column is at least so wide.
const NAME: usize = 11;
/// A value that is longer does not push the origins of the others to the right.
const VALUE: usize = 48;

/// The lines, before they are written.
#[derive(Default)]
pub(super) struct Rows(Vec<Row>);

struct Row {
    name: String,
    value: String,
    origin: Option<String>,
}

impl Rows {
    /// A line without an origin.
    pub(super) fn add(&mut self, name: &str, value: impl Into<String>) {
        self.0.push(Row {
            name: name.to_string(),
            value: value.into(),
            origin: None,
        });
    }

    /// A line whose value comes from somewhere.
    pub(super) fn add_from(&mut self, name: &str, value: impl Into<String>, origin: &Origin) {
        self.0.push(Row {
            name: name.to_string(),
            value: value.into(),
            origin: Some(origin.to_string()),
        });
    }

    /// All of them, the origins below each other.
    pub(super) fn write(&self, out: &mut Page) {
        let names = self.0.iter().map(|row| row.name.len());
        let name_width = names.max().unwrap_or(0).max(NAME);
        let values = self.0.iter().filter(|row| row.origin.is_some());
        let widths = values.map(|row| measure_text_width(&row.value));
        let value_width = widths.filter(|width| *width <= VALUE).max().unwrap_or(0);
        for Row {
            name,
            value,
            origin,
        } in &self.0
        {
            let Some(origin) = origin else {
                out.line(&format!("{name:name_width$} {value}"));
                continue;
            };
            let gap = value_width.saturating_sub(measure_text_width(value)) + 2;
            let start = format!("{name:name_width$} {value}{:gap$}", "");
            out.toned(&[(Tone::Plain, &start), (Tone::Dim, &format!("({origin})"))]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_below_each_other_and_a_long_value_stands_alone() {
        let mut rows = Rows::default();
        let long = "x".repeat(VALUE + 1);
        rows.add("plain", "no origin");
        rows.add_from("memory", "1g", &Origin::Option("--memory"));
        rows.add_from("home-persistence", "true", &Origin::Default);
        rows.add_from("mount", &long, &Origin::Kept);
        let mut page = Page::plain();
        rows.write(&mut page);
        let text = page.into_text();
        let expected = format!(
            "plain            no origin\n\
             memory           1g    (--memory)\n\
             home-persistence true  (default)\n\
             mount            {long}  (kept)\n"
        );
        assert_eq!(text, expected);
    }
}
