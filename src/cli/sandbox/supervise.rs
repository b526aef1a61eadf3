//! Single agents of sandboxes that run: ended, started again, or both, with all others left alone.

use super::super::{Context, Error, Result};
use super::ask::{answer, unexpected};
use super::stop::select;
use super::{enter, keys, ps};
use crate::engine::Engine;
use crate::guest::message::{ProcessInfo, Reply, Request};
use crate::sandbox::existing::Selector;
use crate::sandbox::{Existing, SandboxName, channel};
use clap::Args;
use serde::Serialize;
use tokio::task::JoinSet;

/// The option that names agents.
#[derive(Debug, Args)]
pub(in crate::cli) struct Agents {
    /// Only this agent, or this instance of one, and not the sandbox (repeatable)
    #[arg(long = "agent", value_name = "KEY")]
    pub(super) agents: Vec<String>,
}

/// What is done to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Stop,
    Start,
    Restart,
}

/// An agent to which something was done.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Affected {
    pub(super) sandbox: SandboxName,
    pub(super) key: String,
}

/// Does it to the agents in every one of the sandboxes that has them; without a sandbox it is this
/// directory's. Whoever is in that state already is left out. Nothing is done while a key stands for
/// nobody.
pub(super) async fn supervise(
    ctx: &Context,
    selectors: &[Selector],
    agents: &Agents,
    deed: Deed,
) -> Result<Vec<Affected>> {
    let engine = ctx.engine()?;
    let here = [Selector::Path(".".into())];
    let selectors = if selectors.is_empty() {
        &here
    } else {
        selectors
    };
    let mut all = Vec::new();
    for sandbox in running(select(ctx, &engine, selectors).await?)? {
        let processes = ps::processes(&engine, &sandbox).await?;
        all.push((sandbox, processes));
    }
    let mut chosen: Vec<(&Existing, String)> = Vec::new();
    for given in &agents.agents {
        for (sandbox, key) in meant(given, &all)? {
            if !chosen.contains(&(sandbox, key.clone())) {
                chosen.push((sandbox, key));
            }
        }
    }
    chosen.retain(|(sandbox, key)| {
        let processes = all.iter().find(|(one, _)| one.id == sandbox.id);
        let runs = processes.is_some_and(|(_, processes)| runs(key, processes));
        match deed {
            Deed::Stop => runs,
            Deed::Start => !runs,
            Deed::Restart => true,
        }
    });
    carry_out(&engine, chosen, deed).await
}

/// Those that run; when none does, it is said of the first.
fn running(mut found: Vec<Existing>) -> Result<Vec<Existing>> {
    if !found.iter().any(Existing::is_running)
        && let Some(first) = found.pop()
    {
        return Ok(vec![enter::expect_running(first)?]);
    }
    found.retain(Existing::is_running);
    Ok(found)
}

/// Whom a person means, in whichever sandbox.
fn meant<'a>(
    given: &str,
    all: &'a [(Existing, Vec<ProcessInfo>)],
) -> Result<Vec<(&'a Existing, String)>> {
    let (mut found, mut known) = (Vec::new(), Vec::new());
    for (sandbox, processes) in all {
        for key in keys::of(processes) {
            if keys::stands_for(given, &key) {
                found.push((sandbox, key.clone()));
            }
            known.push(key);
        }
    }
    match all.first() {
        Some((sandbox, _)) if found.is_empty() => Err(keys::unknown(given, sandbox, &known)),
        _ => Ok(found),
    }
}

fn runs(key: &str, processes: &[ProcessInfo]) -> bool {
    let of_key = |process: &&ProcessInfo| process.key.as_deref() == Some(key);
    let mut of_key = processes.iter().filter(of_key);
    of_key.any(|process| process.exit.is_none())
}

/// All of them at once: an agent may take its time to end. The first failure is told when every
/// other one is done.
async fn carry_out(
    engine: &Engine,
    chosen: Vec<(&Existing, String)>,
    deed: Deed,
) -> Result<Vec<Affected>> {
    let mut work = JoinSet::new();
    for (place, (sandbox, key)) in chosen.iter().enumerate() {
        let stream = channel::open(engine, sandbox, false).await?;
        let key = key.clone();
        work.spawn(async move {
            let request = match deed {
                Deed::Stop => Request::Stop { key },
                Deed::Start | Deed::Restart => Request::Restart { key },
            };
            let answer = answer(stream, request).await;
            (place, answer)
        });
    }
    let mut failures = Vec::new();
    while let Some(done) = work.join_next().await {
        let (place, answer) = done.map_err(|error| Error::failed("guest", error.to_string()))?;
        match answer {
            Ok(Reply::Done | Reply::Started { .. }) => {}
            Ok(_) => failures.push((place, unexpected())),
            Err(error) => failures.push((place, error)),
        }
    }
    if let Some((_, error)) = failures.into_iter().min_by_key(|(place, _)| *place) {
        return Err(error);
    }
    let affected = chosen.into_iter().map(|(sandbox, key)| Affected {
        sandbox: sandbox.name.clone(),
        key,
    });
    Ok(affected.collect())
}
