//! The tables of `docs/json.md`, and real JSON held against them.

use serde_json::Value;
use std::collections::BTreeMap;

const PAGE: &str = include_str!("../../docs/json.md");

/// What each table is about, and its fields with their types.
fn tables() -> BTreeMap<String, BTreeMap<String, String>> {
    let mut tables: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut open: Vec<String> = Vec::new();
    for line in PAGE.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, first, kind, _, _] = cells.as_slice() else {
            open.clear();
            continue;
        };
        let quoted = first.split('`').skip(1).step_by(2).map(str::to_string);
        if first.starts_with("field of") {
            open = quoted.collect();
            continue;
        }
        for field in quoted {
            for name in &open {
                let fields = tables.entry(name.clone()).or_default();
                fields.insert(field.clone(), (*kind).to_string());
            }
        }
    }
    tables
}

/// The page as it is.
#[must_use]
pub fn page() -> &'static str {
    PAGE
}

/// Every object (of an array, each of it) has the fields of the table called `name`, no others, and
/// they have its types.
///
/// # Panics
/// When they have not, or when there is nothing to compare.
#[track_caller]
pub fn expect_documented(name: &str, document: &Value) {
    let tables = tables();
    let fields = tables
        .get(name)
        .unwrap_or_else(|| panic!("no table of `{name}`"));
    let one = std::slice::from_ref(document);
    let objects = document.as_array().map_or(one, Vec::as_slice);
    assert!(!objects.is_empty(), "{name}: an empty array proves nothing");
    for object in objects {
        let object = object
            .as_object()
            .unwrap_or_else(|| panic!("{name}: {object}"));
        for (field, value) in object {
            let kind = fields.get(field);
            let kind = kind.unwrap_or_else(|| panic!("{name}: `{field}` is not documented"));
            let is_right = kind == "any" || kind.split(" or ").any(|word| word == type_of(value));
            assert!(is_right, "{name}: `{field}` is {value}, not {kind}");
        }
        for (field, kind) in fields {
            let may_lack = kind.ends_with("or absent");
            assert!(
                may_lack || object.contains_key(field),
                "{name}: there is no `{field}`"
            );
        }
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
