//! Makes a sandbox anew without losing the old one: that is stopped, put aside under another name,
//! and removed when the new one answers. When anything fails it comes back as it was.
//!
//! A container that was put aside keeps its labels, and its name says what it is. When a `dp` dies
//! in between, the next run finds it: see [`Aside`].

use super::apply::{self, ApplyError, Ready};
use super::beside;
use super::channel;
use super::existing::{Aside, Existing};
use super::means::Means;
use super::name::SandboxName;
use super::provide::Provided;
use super::sockets;
use super::spec::Spec;
use crate::engine::{Engine, EngineError};
use crate::files::private_directory;
use std::cell::RefCell;
use std::time::Duration;
use tokio::time::Instant;

/// How long whoever put a container aside may take to create the next one.
const MAKER: Duration = Duration::from_secs(3);
/// How long a recreation may take to be taken back: no longer than to stop and start a sandbox.
const UNDO: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(25);

/// What a recreation has begun to replace, and what it has made: empty before and after.
#[derive(Debug, Default)]
pub struct Halfway(RefCell<Option<(Existing, Option<String>)>>);

impl Halfway {
    fn begin(&self, old: &Existing) {
        *self.0.borrow_mut() = Some((old.clone(), None));
    }

    /// A container was created, of this ID.
    pub(super) fn made(&self, id: &str) {
        if let Some((_, new)) = &mut *self.0.borrow_mut() {
            *new = Some(id.to_string());
        }
    }

    /// There is something to take back.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.0.borrow().is_some()
    }

    fn end(&self) {
        *self.0.borrow_mut() = None;
    }
}

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
    means.halfway.begin(&old);
    let outcome = replace(engine, &spec, image, &old, means).await;
    match outcome {
        Ok(ready) => {
            means.halfway.end();
            // The new one is there: what stays now goes with the next run.
            let _left = remove(engine, &old).await;
            Ok(ready)
        }
        Err(error) => {
            // The first failure is the one to tell; what cannot be brought back now is found by
            // the next run.
            let _left = bring_back(engine, &old, means).await;
            means.halfway.end();
            Err(error)
        }
    }
}

/// Takes a recreation back that was stopped in the middle: the old sandbox is there again, as it
/// was but for what ran in it. False when there was nothing to take back, or when another `dp` has
/// made the next one.
///
/// # Errors
/// [`ApplyError`], `Contended` when the engine did not do it in time; the next run finds the old
/// one then.
pub async fn undo(engine: &Engine, means: Means<'_>) -> Result<bool, ApplyError> {
    let Some((old, new)) = means.halfway.0.take() else {
        return Ok(false);
    };
    let work = async {
        // The engine may still be at what was asked of it.
        if old.is_active() {
            stop(engine, &old).await?;
        }
        while engine.container(&old.id).await?.name != old.name.container() {
            if !clear(engine, &old.name, new.as_deref()).await? {
                return Ok(false);
            }
            match engine
                .rename_container(&old.id, &old.name.container())
                .await
            {
                Err(error) if error.is_conflict() => tokio::time::sleep(POLL).await,
                renamed => renamed?,
            }
        }
        bring_back(engine, &old, means).await?;
        Ok(true)
    };
    let in_time = tokio::time::timeout(UNDO, work).await;
    in_time.unwrap_or_else(|_| {
        Err(ApplyError::Contended {
            name: old.name.to_string(),
        })
    })
}

/// Takes the new container away that has the name of the old one: the one that is known to be ours,
/// or that nobody has started. False for one that another `dp` has.
async fn clear(
    engine: &Engine,
    name: &SandboxName,
    ours: Option<&str>,
) -> Result<bool, EngineError> {
    match engine.container(&name.container()).await {
        Ok(row) if Some(row.id.as_str()) == ours || row.state == "created" => {
            match Existing::of(row.clone()) {
                Some(new) => remove(engine, &new).await?,
                None => remove_container(engine, &row.id).await?,
            }
            Ok(true)
        }
        Ok(_) => Ok(false),
        Err(error) if error.is_not_found() => Ok(true),
        Err(error) => Err(error),
    }
}

/// Finishes what a `dp` that died left of a recreation, once `sandbox` works: what it replaces goes.
///
/// # Errors
/// [`EngineError`].
pub async fn finish(engine: &Engine, sandbox: &Existing) -> Result<(), EngineError> {
    match &sandbox.aside {
        Aside::Replaces(old) => remove(engine, old).await,
        _ => Ok(()),
    }
}

/// Takes back what a `dp` that died began: `new` never ran, and cannot be started.
pub(super) async fn give_up(engine: &Engine, new: &Existing, means: Means<'_>) {
    if let Aside::Replaces(old) = &new.aside
        && new.state == "created"
        && remove(engine, new).await.is_ok()
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
    remove(engine, &away).await?;
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
        stop(engine, old).await?;
    }
    if old.aside != Aside::Itself {
        put_aside(engine, old).await?;
    }
    let ready = apply::create_from(engine, spec, image, means).await?;
    match answers(engine, &ready, means).await {
        Ok(()) => Ok(ready),
        Err(error) => {
            if ready.is_new {
                apply::remove(engine, &ready.sandbox).await?;
            }
            Err(error)
        }
    }
}

/// One that is gone is stopped.
async fn stop(engine: &Engine, old: &Existing) -> Result<(), EngineError> {
    match beside::stop(engine, old).await {
        Err(error) if error.is_not_found() => Ok(()),
        stopped => stopped,
    }
}

/// A sandbox that ends as soon as it is started is no replacement, nor is one without the Docker
/// engine that is asked for.
async fn answers(engine: &Engine, ready: &Ready, means: Means<'_>) -> Result<(), ApplyError> {
    beside::finish(engine, &ready.sandbox, means).await?;
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

/// Removes a container and the directory of its socket, which is no other one's.
async fn remove(engine: &Engine, sandbox: &Existing) -> Result<(), EngineError> {
    remove_container(engine, &sandbox.id).await?;
    if let Some(directory) = sandbox.socket_directory() {
        sockets::forget(directory);
    }
    Ok(())
}

async fn remove_container(engine: &Engine, id: &str) -> Result<(), EngineError> {
    match engine.remove_container(id).await {
        Err(error) if error.is_not_found() || error.is_conflict() => Ok(()),
        removed => removed,
    }
}
