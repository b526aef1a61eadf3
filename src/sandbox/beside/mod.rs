//! The Docker engine beside a sandbox: a container of its own that shares the sandbox's network
//! namespace, and that lives and dies with it.
//!
//! It is made anew at each start of the sandbox, and the outer engine removes it when it ends: nothing
//! of it is worth keeping but its data, which is a volume. Its PID 1 ends when the sandbox's does, so
//! what a `dp` that died leaves is a sandbox without an engine, which the next run mends.

mod container;
mod seccomp;

pub(super) use container::of_dp;

use super::apply::{ApplyError, GRACE};
use super::existing::Existing;
use super::inner_engine::InnerEngine;
use super::means::Means;
use super::mount_points;
use super::proof;
use super::provide;
use crate::engine::containers::{ContainerRow, MountRow};
use crate::engine::{Engine, EngineError};
use crate::files::Pins;
use crate::guest::message::{Boot, Docker, EngineBoot};
use crate::volumes::ownership;
use jiff::Timestamp;
use serde::Serialize;
use std::time::Duration;
use tokio::time::Instant;

/// How long the engine of an earlier start of the sandbox may take to end.
const END: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(20);

/// The container of a sandbox's Docker engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineContainer {
    /// The container's ID.
    pub id: String,
    /// `running`, `created`, …: the engine's word.
    pub state: String,
}

impl EngineContainer {
    fn of(row: ContainerRow) -> Self {
        Self {
            id: row.id,
            state: row.state,
        }
    }
}

/// Pairs sandboxes with the containers of their engines, which join their networks.
pub(super) fn pair(sandboxes: &mut [Existing], engines: Vec<ContainerRow>) {
    for row in engines {
        let is_its = |sandbox: &&mut Existing| row.network == container::network(&sandbox.id);
        if let Some(sandbox) = sandboxes.iter_mut().find(is_its) {
            sandbox.engine = Some(EngineContainer::of(row));
        }
    }
}

/// A sandbox has its Docker engine in a container of its own.
fn has_one(sandbox: &Existing) -> bool {
    sandbox.settings.dind.is_some_and(InnerEngine::is_beside)
}

/// Sees to it, in the background, that the engine's container of a sandbox that runs is there: nobody
/// waits for it but who wants Docker. `is_fresh` when the sandbox was started just now; otherwise a
/// listing may tell that there is nothing to do.
pub fn begin(engine: &Engine, sandbox: &Existing, is_fresh: bool) {
    let is_up = { sandbox.engine.as_ref() }.is_some_and(|found| found.state == "running");
    if !has_one(sandbox) || (!is_fresh && is_up) {
        return;
    }
    let (engine, sandbox) = (engine.clone(), sandbox.clone());
    // Whoever has to know how it ends waits for it.
    tokio::spawn(async move { wait(&engine, &sandbox).await });
}

/// Makes the engine's container of a new sandbox, which fills the volume with the `docker` command.
/// Whatever fails here is told by whoever waits for it.
pub(super) async fn prepare(engine: &Engine, sandbox: &Existing) {
    if has_one(sandbox)
        && let Some(tag) = container::image(sandbox)
        && let (Ok(image), Ok(Some(boot))) = tokio::join!(engine.image(&tag), boot(engine, sandbox))
    {
        let new = container::container(sandbox, &image.id, &boot);
        let _told_later = engine.create_container(new).await;
    }
}

/// What the engine's PID 1 is told: who the agents are, and the door that the sandbox has. `None` for
/// a container that `dp` did not make so.
async fn boot(engine: &Engine, sandbox: &Existing) -> Result<Option<EngineBoot>, ApplyError> {
    let places = proof::places(sandbox, container::shared(sandbox))?;
    let shared: Vec<MountRow> = container::shared(sandbox).cloned().collect();
    // An agent has run since they were made for the sandbox.
    mount_points::prepare(engine, &shared, &Pins::default())?;
    let entrypoint = engine.container(&sandbox.id).await?.entrypoint;
    let boot = entrypoint
        .last()
        .and_then(|text| serde_json::from_str::<Boot>(text).ok());
    Ok(boot.and_then(|boot| match boot.docker? {
        Docker::Beside(door) => Some(EngineBoot {
            account: boot.account,
            door,
            kernel: proof::own_kernel(),
            places: places.clone(),
        }),
        Docker::Inside => None,
    }))
}

/// The image of a sandbox's engine, `repository:hash`; `None` for a sandbox without one beside it.
#[must_use]
pub fn image(sandbox: &Existing) -> Option<String> {
    container::image(sandbox)
}

/// Looks for the container of a sandbox's engine where no listing told of it.
///
/// # Errors
/// [`EngineError`].
pub async fn look(engine: &Engine, sandbox: &mut Existing) -> Result<(), EngineError> {
    if sandbox.engine.is_none() && has_one(sandbox) {
        let found = row(engine, sandbox, &container::name(sandbox)).await?;
        sandbox.engine = found.map(EngineContainer::of);
    }
    Ok(())
}

/// Waits until the engine's container of a sandbox runs, whose image is there.
///
/// # Errors
/// [`ApplyError`], such as why it cannot be started.
pub async fn wait(engine: &Engine, sandbox: &Existing) -> Result<(), ApplyError> {
    match container::image(sandbox) {
        Some(tag) if has_one(sandbox) => {
            let image = engine.image(&tag).await?.id;
            bring(engine, sandbox, &image).await
        }
        _ => Ok(()),
    }
}

/// The same, and makes an image where the sandbox's is missing.
///
/// # Errors
/// [`ApplyError`].
pub async fn finish(
    engine: &Engine,
    sandbox: &Existing,
    means: Means<'_>,
) -> Result<(), ApplyError> {
    match wait(engine, sandbox).await {
        Err(ApplyError::Engine(error)) if error.is_not_found() => {
            let image = provide::engine_image(engine, means).await?;
            bring(engine, sandbox, &image).await
        }
        waited => waited,
    }
}

/// Makes and starts the container, together with whoever else does.
async fn bring(engine: &Engine, sandbox: &Existing, image: &str) -> Result<(), ApplyError> {
    let name = container::name(sandbox);
    let deadline = Instant::now() + END;
    let Some(boot) = boot(engine, sandbox).await? else {
        return Ok(());
    };
    loop {
        let new = container::container(sandbox, image, &boot);
        let conflict = match engine.create_container(new).await {
            Ok(id) => return Ok(engine.start_container(&id).await?),
            Err(error) if error.is_conflict() => error,
            Err(error) => return Err(error.into()),
        };
        if let Some(id) = current(engine, sandbox, &name).await? {
            return Ok(engine.start_container(&id).await?);
        }
        if Instant::now() > deadline {
            return Err(conflict.into());
        }
        tokio::time::sleep(POLL).await;
    }
}

/// The engine's container of this name, if it belongs to this life of the sandbox. One that is older
/// than the sandbox's last start ends by itself.
async fn current(
    engine: &Engine,
    sandbox: &Existing,
    name: &str,
) -> Result<Option<String>, EngineError> {
    let Some(row) = row(engine, sandbox, name).await? else {
        return Ok(None);
    };
    let is_current = match row.state.as_str() {
        "created" => true,
        "running" => is_later(&row.started, &engine.container(&sandbox.id).await?.started),
        _ => false,
    };
    Ok(is_current.then_some(row.id))
}

/// One time of the engine's, RFC 3339, is after another. As texts they do not compare: the engine
/// leaves out zeros at the end of a fraction.
fn is_later(one: &str, other: &str) -> bool {
    let time = |text: &str| text.parse::<Timestamp>();
    matches!((time(one), time(other)), (Ok(one), Ok(other)) if one > other)
}

/// The container of this name, if it is the sandbox's engine's.
async fn row(
    engine: &Engine,
    sandbox: &Existing,
    name: &str,
) -> Result<Option<ContainerRow>, EngineError> {
    let row = match engine.container(name).await {
        Ok(row) => row,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let is_its = row.network == container::network(&sandbox.id);
    Ok((is_its && ownership::is_engine(&row)).then_some(row))
}

/// The ID of the container of a sandbox's engine, if there is one. One call where no listing told.
///
/// # Errors
/// [`EngineError`].
pub async fn find(engine: &Engine, sandbox: &Existing) -> Result<Option<String>, EngineError> {
    match &sandbox.engine {
        _ if !has_one(sandbox) => Ok(None),
        Some(found) => Ok(Some(found.id.clone())),
        None => {
            let found = row(engine, sandbox, &container::name(sandbox)).await?;
            Ok(found.map(|row| row.id))
        }
    }
}

/// Stops a sandbox and its engine.
///
/// # Errors
/// [`EngineError`]; `NotFound` for a sandbox that is gone.
pub async fn stop(engine: &Engine, sandbox: &Existing) -> Result<(), EngineError> {
    let of_engine = async {
        let Some(id) = find(engine, sandbox).await? else {
            return Ok(());
        };
        match engine.stop_container(&id, GRACE).await {
            // It ends with the sandbox, and is gone then.
            Err(error) if error.is_not_found() || error.is_conflict() => Ok(()),
            stopped => stopped,
        }
    };
    let of_sandbox = engine.stop_container(&sandbox.id, GRACE);
    let (of_sandbox, of_engine) = tokio::join!(of_sandbox, of_engine);
    of_sandbox.and(of_engine)
}

/// Removes the container of a sandbox's engine and waits until it is gone, so that its volume is free.
///
/// # Errors
/// [`EngineError`].
pub(super) async fn remove(engine: &Engine, sandbox: &Existing) -> Result<(), EngineError> {
    let Some(id) = find(engine, sandbox).await? else {
        return Ok(());
    };
    let deadline = Instant::now() + END;
    loop {
        match engine.remove_container(&id).await {
            Err(error) if error.is_not_found() => return Ok(()),
            // Another removal is under way: the outer engine's own.
            Err(error) if !error.is_conflict() || Instant::now() > deadline => return Err(error),
            Err(_) => tokio::time::sleep(POLL).await,
            Ok(()) => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_later;

    #[test]
    fn an_engine_of_this_life_was_started_after_the_sandbox() {
        let table = [
            ("2026-11-28T15:00:00.446Z", "2026-11-28T15:00:00.4Z", true),
            ("2026-11-28T15:00:00.4Z", "2026-11-28T15:00:00.446Z", false),
            ("2026-11-28T15:00:01Z", "2026-11-28T15:00:00.9Z", true),
            ("2026-11-28T15:00:01Z", "2026-11-28T15:00:01Z", false),
            ("", "2026-11-28T15:00:01Z", false),
        ];
        for (one, other, expected) in table {
            assert_eq!(is_later(one, other), expected, "{one} {other}");
        }
    }
}
