//! Agents of a sandbox by their keys: which there are, and which of them a person means.

use super::super::explain::{self, did_you_mean, list};
use super::super::{Context, Error, Result, workspace_file};
use super::meant::meant;
use crate::engine::Engine;
use crate::guest::message::ProcessInfo;
use crate::sandbox::Existing;
use crate::sandbox::existing::{SelectError, Selector};
use crate::sandbox::spec::TEAM;
use crate::workspace::WorkspaceFile;
use std::path::Path;

/// It is somebody's agent: no step of a set-up, nor the Docker engine inside.
pub(super) fn is_agent(key: &str) -> bool {
    !key.starts_with(':')
}

/// `given` stands for this one: `lead` for `lead`, `lead.1` and `lead.2`, `lead.2` for itself.
pub(super) fn stands_for(given: &str, key: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let instance = key
        .strip_prefix(given)
        .and_then(|rest| rest.strip_prefix('.'));
    key == given || instance.is_some_and(is_number)
}

/// The agents among these processes, each once, in the order in which they were first seen.
pub(super) fn of(processes: &[ProcessInfo]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for key in processes.iter().filter_map(|process| process.key.as_ref()) {
        if is_agent(key) && !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    keys
}

/// Nobody of this name has run; `known` have.
pub(super) fn unknown(given: &str, sandbox: &Existing, known: &[String]) -> Error {
    let name = &sandbox.name;
    let message =
        format!("no agent `{given}` has run in the sandbox `{name}` since it was started");
    let error = Error::not_found("no-process", message);
    if known.is_empty() {
        return error.hint(start(sandbox));
    }
    let error = error.cause(format!("those that have are {}", list(known)));
    match explain::near(given, known) {
        Some(near) => error.hint(did_you_mean(near)),
        None => error.hint(start(sandbox)),
    }
}

/// How an agent of this sandbox is started.
pub(super) fn start(sandbox: &Existing) -> String {
    match sandbox.agent.as_str() {
        TEAM => "`dp run` starts the agents of the workspace file, `dp run KEY` one of them".into(),
        agent => format!("`dp run {agent}` starts one"),
    }
}

/// A sandbox, and an agent in it if one was named. A word that stands alone and is no sandbox may be
/// an agent of this directory's.
pub(super) async fn select(
    ctx: &Context,
    engine: &Engine,
    sandbox: &Selector,
    agent: Option<String>,
) -> Result<(Existing, Option<String>)> {
    let selector = meant(ctx, sandbox).await?;
    let found = Existing::select(engine, &selector).await;
    let (Selector::Name(word), None) = (sandbox, &agent) else {
        return Ok((found?, agent));
    };
    let found = match found {
        Err(error @ SelectError::Missing { .. }) => Err(error),
        Ok(found) if !found.is_called(word) => Ok(found),
        found => return Ok((found?, agent)),
    };
    let mut known = file_keys(ctx);
    let here = of_here(ctx, engine, word, &mut known).await?;
    match (here, found) {
        (None, Ok(found)) => Ok((found, None)),
        (Some(_), Ok(found)) => Err(ambiguous(word, &found)),
        (Some(here), Err(_)) => Ok((here, Some(word.clone()))),
        (None, Err(missing)) => {
            let error = Error::from(missing);
            Err(match explain::near(word, &known) {
                Some(near) => error.hint(format!("the agent `{near}` is one of this directory's")),
                None => error,
            })
        }
    }
}

/// The sandbox of this directory in which an agent of this name works. The names of all of them are
/// added to those that are known.
async fn of_here(
    ctx: &Context,
    engine: &Engine,
    word: &str,
    known: &mut Vec<String>,
) -> Result<Option<Existing>> {
    let here = meant(ctx, &Selector::Path(".".into())).await?;
    let all = Existing::select_all(engine, &here).await;
    for found in all.unwrap_or_default() {
        let is_teams = found.agent == TEAM;
        if !is_teams {
            known.push(found.agent.clone());
        }
        let is_of_file = || known.iter().any(|key| is_agent_or_instance(key, word));
        if found.agent == *word || is_teams && is_of_file() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// A word that begins the ID of a sandbox is the name of an agent of this directory as well.
fn ambiguous(word: &str, found: &Existing) -> Error {
    Error::usage("ambiguous-sandbox", format!("`{word}` is ambiguous"))
        .cause("an agent of this directory has the name, and the ID of a sandbox begins so")
        .hint(format!(
            "`. {word}` is the agent, `{}` the sandbox",
            found.name
        ))
}

fn is_agent_or_instance(key: &str, word: &str) -> bool {
    key == word || stands_for(key, word)
}

/// The keys of the agents of this directory's workspace file, as far as it can be read.
pub(in crate::cli) fn file_keys(ctx: &Context) -> Vec<String> {
    let file = workspace_file::glance(ctx, Path::new("."));
    let agents = file.iter().flat_map(WorkspaceFile::agents);
    agents.map(|agent| agent.key.value.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stands_for_all_its_instances() {
        let table = [
            ("lead", "lead", true),
            ("lead", "lead.1", true),
            ("lead", "lead.12", true),
            ("lead.1", "lead.1", true),
            ("lead.1", "lead.12", false),
            ("lead.1", "lead", false),
            ("lead", "leader", false),
            ("lead", "lead.", false),
            ("lead", "lead.x", false),
            ("le", "lead", false),
        ];
        for (given, key, expected) in table {
            assert_eq!(stands_for(given, key), expected, "{given} {key}");
        }
    }
}
