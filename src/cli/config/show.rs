//! `dp config show`: every setting and where its value comes from.

use super::super::output::{Answer, Page, table};
use super::super::{Context, Result};
use crate::config::Credentials;
use crate::values::DetachKeys;
use clap::Args;
use serde::Serialize;
use std::io;

/// Show every setting and where its value comes from
#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArgs {}

#[derive(Serialize)]
struct Setting {
    name: String,
    value: serde_json::Value,
    source: String,
}

/// The settings.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Settings(Vec<Setting>);

pub(super) fn run(ctx: &Context, _: &ShowArgs) -> Result<Settings> {
    let config = ctx.config()?;
    let written = match serde_json::to_value(config) {
        Ok(serde_json::Value::Object(written)) => written,
        _ => serde_json::Map::new(),
    };
    let defaults = serde_json::json!({
        "default_agent": null,
        "credentials": Credentials::default(),
        "detach_keys": DetachKeys::default(),
        "trust_host_ca": false,
        "image": null,
        "build_args": {},
        "agents": {},
        "secrets": {},
    });
    let mut settings: Vec<Setting> = Vec::new();
    for (name, default) in defaults.as_object().into_iter().flatten() {
        let (value, source) = match written.get(name) {
            Some(value) => (value.clone(), "config.toml"),
            None => (default.clone(), "default"),
        };
        settings.push(Setting {
            name: name.clone(),
            value,
            source: source.into(),
        });
    }
    settings.push(engine(ctx));
    Ok(Settings(settings))
}

fn engine(ctx: &Context) -> Setting {
    let (value, source) = match ctx.endpoint() {
        Ok(endpoint) => (endpoint.to_string().into(), endpoint.source),
        Err(error) => (serde_json::Value::Null, error.message),
    };
    Setting {
        name: "engine".into(),
        value,
        source,
    }
}

impl Answer for Settings {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        let show = |value: &serde_json::Value| match value {
            serde_json::Value::Null => "-".to_string(),
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Object(map) if map.is_empty() => "-".to_string(),
            serde_json::Value::Object(map) => map.keys().cloned().collect::<Vec<_>>().join(", "),
            other => other.to_string(),
        };
        let row = |setting: &Setting| {
            vec![
                setting.name.clone(),
                show(&setting.value),
                setting.source.clone(),
            ]
        };
        table(
            out,
            &["setting", "value", "from"],
            self.0.iter().map(row).collect(),
        )
    }
}
