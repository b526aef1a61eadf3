//! The values of a table, for readers that trust their types: what has the wrong one counts as
//! missing here, because the shape has been complained of already.

use super::form::{Form, Table, whole};
use super::node::{Entry, Node, Value};
use super::place::Placed;

/// A table of the file.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    entries: &'a [Entry],
    table: &'static Table,
}

impl<'a> Fields<'a> {
    /// The fields of a map; anything else has none.
    pub(super) fn new(node: &'a Node, table: &'static Table) -> Self {
        let entries = match &node.value {
            Value::Map(entries) => entries.as_slice(),
            _ => &[],
        };
        Self { entries, table }
    }

    /// The entry of a key in any of its spellings, when its value fits.
    pub(super) fn entry(&self, name: &str) -> Option<&'a Entry> {
        let key = self.table.key(name)?;
        let same = |entry: &&Entry| entry.key == key.name || Some(&*entry.key) == key.other;
        let entry = self.entries.iter().find(same)?;
        key.form.fits(&entry.node.value).then_some(entry)
    }

    /// Text, or a number as it is written.
    pub(super) fn text(&self, name: &str) -> Option<Placed<&'a str>> {
        let node = &self.entry(name)?.node;
        Some(Placed::new(node.value.scalar()?, node.place))
    }

    /// A truth value.
    pub(super) fn flag(&self, name: &str) -> Option<Placed<bool>> {
        let node = &self.entry(name)?.node;
        match node.value {
            Value::Flag(flag) => Some(Placed::new(flag, node.place)),
            _ => None,
        }
    }

    /// A whole number within the bounds of its key.
    pub(super) fn whole<T: TryFrom<i64>>(&self, name: &str) -> Option<Placed<T>> {
        let text = self.text(name)?;
        let number = T::try_from(whole(&text)?).ok()?;
        Some(Placed::new(number, text.place))
    }

    /// The entries of a map.
    pub(super) fn map(&self, name: &str) -> &'a [Entry] {
        match self.entry(name).map(|entry| &entry.node.value) {
            Some(Value::Map(entries)) => entries,
            _ => &[],
        }
    }

    /// The scalars of a list or of the one that stands in its place, when they fit.
    pub(super) fn texts(&self, name: &str) -> Vec<Placed<&'a str>> {
        let of = self.table.key(name).map(|key| &key.form);
        let Some(Form::List(of) | Form::OneOrList(of)) = of else {
            return Vec::new();
        };
        let fitting = |node: &'a Node| {
            let text = node.value.scalar().filter(|_| of.fits(&node.value))?;
            Some(Placed::new(text, node.place))
        };
        self.items(name).iter().filter_map(fitting).collect()
    }

    /// The items of a list, or the one that stands in its place.
    pub(super) fn items(&self, name: &str) -> &'a [Node] {
        match self.entry(name).map(|entry| &entry.node) {
            Some(Node {
                value: Value::List(items),
                ..
            }) => items,
            Some(node) => std::slice::from_ref(node),
            None => &[],
        }
    }
}
