//! Whoever could disturb the start of a sandbox stands still meanwhile.
//!
//! The engine opens each source by its path. An agent of another sandbox that can write above the
//! source can put a link there between `dp`'s look and the engine's. The proof finds that out, but a
//! program that came to run in the guest's place has the source until then.
//!
//! The files of a sandbox that ran before may be open elsewhere: its agents can have given a directory
//! of it to those of any other sandbox, through a socket or through several hands. The engine makes
//! its mounts in there as root, and believes what it finds.
//!
//! So `dp` has the engine pause the containers that write above a source, and all of the person's when
//! the sandbox ran before (`who`), looks at the sources again, starts and proves the sandbox, and lets
//! the others go on. Where one of them cannot be paused, nothing is started.

mod keeper;
mod marker;
mod turn;
mod who;

use super::existing::Existing;
use super::proof::Moved;
use crate::engine::containers::ContainerRow;
use crate::engine::endpoint::Address;
use crate::engine::{Engine, EngineError};
use keeper::Keeper;
use std::time::Duration;
use tokio::time::Instant;
use turn::Turn;

/// How long a listing is good: sandboxes are started by others than `dp`, too.
const FRESH: Duration = Duration::from_secs(10);
/// How long a command waits for a container that another `dp` holds.
const PATIENCE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(5);

/// What a listing told of all sandboxes.
#[derive(Default)]
pub struct Known(Option<Listing>);

struct Listing {
    all: Vec<Existing>,
    /// How many starts there were before.
    starts: u64,
    at: Instant,
}

impl Known {
    /// The sandboxes of an agent in a workspace, from a listing of all: a start that comes soon asks for
    /// no other one.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn survey(
        engine: &Engine,
        workspace_id: &str,
        agent: &str,
    ) -> Result<(Self, Vec<Existing>), EngineError> {
        let (starts, at) = (turn::count(), Instant::now());
        let (found, all) = Existing::survey(engine, workspace_id, agent).await?;
        let listing = starts.zip(all);
        let listing = listing.map(|(starts, all)| Listing { all, starts, at });
        Ok((Self(listing), found))
    }

    /// All sandboxes, if none can have begun to run since.
    fn current(&self, turn: Option<&Turn>) -> Option<&[Existing]> {
        let (listing, turn) = (self.0.as_ref()?, turn?);
        let is_current = turn.is_next_after(listing.starts) && listing.at.elapsed() < FRESH;
        is_current.then_some(listing.all.as_slice())
    }
}

/// Why not everybody stands still.
#[derive(Debug)]
pub(super) enum HoldError {
    /// Somebody cannot be paused.
    Moved(Moved),
    /// Nobody knows who runs.
    Engine(EngineError),
}

impl From<Moved> for HoldError {
    fn from(moved: Moved) -> Self {
        Self::Moved(moved)
    }
}

impl From<EngineError> for HoldError {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

/// Sandboxes that stand still, as long as this is there.
pub(super) struct Hold {
    // They go on before the next start has its turn.
    keeper: Option<Keeper>,
    _turn: Option<Turn>,
}

impl Hold {
    /// Before `sandbox` is started. No call where `known` says that nobody is concerned.
    ///
    /// # Errors
    /// [`HoldError`]; [`Moved::Restless`] when somebody cannot be paused.
    pub(super) async fn over(
        engine: &Engine,
        sandbox: &Existing,
        known: &Known,
    ) -> Result<Self, HoldError> {
        let Address::Unix(_) = engine.endpoint().address else {
            return Ok(Self::of(None, None));
        };
        let mut turn = Turn::among_others().await;
        let found;
        let all = if let Some(all) = known.current(turn.as_ref()) {
            all
        } else {
            found = Existing::all(engine).await?;
            &found
        };
        if !who::concerns(sandbox, all, who::is_own) {
            return Ok(Self::of(None, turn));
        }
        if let Some(turn) = &mut turn {
            // Whoever is not done by now has not been given the word to begin.
            turn.alone().await;
        }
        let all = Existing::all(engine).await?;
        // What runs has its mounts: another `dp` was first, or its person has paused it.
        let is_up = |one: &Existing| one.id == sandbox.id && one.is_active();
        let ids = if who::each(&all).any(is_up) {
            Vec::new()
        } else {
            who::disturbers(sandbox, &all, who::is_own)
        };
        let keeper = Self::keep(engine, sandbox, &all, ids, true).await?;
        Ok(Self::of(keeper, turn))
    }

    /// Before the engine is asked for files of a sandbox, or given some: it makes mounts for that, at paths that it
    /// looks up in there. Everybody of the person's stands still, and nobody starts.
    ///
    /// # Errors
    /// As [`Hold::over`].
    pub(super) async fn still(engine: &Engine, sandbox: &Existing) -> Result<Self, HoldError> {
        let Address::Unix(_) = engine.endpoint().address else {
            return Ok(Self::of(None, None));
        };
        let mut turn = Turn::among_others().await;
        if let Some(turn) = &mut turn {
            turn.alone().await;
        }
        let all = Existing::all(engine).await?;
        let own = who::each(&all).filter(|other| who::is_own(other));
        let ids = own.flat_map(who::up).collect();
        let keeper = Self::keep(engine, sandbox, &all, ids, false).await?;
        Ok(Self::of(keeper, turn))
    }

    /// Pauses the containers of these IDs.
    async fn keep(
        engine: &Engine,
        sandbox: &Existing,
        all: &[Existing],
        ids: Vec<String>,
        is_starting: bool,
    ) -> Result<Option<Keeper>, Moved> {
        if ids.is_empty() {
            return Ok(None);
        }
        let starting = is_starting.then_some(sandbox.id.as_str());
        let keeper = Keeper::of(engine, starting, ids).await;
        keeper.map(Some).map_err(|restless| Moved::Restless {
            sandbox: sandbox.name.to_string(),
            writer: name_of(all, &restless),
        })
    }

    fn of(keeper: Option<Keeper>, turn: Option<Turn>) -> Self {
        Self {
            keeper,
            _turn: turn,
        }
    }

    /// Everybody goes on. Dropped instead, `sandbox` is ended before.
    pub(super) async fn release(mut self) {
        if let Some(keeper) = self.keeper.take() {
            keeper.release().await;
        }
    }
}

/// The sandbox of a container, or of the engine that is one.
fn name_of(all: &[Existing], id: &str) -> String {
    let is_of =
        |one: &&Existing| one.id == id || one.engine.as_ref().is_some_and(|engine| engine.id == id);
    let found = all.iter().find(is_of).map(|one| one.name.to_string());
    found.unwrap_or_else(|| id.chars().take(12).collect())
}

/// It runs, or will in a moment: another `dp` holds it.
pub(super) fn lives(row: &ContainerRow) -> bool {
    row.is_running() || (row.state == "paused" && marker::is_locked(&row.id))
}

/// Lets go on what a `dp` that was killed has left paused, and waits for what another one holds. No
/// call, and no wait, where there is neither.
pub(super) async fn settle(engine: &Engine, rows: &mut [ContainerRow]) {
    let deadline = Instant::now() + PATIENCE;
    for id in marker::all() {
        let row = rows.iter_mut().find(|row| row.id == id);
        let is_paused = row.as_ref().is_some_and(|row| row.state == "paused");
        keeper::heal(engine, &id, row.is_some()).await;
        if let Some(row) = row.filter(|_| is_paused) {
            look_again(engine, row, deadline).await;
        }
    }
}

async fn look_again(engine: &Engine, row: &mut ContainerRow, deadline: Instant) {
    while marker::is_locked(&row.id) && Instant::now() < deadline {
        tokio::time::sleep(POLL).await;
    }
    let Ok(found) = engine.container(&row.id).await else {
        return;
    };
    row.state = if lives(&found) {
        "running".into()
    } else {
        found.state
    };
    if row.state != "paused" {
        // The engine's words of a moment ago.
        row.status = row.status.replace(" (Paused)", "");
    }
}
