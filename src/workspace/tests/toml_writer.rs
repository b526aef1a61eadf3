//! The TOML that says what a text in YAML says, for tests that hold one against the other.

use super::super::mistake::Mistakes;
use super::super::node::{Entry, Node, Value};
use super::super::{Source, yaml};

/// One line for each key at the root; `None` when TOML cannot say it.
pub(super) fn toml_of(text: &str) -> Option<String> {
    let mut mistakes = Mistakes::default();
    let root = yaml::parse(&Source::new("dp.yml", text), &mut mistakes).ok()?;
    let Value::Map(entries) = root.value else {
        return None;
    };
    let lines: Option<Vec<String>> = entries.iter().map(line).collect();
    Some(lines?.concat())
}

fn line(entry: &Entry) -> Option<String> {
    Some(format!("{}\n", pair(entry)?))
}

fn pair(entry: &Entry) -> Option<String> {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let key = if !entry.key.is_empty() && entry.key.chars().all(is_bare) {
        entry.key.clone()
    } else {
        quoted(&entry.key)
    };
    Some(format!("{key} = {}", value(&entry.node)?))
}

fn value(node: &Node) -> Option<String> {
    Some(match &node.value {
        Value::Null => return None,
        Value::Flag(flag) => flag.to_string(),
        Value::Number(text) | Value::Date(text) => text.clone(),
        Value::Text(text) => quoted(text),
        Value::List(items) => {
            let items: Option<Vec<String>> = items.iter().map(value).collect();
            format!("[{}]", items?.join(", "))
        }
        Value::Map(entries) => {
            let pairs: Option<Vec<String>> = entries.iter().map(pair).collect();
            format!("{{ {} }}", pairs?.join(", "))
        }
    })
}

/// JSON's escapes are TOML's too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
