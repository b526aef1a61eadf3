//! What `--rm` and `--stop` do to a sandbox when a run ends: nothing, as long as something goes on
//! in it.

use super::super::Result;
use super::super::explain::list;
use super::super::output::note;
use super::{ps, rm};
use crate::engine::Engine;
use crate::guest::INNER_ENGINE_KEY;
use crate::sandbox::Existing;
use crate::sandbox::beside;
use crate::sandbox::session::Outcome;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Remove,
    Stop,
}

impl After {
    pub(super) fn of(remove: bool, stop: bool) -> Option<Self> {
        match (remove, stop) {
            (true, _) => Some(Self::Remove),
            (false, true) => Some(Self::Stop),
            (false, false) => None,
        }
    }

    fn option(self) -> &'static str {
        match self {
            Self::Remove => "--rm",
            Self::Stop => "--stop",
        }
    }
}

/// Removes or stops the sandbox of a run, unless the run left its agent there or others use it than
/// those that it started itself, which are `ours`.
pub(super) async fn see_to(
    engine: &Engine,
    sandbox: Existing,
    after: After,
    outcome: &Result<Outcome>,
    ours: &[String],
    is_quiet: bool,
) -> Result<()> {
    let is_left = matches!(outcome, Ok(Outcome::Detached | Outcome::HungUp));
    // A guest that cannot be asked is none that serves somebody.
    let mut others = if is_left {
        Vec::new()
    } else {
        at_work(engine, &sandbox).await.unwrap_or_default()
    };
    others.retain(|name| !ours.contains(name));
    if is_left || !others.is_empty() {
        let (option, name) = (after.option(), &sandbox.name);
        let said = if is_left {
            format!("so `{option}` is not done")
        } else {
            let (who, verb) = (list(&others), if others.len() == 1 { "goes" } else { "go" });
            format!("`{option}` is not done: {who} {verb} on in {name}")
        };
        if !is_quiet {
            note(&said);
        }
        return Ok(());
    }
    if after == After::Remove {
        rm::remove(engine, vec![sandbox]).await?;
        return Ok(());
    }
    match beside::stop(engine, &sandbox).await {
        Err(error) if error.is_not_found() => Ok(()), // What is removed is stopped.
        stopped => Ok(stopped?),
    }
}

/// What runs in a sandbox for somebody, each once: agents by their names, commands by their
/// programs. What serves them is left out.
pub(super) async fn at_work(engine: &Engine, sandbox: &Existing) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for process in ps::processes(engine, sandbox).await? {
        let is_server = process.key.as_deref() == Some(INNER_ENGINE_KEY);
        let program = process.argv.into_iter().next();
        let name = process.key.or(program).unwrap_or_default();
        if process.exit.is_none() && !is_server && !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}
