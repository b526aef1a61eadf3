//! One tree for both formats: values with their places.

use super::place::Place;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) value: Value,
    /// Of a map or list of YAML only its beginning.
    pub(super) place: Place,
}

/// What YAML and TOML can say. Numbers and dates are kept as they are written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Flag(bool),
    Number(String),
    Date(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) place: Place,
    pub(super) node: Node,
}

impl Value {
    /// In words.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Flag(true) => "`true`",
            Self::Flag(false) => "`false`",
            Self::Number(_) => "a number",
            Self::Date(_) => "a date",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }

    /// As the text that was written; `None` for what has parts, or nothing.
    pub(super) fn scalar(&self) -> Option<&str> {
        match self {
            Self::Flag(true) => Some("true"),
            Self::Flag(false) => Some("false"),
            Self::Number(text) | Self::Date(text) | Self::Text(text) => Some(text),
            Self::Null | Self::List(_) | Self::Map(_) => None,
        }
    }
}

impl Node {
    /// Calls `see` with the place of each scalar within.
    pub(super) fn scalars(&self, see: &mut impl FnMut(Place)) {
        match &self.value {
            Value::List(items) => items.iter().for_each(|item| item.scalars(see)),
            Value::Map(entries) => entries.iter().for_each(|entry| entry.node.scalars(see)),
            _ => see(self.place),
        }
    }
}
