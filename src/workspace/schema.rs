//! The JSON schema of the workspace file, for editors; made from the table of keys.

use super::form::{Class, Key, Table};
use super::keys::FILE;
use serde_json::{Map, Value, json};

/// The schema, as JSON Schema 2020-12.
///
/// It says what the table of keys says. What several keys mean together, and what is on this machine,
/// only `dp config check` knows.
#[must_use]
pub fn schema() -> Value {
    let mut definitions = Map::new();
    define(&FILE, &mut definitions);
    let root = definitions.remove(FILE.name);
    let mut schema = Map::new();
    schema.insert(
        "$schema".into(),
        "https://json-schema.org/draft/2020-12/schema".into(),
    );
    schema.insert("title".into(), "dp workspace file".into());
    schema.insert(
        "description".into(),
        "What a workspace's sandbox is made of: dp.yml, dp.toml or dspatch.workspace.yml.".into(),
    );
    if let Some(Value::Object(root)) = root {
        schema.extend(root);
    }
    schema.insert("$defs".into(), definitions.into());
    schema.into()
}

/// Adds the definition of a table and of every table below it.
fn define(table: &'static Table, definitions: &mut Map<String, Value>) {
    if definitions.contains_key(table.name) {
        return;
    }
    definitions.insert(table.name.into(), Value::Null);
    let mut properties = Map::new();
    for key in table.keys {
        properties.insert(key.name.into(), property(key, None));
        if let Some(other) = key.other {
            properties.insert(other.into(), property(key, Some(key.name)));
        }
        key.form.tables(&mut |below| define(below, definitions));
    }
    let is_optional = table.required.is_empty() && table.one_of.is_empty();
    let types = if is_optional {
        json!(["object", "null"])
    } else {
        json!("object")
    };
    let mut definition = json!({
        "type": types,
        "additionalProperties": false,
        "properties": properties,
    });
    if !table.required.is_empty() {
        definition["required"] = json!(table.required);
    }
    if !table.one_of.is_empty() {
        let each = table.one_of.iter().map(|name| json!({"required": [name]}));
        definition["oneOf"] = each.collect();
    }
    if let Some(doubles) = doubles(table) {
        definition["allOf"] = doubles;
    }
    definitions.insert(table.name.into(), definition);
}

/// Not both spellings of one key.
fn doubles(table: &Table) -> Option<Value> {
    let pairs = table
        .keys
        .iter()
        .filter_map(|key| Some([key.name, key.other?]));
    let pairs: Vec<Value> = pairs
        .map(|pair| json!({"not": {"type": "object", "required": pair}}))
        .collect();
    (!pairs.is_empty()).then(|| pairs.into())
}

fn property(key: &Key, same_as: Option<&str>) -> Value {
    let mut property = key.form.schema();
    property["description"] = match same_as {
        Some(name) => format!("The same as `{name}`.").into(),
        None => key.about.into(),
    };
    if let Class::Asks(kinds) = key.class {
        // For whoever reviews files of others: what a person may have to allow.
        property["x-asks"] = json!(kinds);
    }
    if let Some(default) = key.default {
        property["default"] = serde_json::from_str(default).expect("defaults are JSON");
    }
    property
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_described_and_every_reference_leads_somewhere() {
        let schema = schema();
        let text = schema.to_string();
        let mut count = 0;
        let definitions = schema["$defs"].as_object().expect("definitions");
        for table in definitions.values().chain([&schema]) {
            for (name, property) in table["properties"].as_object().expect("properties") {
                let about = property["description"].as_str().unwrap_or_default();
                assert!(about.ends_with('.'), "{name}: {about}");
                count += 1;
            }
        }
        assert!(count > 30, "these are all keys");
        for (at, _) in text.match_indices("#/$defs/") {
            let name = text[at + 8..].split('"').next().expect("a name");
            assert!(definitions.contains_key(name), "{name}");
        }
    }
}
