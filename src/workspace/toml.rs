//! TOML to the tree, by the crate of that name, which goes on after a mistake.

use super::mistake::{Mistake, Mistakes};
use super::node::{Entry, Node, Value};
use super::place::Place;
use super::source::Source;
use super::syntax::Break;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What the crate says of a key that is there already.
const DUPLICATE: &str = "duplicate key";

/// The tree, as far as the text is TOML; what is not, `mistakes` tells.
pub(super) fn parse(source: &Source, mistakes: &mut Mistakes) -> (Node, Vec<Break>) {
    let (root, errors) = DeTable::parse_recoverable(source.text());
    let mut wrong = Vec::new();
    for error in errors {
        let place = place(error.span().unwrap_or(0..0));
        if error.message() == DUPLICATE {
            let key = source.slice(place);
            mistakes.add(duplicate(key.trim_matches(['"', '\'']), place));
            wrong.push(Break::Unread(place));
            continue;
        }
        let mistake = Mistake::error(place, "this is not TOML");
        mistakes.add(mistake.label(error.message()));
        wrong.push(Break::Guessed(place));
        // Whatever is said after this is about the same brackets.
        if error.message().contains("recurs") {
            break;
        }
    }
    (table(root.into_inner(), Place::default(), source), wrong)
}

/// The mistake of a key that is there already, in both formats.
pub(super) fn duplicate(key: &str, place: Place) -> Mistake {
    Mistake::error(place, format!("`{key}` is given twice")).label("already given above")
}

fn place(span: Range<usize>) -> Place {
    Place {
        start: span.start,
        end: span.end.max(span.start),
    }
}

fn table(table: DeTable<'_>, place: Place, source: &Source) -> Node {
    let mut entries: Vec<Entry> = table
        .into_iter()
        .map(|(key, value)| Entry {
            place: self::place(key.span()),
            key: key.into_inner().into_owned(),
            node: node(value, source),
        })
        .collect();
    entries.sort_by_key(|entry| entry.place);
    Node {
        value: Value::Map(entries),
        place,
    }
}

fn node(value: Spanned<DeValue<'_>>, source: &Source) -> Node {
    let place = place(value.span());
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(_) | DeValue::Float(_) => Value::Number(source.slice(place).to_string()),
        DeValue::Boolean(flag) => Value::Flag(flag),
        DeValue::Datetime(_) => Value::Date(source.slice(place).to_string()),
        DeValue::Array(items) => {
            let items = items.into_iter().map(|item| node(item, source));
            Value::List(items.collect())
        }
        DeValue::Table(entries) => return table(entries, place, source),
    };
    Node { value, place }
}
