//! The environment of a session: the agent's own, the terminal's, what the person gives, secrets.
//!
//! It is sent to the guest with the one command that needs it and is part of nothing else: not of
//! the container's configuration, its labels, the plan or a log.

use super::spec::Spec;
use crate::config::Credentials;
use crate::images::authorities::VARIABLES;
use crate::secrets::{self, SecretError, Store, TemplateError};
use secrecy::ExposeSecret;
use std::collections::BTreeMap;

/// The system's bundle inside, once the guest has added the host's authorities to it.
const BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";
/// What a terminal says of itself.
const TERMINAL: [&str; 5] = ["TERM", "COLORTERM", "TERM_PROGRAM", "LANG", "LC_ALL"];

/// The environment of the agent of `spec`, before what the person gives.
///
/// # Errors
/// [`SecretError`] when a secret that the agent is to have cannot be had.
pub fn of_agent(
    spec: &Spec,
    configured: &BTreeMap<String, String>,
    store: &Store,
) -> Result<BTreeMap<String, String>, SecretError> {
    let definition = &spec.agent.definition;
    let mut env = definition.env.clone();
    let uses_login = spec.effective().credentials != Some(Credentials::None);
    if let (Some(directory), Some(state)) = (spec.state_directory(), &definition.state)
        && let Some(variable) = state.variable.clone().filter(|_| uses_login)
    {
        env.insert(variable, directory);
    }
    // A secret that is called like one of the agent's variables is meant for it.
    let names = store.read_names()?;
    let own = definition
        .api_keys
        .iter()
        .filter(|name| names.contains_key(*name));
    let own = own.map(|name| (name, name));
    for (variable, name) in own.chain(configured) {
        env.insert(
            variable.clone(),
            store.find(name)?.expose_secret().to_string(),
        );
    }
    Ok(env)
}

/// What is the same for every process of a person's session.
#[must_use]
pub fn of_session(is_terminal: bool, has_authorities: bool) -> BTreeMap<String, String> {
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
    if has_authorities {
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
        .map(|(name, value)| Ok((name, secrets::expand(&value, store)?)))
        .collect()
}
