//! YAML to the tree, by serde-saphyr, within limits: 32 levels, 100,000 values, and 20,000 more
//! that aliases may stand for.
//!
//! Keys that are given twice stay twice in the tree, so that all of them can be reported. Merge keys
//! (`<<`) are resolved here, because only here it is known what they may overrule.

use super::mistake::{Mistake, Mistakes};
use super::node::{Entry, Node, Value};
use super::place::Place;
use super::source::Source;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_saphyr::{Error, Location, MessageFormatter, Options, Spanned, UserMessageFormatter};
use std::collections::HashSet;
use std::fmt;

const MERGE: &str = "<<";

/// A value as the library gives it; scalars that it understands lose their spelling.
enum Raw {
    Null,
    Flag(bool),
    Number,
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

/// The tree.
///
/// # Errors
/// Where the text is no YAML, which `mistakes` then tells.
pub(super) fn parse(source: &Source, mistakes: &mut Mistakes) -> Result<Node, Place> {
    match serde_saphyr::from_str_with_options(source.text(), options()) {
        Ok(root) => Ok(convert(root, source)),
        Err(error) => {
            let mistake = explain(&error, source);
            let place = mistake.place;
            mistakes.add(mistake);
            Err(place)
        }
    }
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: 32, max_nodes: 100_000 },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 20_000, max_replay_stack_depth: 8 },
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        strict_booleans: true,
        reject_non_finite_typeless_float: false,
        ignore_binary_tag_for_string: true,
        emit_comments: false,
        with_snippet: false,
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Raw, E> {
        Ok(Raw::Flag(flag))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Raw::Map(map))
    }
}

fn convert(raw: Spanned<Raw>, source: &Source) -> Node {
    let place = place(raw.defined, source);
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Flag(flag) => Value::Flag(flag),
        Raw::Number => Value::Number(source.slice(place).to_string()),
        Raw::Text(text) => Value::Text(text),
        Raw::List(items) => {
            let items = items.into_iter().map(|item| convert(item, source));
            Value::List(items.collect())
        }
        Raw::Map(entries) => {
            let entries = entries.into_iter().map(|(key, node)| Entry {
                place: self::place(key.defined, source),
                key: key.value,
                node: convert(node, source),
            });
            Value::Map(merged(entries.collect()))
        }
    };
    Node { value, place }
}

/// The entries, and those of the maps under `<<` that they do not overrule. A `<<` that names no
/// map stays: nobody knows such a key.
fn merged(entries: Vec<Entry>) -> Vec<Entry> {
    let is_merge = |entry: &Entry| {
        entry.key == MERGE
            && match &entry.node.value {
                Value::Map(_) => true,
                Value::List(items) => {
                    { items.iter() }.all(|item| matches!(item.value, Value::Map(_)))
                }
                _ => false,
            }
    };
    let (merges, mut own): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(is_merge);
    if merges.is_empty() {
        return own;
    }
    let mut known: HashSet<String> = own.iter().map(|entry| entry.key.clone()).collect();
    let maps = merges.into_iter().flat_map(|merge| match merge.node.value {
        Value::List(items) => items,
        _ => vec![merge.node],
    });
    for map in maps {
        if let Value::Map(entries) = map.value {
            own.extend(
                entries
                    .into_iter()
                    .filter(|entry| known.insert(entry.key.clone())),
            );
        }
    }
    own
}

fn place(location: Location, source: &Source) -> Place {
    let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    let span = location.span();
    if let (Some(start), Some(length)) = (span.byte_offset(), span.byte_len()) {
        let start = number(start).min(source.text().len());
        let end = start
            .saturating_add(number(length))
            .min(source.text().len());
        // The library's span of a block or many-line scalar runs into the next line.
        let within = source.text().get(start..end).unwrap_or_default();
        return Place {
            start,
            end: start + within.trim_end().len(),
        };
    }
    let start = source.offset(number(location.line()), number(location.column()));
    let width = source.text()[start..]
        .chars()
        .next()
        .map_or(0, char::len_utf8);
    Place {
        start,
        end: start + width,
    }
}

/// The library's error, pointed to in our way.
fn explain(error: &Error, source: &Source) -> Mistake {
    let location = error.location().unwrap_or(Location::UNKNOWN);
    let place = place(location, source);
    let words = UserMessageFormatter.format_message(error).into_owned();
    if let Some(place) = words.contains("tab").then(|| tab(source, place)).flatten() {
        return Mistake::error(place, "YAML is not indented with tabs").hint("indent with spaces");
    }
    let mistake = Mistake::error(place, "this is not YAML that can be read");
    // An error behind an alias is wrapped, so only its words tell.
    let all = error.to_string();
    if all.contains("alias replay") {
        return mistake.label("aliases stand for too much");
    }
    match error {
        _ if all.contains("budget") => mistake.label("this is too deep or too much"),
        Error::AliasError { .. } => mistake.label("this alias stands for something wrong"),
        _ => mistake.label(words),
    }
}

/// The first tab at the beginning of a line, in the line of a place or after it.
fn tab(source: &Source, place: Place) -> Option<Place> {
    let mut begins_line = true;
    let first = source.line(source.line_of(place.start)).start;
    for (at, c) in source.text()[first..].char_indices() {
        if c == '\t' && begins_line {
            let start = first + at;
            return Some(Place {
                start,
                end: start + 1,
            });
        }
        begins_line = c == '\n' || begins_line && c == ' ';
    }
    None
}
