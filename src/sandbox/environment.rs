//! The environment of a session: the agent's own, the terminal's, what the person gives, secrets.
//!
//! It is sent to the guest with the one command that needs it and is part of nothing else: not of
//! the container's configuration, its labels, the plan or a log.

use super::existing::Existing;
use super::inner_engine::InnerEngine;
use super::settings::Settings;
use crate::agents::Agent;
use crate::config::Credentials;
use crate::engine::containers::MountRow;
use crate::guest::INNER_ENGINE_SOCKET;
use crate::images::authorities::VARIABLES;
use crate::secrets::{self as secret_store, SecretError, Store, TemplateError};
use crate::values::placeholder;
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::path::Path;

/// The system's bundle inside, once the guest has added the host's authorities to it.
const BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";
/// What a terminal says of itself.
const TERMINAL: [&str; 5] = ["TERM", "COLORTERM", "TERM_PROGRAM", "LANG", "LC_ALL"];

/// The environment that an agent has in a sandbox: its definition's `own`, as far as it is to be
/// given, and the variable that names where its login is.
#[must_use]
pub fn of_agent(
    agent: &Agent,
    own: BTreeMap<String, String>,
    sandbox: &Existing,
) -> BTreeMap<String, String> {
    let mut env = own;
    env.extend(of_login(agent, &sandbox.settings, &sandbox.mounts));
    env
}

/// The variable that names where an agent's login is, in a sandbox of these settings and mounts.
#[must_use]
pub fn of_login(
    agent: &Agent,
    settings: &Settings,
    mounts: &[MountRow],
) -> Option<(String, String)> {
    let state = agent.definition.state.as_ref()?;
    let variable = state.variable.as_ref()?;
    let directory = format!("{}/{}", settings.home(), state.directory);
    let is_there = has_login(agent, &directory, settings, mounts);
    is_there.then(|| (variable.clone(), directory))
}

/// The directory of an agent's login is there. With the host's logins it is when there was a file
/// to put into it.
fn has_login(agent: &Agent, directory: &str, settings: &Settings, mounts: &[MountRow]) -> bool {
    let home = settings.home();
    match settings.credentials {
        Some(Credentials::None) => false,
        Some(Credentials::Host) => mounts.iter().any(|mount| {
            let mut files = agent.definition.host_files.iter();
            Path::new(&mount.target).starts_with(directory)
                || files.any(|file| mount.target == format!("{home}/{file}"))
        }),
        Some(Credentials::Sandbox | Credentials::Workspace) | None => true,
    }
}

/// What holds no placeholder of a secret.
#[must_use]
pub fn without_secrets(mut env: BTreeMap<String, String>) -> BTreeMap<String, String> {
    env.retain(|_, value| placeholder::names(value).next().is_none());
    env
}

/// The secrets of an agent: `configured` variables, and those that are called like one of its own.
///
/// # Errors
/// [`SecretError`] when one that the agent is to have cannot be had.
pub fn secrets(
    agent: &Agent,
    configured: &BTreeMap<String, String>,
    store: &Store,
) -> Result<BTreeMap<String, String>, SecretError> {
    let names = secret_names(agent, configured, store)?.into_iter();
    names
        .map(|(variable, name)| {
            let value = store.find(&name)?.expose_secret().to_string();
            Ok((variable, value))
        })
        .collect()
}

/// The variables of an agent that hold a secret, and what each secret is called. No secret is
/// looked at.
///
/// # Errors
/// [`SecretError`] when it cannot be told which secrets there are.
pub fn secret_names(
    agent: &Agent,
    configured: &BTreeMap<String, String>,
    store: &Store,
) -> Result<BTreeMap<String, String>, SecretError> {
    let known = store.read_names()?;
    let own = agent.definition.api_keys.iter();
    let own = own
        .filter(|name| known.contains_key(*name))
        .map(|name| (name, name));
    let all = own.chain(configured);
    Ok(all
        .map(|(variable, name)| (variable.clone(), name.clone()))
        .collect())
}

/// What is the same for every process of a person's session.
#[must_use]
pub fn of_session(is_terminal: bool, settings: &Settings) -> BTreeMap<String, String> {
    let mut env = BTreeMap::new();
    if is_terminal {
        for name in TERMINAL {
            if let Ok(value) = std::env::var(name) {
                env.insert(name.to_string(), value);
            }
        }
        // A locale that the image lacks makes every program complain.
        env.retain(|name, value| !matches!(name.as_str(), "LANG" | "LC_ALL") || value == "C.UTF-8");
    }
    if settings.dind.is_some_and(InnerEngine::is_on) {
        let address = format!("unix://{INNER_ENGINE_SOCKET}");
        env.insert("DOCKER_HOST".into(), address);
    }
    if settings.host_ca == Some(true) {
        env.extend(VARIABLES.map(|name| (name.to_string(), BUNDLE.to_string())));
    }
    env
}

/// Replaces `{{apikey:NAME}}` in every value.
///
/// # Errors
/// [`TemplateError`].
pub fn expand(
    env: BTreeMap<String, String>,
    store: &Store,
) -> Result<BTreeMap<String, String>, TemplateError> {
    env.into_iter()
        .map(|(name, value)| Ok((name, secret_store::expand(&value, store)?)))
        .collect()
}
