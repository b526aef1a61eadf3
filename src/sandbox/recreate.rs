//! Makes a sandbox anew without losing the old one: that is stopped, put aside under another name,
//! and removed when the new one answers. When anything fails it comes back as it was.
//!
//! A container that was put aside keeps its labels, and its name says what it is. When a `dp` dies
//! in between, the next run finds it: see [`Aside`].

use super::apply::{self, ApplyError, Ready};
use super::channel;
use super::existing::{Aside, Existing};
use super::inner_engine;
use super::means::Means;
use super::provide::Provided;
use super::spec::Spec;
use crate::config::private_directory;
use crate::engine::{Engine, EngineError};
use std::time::Duration;
use tokio::time::Instant;

/// How long whoever put a container aside may take to create the next one.
const MAKER: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(25);

/// Makes `found` anew as `spec` says. Whatever can be known before is done before `found` is
/// touched; its port and its volumes must be free for the new one, so it cannot go on until then.
pub(super) async fn recreate(
    engine: &Engine,
    spec: &Spec,
    found: Existing,
    means: Means<'_>,
) -> Result<Ready, ApplyError> {
    // Whoever gave it a name need not say that again.
    let spec = spec.called(&found.name);
    let (spec, image) = apply::gather_parts(engine, &spec, means).await?;
    let old = whole(engine, found).await?;
    let outcome = replace(engine, &spec, image, &old, means).await;
    match outcome {
        Ok(ready) => {
            // The new one is there: what stays now goes with the next run.
            let _left = remove(engine, &old.id).await;
            Ok(ready)
        }
        Err(error) => {
            // The first failure is the one to tell; what cannot be brought back now is found by
            // the next run.
            let _left = bring_back(engine, &old, means).await;
            Err(error)
        }
    }
}

/// Finishes what a `dp` that died left of a recreation, once `sandbox` works: what it replaces goes.
///
/// # Errors
/// [`EngineError`].
pub async fn finish(engine: &Engine, sandbox: &Existing) -> Result<(), EngineError> {
    match &sandbox.aside {
        Aside::Replaces(old) => remove(engine, &old.id).await,
        _ => Ok(()),
    }
}

/// Takes back what a `dp` that died began: `new` never ran, and cannot be started.
pub(super) async fn give_up(engine: &Engine, new: &Existing, means: Means<'_>) {
    if let Aside::Replaces(old) = &new.aside
        && new.state == "created"
        && remove(engine, &new.id).await.is_ok()
    {
        // Why it cannot be started is what is told.
        let _left = bring_back(engine, old, means).await;
    }
}

/// The container that has what is worth keeping: one that replaces another and never ran has
/// nothing, one that did has it all.
async fn whole(engine: &Engine, mut found: Existing) -> Result<Existing, EngineError> {
    let Aside::Replaces(old) = std::mem::take(&mut found.aside) else {
        return Ok(found);
    };
    let (keep, away) = if found.state == "created" {
        (*old, found)
    } else {
        (found, *old)
    };
    remove(engine, &away.id).await?;
    Ok(keep)
}

async fn replace(
    engine: &Engine,
    spec: &Spec,
    image: Provided,
    old: &Existing,
    means: Means<'_>,
) -> Result<Ready, ApplyError> {
    if old.is_active() {
        match engine.stop_container(&old.id, apply::GRACE).await {
            Err(error) if error.is_not_found() => {}
            stopped => stopped?,
        }
    }
    if old.aside != Aside::Itself {
        put_aside(engine, old).await?;
    }
    let ready = apply::create_from(engine, spec, image, means).await?;
    match answers(engine, &ready).await {
        Ok(()) => Ok(ready),
        Err(error) => {
            if ready.is_new {
                apply::remove(engine, &ready.sandbox).await?;
            }
            Err(error)
        }
    }
}

/// A sandbox that ends as soon as it is started is no replacement, nor is one without the Docker
/// engine that is asked for.
async fn answers(engine: &Engine, ready: &Ready) -> Result<(), ApplyError> {
    if ready.sandbox.has_inner_engine() {
        return Ok(inner_engine::wait(engine, &ready.sandbox, ready.is_fresh).await?);
    }
    channel::open(engine, &ready.sandbox, ready.is_fresh).await?;
    Ok(())
}

/// Another `dp` that makes it anew at the same time, or that removes it, is as good.
async fn put_aside(engine: &Engine, old: &Existing) -> Result<(), EngineError> {
    let renamed = engine.rename_container(&old.id, &old.name.aside()).await;
    match renamed {
        Err(error) if error.is_not_found() => Ok(()),
        Err(error) => match engine.container(&old.id).await {
            Ok(row) if row.name == old.name.aside() => Ok(()),
            Err(gone) if gone.is_not_found() => Ok(()),
            _ => Err(error),
        },
        Ok(()) => Ok(()),
    }
}

/// The old one under its own name, running if it ran.
async fn bring_back(engine: &Engine, old: &Existing, means: Means<'_>) -> Result<(), ApplyError> {
    let name = old.name.container();
    let renamed = engine.rename_container(&old.id, &name).await;
    if renamed.is_err() && engine.container(&old.id).await?.name != name {
        return Ok(renamed?);
    }
    if let Some(directory) = old.socket_directory() {
        // It went with the container that failed.
        private_directory(directory).map_err(ApplyError::State)?;
    }
    if old.is_active() {
        let stopped = Existing {
            state: "exited".into(),
            aside: Aside::No,
            ..old.clone()
        };
        apply::start_again(engine, &stopped, means).await?;
    }
    Ok(())
}

/// Gives a container that a `dp` left aside its name again. A `dp` that lives creates the next one
/// within moments; false when it did, or when the container is gone.
pub(super) async fn reclaim(engine: &Engine, aside: &Existing) -> Result<bool, EngineError> {
    let name = aside.name.container();
    let deadline = Instant::now() + MAKER;
    loop {
        match engine.container(&name).await {
            Ok(_) => return Ok(false),
            Err(error) if !error.is_not_found() => return Err(error),
            Err(_) if Instant::now() > deadline => break,
            Err(_) => tokio::time::sleep(POLL).await,
        }
    }
    match engine.rename_container(&aside.id, &name).await {
        Err(error) if error.is_not_found() || error.is_conflict() => Ok(false),
        renamed => renamed.map(|()| true),
    }
}

/// Removes a container and nothing beside it: the directory of its socket is the next one's.
async fn remove(engine: &Engine, id: &str) -> Result<(), EngineError> {
    match engine.remove_container(id).await {
        Err(error) if error.is_not_found() || error.is_conflict() => Ok(()),
        removed => removed,
    }
}
