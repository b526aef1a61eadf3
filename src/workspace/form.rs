//! What may stand where: the forms that the table of keys is made of.
//!
//! Reading and the JSON schema both follow these values, so they cannot disagree.

use super::node::Value;
use super::requests::RequestKind;
use serde_json::{Value as Json, json};

/// A list or a map of a file has at most so many entries: nobody reads more, and everything that is done
/// for each of them has to end.
pub(super) const MOST: usize = 1000;

/// What a value may be.
#[derive(Debug)]
pub(super) enum Form {
    /// Text that matches a pattern.
    Text(&'static Pattern),
    /// Text or a number that matches a pattern.
    Quantity(&'static Pattern),
    /// Any text, number, truth value or date; all become text.
    Scalar,
    /// `true` or `false`.
    Flag,
    /// `true`, `false` or one of these words.
    FlagOr(&'static [&'static str]),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number within bounds.
    Whole(i64, i64),
    /// Some of them.
    List(&'static Form),
    /// One of them, or a list.
    OneOrList(&'static Form),
    /// Names that the file chooses.
    Map(&'static Pattern, &'static Form),
    /// Variables and their values: nothing below is ever shown.
    Secret(&'static Pattern),
    /// Names that we chose.
    Table(&'static Table),
}

/// A form of text.
#[derive(Debug)]
pub(super) struct Pattern {
    /// With its article: `a size such as `8g``.
    pub(super) says: &'static str,
    /// A regular expression of ECMA 262, for editors; our own code checks on its own.
    pub(super) regex: &'static str,
    /// It may have several lines.
    pub(super) has_lines: bool,
}

/// A map whose keys we chose.
#[derive(Debug)]
pub(super) struct Table {
    /// As the schema calls it.
    pub(super) name: &'static str,
    pub(super) keys: &'static [Key],
    /// Keys that must be there.
    pub(super) required: &'static [&'static str],
    /// Keys of which exactly one must be there.
    pub(super) one_of: &'static [&'static str],
}

/// What a key of a file means for a person who did not write the file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Class {
    /// It takes something away from what a sandbox may without it.
    Narrows,
    /// Only the file's own agents and `dp`'s messages see it.
    Data,
    /// The person has to agree to it, whatever its value is or for some of its values: these kinds
    /// of requests come of it.
    Asks(&'static [RequestKind]),
    /// Its parts have a class each.
    Parts,
    /// It is part of a template, and asked for with it as a whole.
    OfTemplate,
    /// The person wrote it.
    Own,
}

/// A key that we chose.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    /// Its second spelling.
    pub(super) other: Option<&'static str>,
    /// One or two sentences for people.
    pub(super) about: &'static str,
    pub(super) form: Form,
    /// What it means for the person that a stranger wrote it.
    pub(super) class: Class,
    /// As JSON.
    pub(super) default: Option<&'static str>,
}

impl Table {
    /// The key of this name, in any spelling.
    pub(super) fn key(&self, name: &str) -> Option<&'static Key> {
        { self.keys.iter() }.find(|key| key.name == name || key.other == Some(name))
    }

    /// Every spelling of every key.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        { self.keys.iter() }.flat_map(|key| [Some(key.name), key.other].into_iter().flatten())
    }
}

impl Form {
    /// With its article.
    pub(super) fn says(&self) -> String {
        match self {
            Self::Text(pattern) | Self::Quantity(pattern) => pattern.says.into(),
            Self::Scalar => "text".into(),
            Self::Flag => "`true` or `false`".into(),
            Self::FlagOr(words) => format!("`true`, `false`, {}", alternatives(words)),
            Self::Choice(words) => alternatives(words),
            Self::Whole(least, most) => format!("a whole number from {least} to {most}"),
            Self::List(_) => "a list".into(),
            Self::OneOrList(of) => format!("{} or a list", of.says()),
            Self::Map(..) | Self::Secret(_) | Self::Table(_) => "a map".into(),
        }
    }

    /// The value has this form on its surface: what is within lists and maps is not looked at, nor
    /// whether text matches its pattern.
    pub(super) fn fits(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Text(_), Value::Text(_))
            | (Self::Quantity(_), Value::Text(_) | Value::Number(_))
            | (Self::Flag | Self::FlagOr(_), Value::Flag(_))
            | (Self::List(_) | Self::OneOrList(_), Value::List(_) | Value::Null)
            | (Self::Map(..) | Self::Secret(_) | Self::Table(_), Value::Map(_) | Value::Null) => {
                true
            }
            (Self::OneOrList(of), value) => of.fits(value),
            (Self::Scalar, value) => value.scalar().is_some(),
            (Self::FlagOr(words) | Self::Choice(words), Value::Text(text)) => {
                words.contains(&text.as_str())
            }
            (Self::Whole(least, most), Value::Number(text)) => {
                whole(text).is_some_and(|number| (*least..=*most).contains(&number))
            }
            _ => false,
        }
    }

    /// The tables of which it is made.
    pub(super) fn tables(&self, see: &mut impl FnMut(&'static Table)) {
        match self {
            Self::Table(table) => see(table),
            Self::List(of) | Self::OneOrList(of) | Self::Map(_, of) => of.tables(see),
            _ => {}
        }
    }

    /// The JSON schema of it.
    pub(super) fn schema(&self) -> Json {
        match self {
            Self::Text(pattern) => json!({"type": "string", "pattern": pattern.regex}),
            Self::Quantity(pattern) => {
                json!({"type": ["string", "number"], "pattern": pattern.regex, "minimum": 0})
            }
            Self::Scalar => json!({"type": ["string", "number", "boolean"]}),
            Self::Flag => json!({"type": "boolean"}),
            Self::FlagOr(words) => {
                let words = words.iter().map(|word| json!(word));
                let all: Vec<Json> = [json!(true), json!(false)]
                    .into_iter()
                    .chain(words)
                    .collect();
                json!({"enum": all})
            }
            Self::Choice(words) => json!({"enum": words}),
            Self::Whole(least, most) => {
                json!({"type": "integer", "minimum": least, "maximum": most})
            }
            Self::List(of) => json!({
                "type": ["array", "null"],
                "items": of.schema(),
                "maxItems": MOST,
            }),
            Self::OneOrList(of) => json!({"anyOf": [of.schema(), Self::List(of).schema()]}),
            Self::Map(names, of) => json!({
                "type": ["object", "null"],
                "propertyNames": {"pattern": names.regex},
                "additionalProperties": of.schema(),
                "maxProperties": MOST,
            }),
            Self::Secret(names) => Self::Map(names, &Self::Scalar).schema(),
            Self::Table(table) => json!({"$ref": format!("#/$defs/{}", table.name)}),
        }
    }
}

/// Digits, maybe with a sign, maybe parted by `_`.
pub(super) fn whole(text: &str) -> Option<i64> {
    text.replace('_', "").parse().ok()
}

fn alternatives(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
