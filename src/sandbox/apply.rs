//! Carries a plan out, with as few engine calls as it can: when nothing is missing, create and
//! start. Whatever turns out to be missing (the image, the guest's volume) is made and the call
//! repeated, so that the usual case asks nothing in advance.

use super::beside;
use super::channel::{self, ChannelError};
use super::existing::{Aside, Existing};
use super::hold::{self, Hold, HoldError};
use super::inner_engine::{self, InnerEngine, InnerEngineError};
use super::means::{Means, Step};
use super::mount_points::{self, MountPointError};
use super::network::{self, NetworkError};
use super::patience::Patience;
use super::plan::Plan;
use super::proof::{self, Moved};
use super::provide::{self, ProvideError, Provided};
use super::readable::{self, Unreadable};
use super::recreate;
use super::repository;
use super::requirements::{self, RequirementError};
use super::settings::Settings;
use super::sockets::{self, Offer};
use super::spec::Spec;
use crate::engine::containers::NewMount;
use crate::engine::{Engine, EngineError};
use crate::files::private_directory;
use crate::guest::BINARY;
use crate::guest::client::ClientError;
use crate::values::Cpus;
use crate::volumes::{self, ClaimError, GuestError};
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

/// Seconds between SIGTERM and SIGKILL; the guest itself needs at most eight.
pub const GRACE: u16 = 10;
/// How long whoever created a container may take to start it.
const MAKER: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(25);

/// Why a plan could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The name belongs to a container that is not ours.
    #[error("the container name `{container}` is taken by a container that `dp` did not make")]
    ForeignName {
        /// The name.
        container: String,
    },
    /// The container could not be started; a new one was removed again.
    #[error("the sandbox `{name}` cannot be started")]
    Start {
        /// The sandbox.
        name: String,
        /// The engine's words.
        reason: String,
    },
    /// The engine refused to create the container.
    #[error("the sandbox `{name}` cannot be created")]
    Create {
        /// The sandbox.
        name: String,
        /// The engine's words.
        reason: String,
    },
    /// Another `dp` was first, and its sandbox is not what is asked for.
    #[error("the sandbox differs from what is asked")]
    Refused(Box<Plan>),
    /// Other commands kept changing the same sandbox.
    #[error("the sandbox `{name}` was changed by other commands again and again")]
    Contended {
        /// The sandbox.
        name: String,
    },
    /// The directory that is shared with the guest could not be made.
    #[error("cannot use the state directory of `dp`")]
    State(std::io::Error),
    /// A file of git's that has to be guarded could not be made.
    #[error("cannot guard the repository of this linked worktree")]
    Repository(std::io::Error),
    /// The engine lacks what it needs.
    #[error(transparent)]
    Requirement(#[from] RequirementError),
    /// The network of all sandboxes cannot be had.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A volume that it is to have may not be used.
    #[error(transparent)]
    Volume(#[from] ClaimError),
    /// The image could not be come by.
    #[error(transparent)]
    Image(#[from] ProvideError),
    /// The guest could not be delivered.
    #[error(transparent)]
    Guest(#[from] GuestError),
    /// The Docker engine inside cannot be had.
    #[error(transparent)]
    InnerEngine(#[from] InnerEngineError),
    /// Something that it mounts is not what it was.
    #[error(transparent)]
    Moved(#[from] Moved),
    /// Nothing can be mounted where something should be.
    #[error(transparent)]
    MountPoint(#[from] MountPointError),
    /// The engine would not get over a file in it.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The guest could not be asked what is mounted.
    #[error(transparent)]
    Unheard(#[from] ClientError),
    /// The guest could not be reached.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// A sandbox that runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Ready {
    /// It.
    pub sandbox: Existing,
    /// It was started just now.
    pub is_fresh: bool,
    /// It was created just now.
    pub is_new: bool,
}

/// Carries out `plan`, which must not be a refusal.
///
/// # Errors
/// [`ApplyError`]; whatever was made by then is taken over by the next run.
pub async fn apply(
    engine: &Engine,
    spec: &Spec,
    plan: Plan,
    means: Means<'_>,
) -> Result<Ready, ApplyError> {
    let ready = Box::pin(carry_out(engine, spec, plan, means)).await?;
    beside::begin(engine, &ready.sandbox, ready.is_fresh);
    Ok(ready)
}

async fn carry_out(
    engine: &Engine,
    spec: &Spec,
    plan: Plan,
    means: Means<'_>,
) -> Result<Ready, ApplyError> {
    let running = |sandbox, is_fresh| Ready {
        sandbox,
        is_fresh,
        is_new: false,
    };
    repository::complete(&spec.repository).map_err(ApplyError::Repository)?;
    match plan {
        Plan::Enter(sandbox) if channel::still_runs(engine, &sandbox).await? => {
            proof::finish(engine, &sandbox, means.pins).await?;
            Ok(running(sandbox, false))
        }
        // Left aside by a `dp` that died, or that has made the next one by now.
        Plan::Start(sandbox)
            if sandbox.aside == Aside::Itself && !recreate::reclaim(engine, &sandbox).await? =>
        {
            create(engine, spec, means).await
        }
        Plan::Enter(sandbox) | Plan::Start(sandbox) => {
            match start_after_maker(engine, &sandbox, means).await {
                Ok(()) => Ok(running(sandbox, true)),
                Err(StartError::Gone) => create(engine, spec, means).await,
                Err(StartError::Other(error)) => {
                    recreate::give_up(engine, &sandbox, means).await;
                    Err(error)
                }
            }
        }
        Plan::Recreate(sandbox, _) => {
            Box::pin(recreate::recreate(engine, spec, sandbox, means)).await
        }
        Plan::Create => create(engine, spec, means).await,
        refused => Err(ApplyError::Refused(Box::new(refused))),
    }
}

/// Removes a sandbox and the directory that it shared with us; one that is gone, or going, is as
/// good as removed. Workspace and volumes stay.
///
/// # Errors
/// [`EngineError`].
pub async fn remove(engine: &Engine, sandbox: &Existing) -> Result<(), EngineError> {
    recreate::finish(engine, sandbox).await?;
    beside::remove(engine, sandbox).await?;
    match engine.remove_container(&sandbox.id).await {
        Err(error) if error.is_not_found() || error.is_conflict() => {}
        outcome => outcome?,
    }
    if let Some(directory) = sandbox.socket_directory() {
        sockets::forget(directory);
    }
    Ok(())
}

async fn create(engine: &Engine, spec: &Spec, means: Means<'_>) -> Result<Ready, ApplyError> {
    let (spec, image) = gather_parts(engine, spec, means).await?;
    create_from(engine, &spec, image, means).await
}

/// Everything that can fail before there is a container: what it needs of this engine, the kind of
/// inner engine that this engine can do, whether the volumes may be used, and the image.
pub(super) async fn gather_parts(
    engine: &Engine,
    spec: &Spec,
    means: Means<'_>,
) -> Result<(Spec, Provided), ApplyError> {
    let mut settled = spec.clone();
    requirements::check(engine, &mut settled).await?;
    settled.asked.dind = inner_engine::settle(engine, &settled.effective()).await?;
    let by_default = inner_engine::by_default(&settled);
    settled.asked.dind = settled.asked.dind.or(by_default);
    let mut mounts = settled.container("", "").mounts;
    mount_points::check(&mounts, means.pins)?;
    mounts.extend(inner_engine::data(&settled));
    let image = async { Ok(provide::image(engine, &settled, means).await?) };
    let volumes = async { Ok::<_, ApplyError>(volumes::claim(engine, &mounts).await?) };
    let effective = settled.effective();
    let network = network(engine, &effective);
    let image = if settled.effective().home_size.is_some() {
        // It is made now; what cannot be is told before an image is built.
        tokio::try_join!(volumes, network)?;
        image.await?
    } else {
        tokio::try_join!(image, volumes, network)?.0
    };
    let home = &settled.account.home;
    mount_points::check_volumes(&image.name, &image.volumes, &mounts, home)?;
    if settled.effective().dind.is_some_and(InnerEngine::is_beside)
        && let Err(error) = provide::engine_image(engine, means).await
    {
        // What nobody asked for stops nobody.
        if by_default.is_none() {
            return Err(error.into());
        }
        (means.report)(Step::NoEngine(error.to_string()));
        settled.asked.dind = Some(InnerEngine::Off);
    }
    Ok((settled, image))
}

/// Makes sure of the network of all sandboxes, where the settings do not name another one.
async fn network(engine: &Engine, settings: &Settings) -> Result<(), ApplyError> {
    if network::of(settings.network.as_deref()) == network::NAME {
        network::ensure(engine).await?;
    }
    Ok(())
}

/// Creates it, or joins another `dp` that was first. Neither may be possible for a while: the name
/// of a container is taken before it can be seen, and longer than it can be started.
pub(super) async fn create_from(
    engine: &Engine,
    spec: &Spec,
    mut image: Provided,
    means: Means<'_>,
) -> Result<Ready, ApplyError> {
    let mut patience = Patience::new();
    let mut spec = spec.clone();
    loop {
        // Each attempt has its own: nothing that anybody left is in its way.
        spec.socket_directory = spec.socket_directory.as_deref().map(sockets::another);
        let new = spec.container(&image.name, &image.id);
        let fresh = spec.socket_directory.clone();
        if let Some(fresh) = &fresh {
            sockets::make(fresh).map_err(ApplyError::State)?;
        }
        let forget = || fresh.as_deref().map(sockets::forget);
        match engine.create_container(new.clone()).await {
            Ok(id) => {
                means.halfway.made(&id);
                let sandbox = created(&spec, id, image.name.clone(), &new.mounts);
                if let Some(ready) = start_created(engine, sandbox, means).await? {
                    return Ok(ready);
                }
            }
            // Removed since it was looked up.
            Err(error) if error.is_not_found() => {
                forget();
                let begun = Instant::now();
                network(engine, &spec.effective()).await?;
                image = provide::image(engine, &spec, means).await?;
                patience.forgive(begun);
            }
            Err(error) if error.is_conflict() => {
                forget();
                if let Some(ready) = join(engine, &spec, means).await? {
                    return Ok(ready);
                }
            }
            Err(EngineError::Refused { message, .. }) => {
                let was_there = fresh.as_deref().is_none_or(Path::exists);
                forget();
                // A `dp sandbox prune` took it for one that no sandbox has.
                if !was_there && patience.wait().await {
                    continue;
                }
                // Who types a limit can type another one; a file is shared with larger machines.
                if let (Some(cpus), None) = (all_cpus(&message), spec.asked.cpus) {
                    (means.report)(Step::AllCpus(cpus));
                    spec.asked.cpus = Some(cpus);
                    continue;
                }
                return Err(ApplyError::Create {
                    name: spec.name.to_string(),
                    reason: message,
                });
            }
            Err(error) => {
                forget();
                return Err(error.into());
            }
        }
        if !patience.wait().await {
            return Err(ApplyError::Contended {
                name: spec.name.to_string(),
            });
        }
    }
}

/// How many CPUs the engine's machine has, where it refuses a limit because that is more: no limit
/// could be reached, so all of them it is.
fn all_cpus(message: &str) -> Option<Cpus> {
    let (_, rest) = message.split_once("as there are only ")?;
    rest.strip_suffix(" CPUs available")?.parse().ok()
}

/// Starts the container that we made; one that cannot be started is taken away again. `None` when
/// somebody removed it meanwhile.
async fn start_created(
    engine: &Engine,
    sandbox: Existing,
    means: Means<'_>,
) -> Result<Option<Ready>, ApplyError> {
    let (started, ()) = tokio::join!(
        start(engine, &sandbox, means),
        beside::prepare(engine, &sandbox)
    );
    match started {
        Ok(()) => Ok(Some(Ready {
            sandbox,
            is_fresh: true,
            is_new: true,
        })),
        Err(StartError::Gone) => Ok(None),
        Err(StartError::Other(error)) => {
            remove(engine, &sandbox).await?;
            Err(match error {
                ApplyError::Channel(ChannelError::Ended { name, log, .. }) => {
                    let is_removed = true;
                    let ended = ChannelError::Ended {
                        name,
                        log,
                        is_removed,
                    };
                    ApplyError::Channel(ended)
                }
                error => error,
            })
        }
    }
}

/// Another `dp` was first: take its sandbox. `None` when it is gone by now.
async fn join(engine: &Engine, spec: &Spec, means: Means<'_>) -> Result<Option<Ready>, ApplyError> {
    let container = spec.name.container();
    let row = match engine.container(&container).await {
        Ok(row) => row,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Some(sandbox) = Existing::of(row) else {
        return Err(ApplyError::ForeignName { container });
    };
    let started = match Plan::new(spec, true, std::slice::from_ref(&sandbox), false) {
        Plan::Enter(_) => Ok(()),
        Plan::Start(_) => start_after_maker(engine, &sandbox, means).await,
        refused => return Err(ApplyError::Refused(Box::new(refused))),
    };
    match started {
        Ok(()) => Ok(Some(Ready {
            sandbox,
            is_fresh: true,
            is_new: false,
        })),
        Err(StartError::Gone) => Ok(None),
        Err(StartError::Other(error)) => Err(error),
    }
}

enum StartError {
    /// Somebody removed it meanwhile.
    Gone,
    Other(ApplyError),
}

impl<E: Into<ApplyError>> From<E> for StartError {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

impl From<HoldError> for ApplyError {
    fn from(error: HoldError) -> Self {
        match error {
            HoldError::Moved(moved) => moved.into(),
            HoldError::Engine(error) => error.into(),
        }
    }
}

/// Starts a container that somebody else made. One that never ran is about to be started by its
/// maker, who knows best how; when the maker died in between, it is up to us.
async fn start_after_maker(
    engine: &Engine,
    sandbox: &Existing,
    means: Means<'_>,
) -> Result<(), StartError> {
    let deadline = Instant::now() + MAKER;
    let mut is_waiting = sandbox.state == "created";
    while is_waiting && Instant::now() < deadline {
        tokio::time::sleep(POLL).await;
        match engine.container(&sandbox.id).await {
            Ok(row) if hold::lives(&row) => return Ok(()),
            Ok(row) => is_waiting = row.state == "created",
            Err(error) if error.is_not_found() => return Err(StartError::Gone),
            Err(error) => return Err(error.into()),
        }
    }
    start(engine, sandbox, means).await
}

/// Starts a sandbox that there is, whoever else starts it at the same time.
///
/// # Errors
/// [`ApplyError`]; `Channel` with `Gone` when somebody removed it meanwhile.
pub async fn start_again(
    engine: &Engine,
    sandbox: &Existing,
    means: Means<'_>,
) -> Result<(), ApplyError> {
    let is_there = sandbox.aside != Aside::Itself || recreate::reclaim(engine, sandbox).await?;
    let started = if is_there {
        start_after_maker(engine, sandbox, means).await
    } else {
        Err(StartError::Gone)
    };
    match started {
        Ok(()) => Ok(()),
        Err(StartError::Gone) => Err(ChannelError::Gone {
            name: sandbox.name.to_string(),
            agent: sandbox.agent.clone(),
            how: "removed",
        }
        .into()),
        Err(StartError::Other(error)) => Err(error),
    }
}

/// Starts a container while whoever could exchange what it mounts stands still.
async fn start(engine: &Engine, sandbox: &Existing, means: Means<'_>) -> Result<(), StartError> {
    let hold = Hold::over(engine, sandbox, means.known).await;
    let hold = hold.map_err(ApplyError::from)?;
    let started = Box::pin(start_held(engine, sandbox, means)).await;
    hold.release().await;
    started
}

/// Starts a container whose guest gets its socket meanwhile.
async fn start_held(
    engine: &Engine,
    sandbox: &Existing,
    means: Means<'_>,
) -> Result<(), StartError> {
    if sandbox.state == "paused" {
        return Ok(engine.unpause_container(&sandbox.id).await?);
    }
    let directory = { sandbox.socket_directory() }.filter(|directory| sockets::is_own(directory));
    // A directory that was cleaned away would make the start fail for a reason nobody knows.
    let offer = directory.and_then(|directory| {
        let _exists = private_directory(directory);
        Offer::in_directory(directory).ok()
    });
    let started = start_proven(engine, sandbox, means);
    match offer {
        None => started.await,
        Some(offer) => tokio::select! {
            outcome = started => outcome,
            never = offer.serve() => match never {},
        },
    }
}

/// Starts a container and proves what it mounts, delivering the guest first if it turns out that it
/// was not.
async fn start_proven(
    engine: &Engine,
    sandbox: &Existing,
    means: Means<'_>,
) -> Result<(), StartError> {
    let expected = proof::pin(sandbox, means.pins)?;
    mount_points::prepare(engine, &sandbox.mounts, means.pins)?;
    if let Some(unreadable) = readable::obstacle(engine, sandbox).await? {
        return Err(StartError::Other(unreadable.into()));
    }
    let mut failure = None;
    for _ in 0..4 {
        match engine.start_container(&sandbox.id).await {
            Ok(()) => return Ok(proof::prove(engine, sandbox, &expected).await?),
            Err(
                EngineError::NotFound { message }
                | EngineError::Conflict { message }
                | EngineError::Refused { message, .. },
            ) => {
                if message.starts_with("No such container")
                    || message.contains("marked for removal")
                {
                    return Err(StartError::Gone);
                }
                let lacks_guest = message.contains(BINARY);
                let lacks_network = network::is_missing(&message);
                failure = Some(message);
                if lacks_network {
                    find_network(engine, sandbox).await?;
                    continue;
                }
                if !lacks_guest {
                    match engine.container(&sandbox.id).await {
                        // Two who start one container at once disturb each other.
                        Ok(row) if hold::lives(&row) => return Ok(()),
                        Err(error) if error.is_not_found() => return Err(StartError::Gone),
                        _ => break,
                    }
                }
            }
            Err(error) => return Err(error.into()),
        }
        (means.report)(Step::Deliver);
        let volume = guest_volume(sandbox).unwrap_or_else(|| volumes::guest(&means.guest.build));
        volumes::fill(engine, means.guest, &volume, &sandbox.image).await?;
    }
    Err(StartError::Other(ApplyError::Start {
        name: sandbox.name.to_string(),
        reason: failure.unwrap_or_default(),
    }))
}

/// A container remembers the ID of its network, which somebody may have removed since: it leaves
/// that one, and takes the one of the same name.
async fn find_network(engine: &Engine, sandbox: &Existing) -> Result<(), ApplyError> {
    network(engine, &sandbox.settings).await?;
    let name = network::of(sandbox.settings.network.as_deref());
    // One that never ran is in none yet.
    let _none = engine.leave_network(&name, &sandbox.id).await;
    Ok(())
}

fn guest_volume(sandbox: &Existing) -> Option<String> {
    let mounts = sandbox.mounts.iter();
    let mut of_guest = mounts.filter(|mount| mount.target == crate::guest::BINARY_DIR);
    of_guest.next().map(|mount| mount.source.clone())
}

/// What the engine would say of the container that was just created.
fn created(spec: &Spec, id: String, image: String, mounts: &[NewMount]) -> Existing {
    let mounts = mounts
        .iter()
        .map(crate::engine::containers::MountRow::of)
        .collect();
    Existing {
        name: spec.name.clone(),
        id,
        agent: spec.agent.clone(),
        workspace: spec.workspace.path().to_string(),
        workspace_id: spec.workspace.id().to_string(),
        state: "running".into(),
        status: String::new(),
        image,
        created: 0,
        version: env!("CARGO_PKG_VERSION").into(),
        settings: spec.effective(),
        file: spec.file.clone(),
        ports: Vec::new(),
        mounts,
        engine: None,
        owner: Some(spec.owner),
        aside: Aside::No,
    }
}
