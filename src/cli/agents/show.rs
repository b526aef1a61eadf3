//! `dp agents show`.

use super::super::output::{Answer, Page};
use super::super::{Context, Result};
use crate::agents::{Agent, StateDirectory};
use clap::Args;
use serde::Serialize;
use std::io;

/// Show what an agent is made of
#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArgs {
    /// Name of the agent
    agent: String,
}

/// One agent.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Shown(Agent);

pub(super) fn run(ctx: &Context, args: &ShowArgs) -> Result<Shown> {
    Ok(Shown(ctx.catalogue()?.find(&args.agent)?.clone()))
}

impl Answer for Shown {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        let Agent {
            name,
            is_custom,
            definition,
        } = &self.0;
        let from = if *is_custom {
            "config.toml"
        } else {
            "built in"
        };
        writeln!(out, "name          {name} ({from})")?;
        let state = definition.state.as_ref().map(kept_in);
        let env: Vec<String> = definition
            .env
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        let lines = [
            ("description", definition.description.clone()),
            ("command", definition.command.join(" ")),
            ("else", definition.alternatives.join(", ")),
            ("bypass", definition.bypass.join(" ")),
            ("but not with", definition.subcommands.join(", ")),
            ("environment", env.join(" ")),
            ("install", definition.install.clone()),
            ("needs", definition.requires.join(", ")),
            ("version", definition.version.join(" ")),
            ("login kept in", state.unwrap_or_default()),
            ("host files", definition.host_files.join(", ")),
            ("API keys", definition.api_keys.join(", ")),
            ("first login", definition.login.clone()),
        ];
        for (title, text) in lines.iter().filter(|(_, text)| !text.is_empty()) {
            writeln!(out, "{title:13} {text}")?;
        }
        Ok(())
    }
}

fn kept_in(state: &StateDirectory) -> String {
    let mut text = format!("~/{}", state.directory);
    if let Some(variable) = &state.variable {
        text.push_str(&format!(" ({variable})"));
    }
    if let Some(hostname) = &state.hostname {
        text.push_str(&format!(", where the hostname is `{hostname}`"));
    }
    text
}
