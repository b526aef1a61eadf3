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
//! So `dp` has the engine pause the containers that write above a source, and all of the
//! person's when the sandbox ran before, looks at the sources again, starts and proves the sandbox, and lets the others
//! go on. Where one of them cannot be paused, nothing is started.

mod alone;
mod keeper;
mod marker;
mod turn;

use super::existing::{Aside, Existing};
use super::mount_points;
use super::proof::{Moved, writes_above};
use super::sockets;
use crate::engine::containers::ContainerRow;
use crate::engine::endpoint::Address;
use crate::engine::{Engine, EngineError};
use keeper::Keeper;
use std::path::Path;
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
    /// Nobody else of the person's ran since the sandbox was started last.
    pub(super) was_alone: bool,
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
        let was_alone = solitude(sandbox, all, turn.as_ref());
        if !concerns(sandbox, all, is_own) {
            let hold = Self::of(None, turn);
            return Ok(Self { was_alone, ..hold });
        }
        if let Some(turn) = &mut turn {
            // Whoever is not done by now has not been given the word to begin.
            turn.alone().await;
        }
        let all = Existing::all(engine).await?;
        // What runs has its mounts: another `dp` was first, or its person has paused it.
        let is_up = |one: &Existing| one.id == sandbox.id && one.is_active();
        let ids = if each(&all).any(is_up) {
            Vec::new()
        } else {
            disturbers(sandbox, &all, is_own)
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
        let ids = each(&all)
            .filter(|other| is_own(other))
            .flat_map(up)
            .collect();
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
            was_alone: false,
        }
    }

    /// Everybody goes on. Dropped instead, `sandbox` is ended before.
    pub(super) async fn release(mut self) {
        if let Some(keeper) = self.keeper.take() {
            keeper.release().await;
        }
    }
}

/// Nobody else of the person's ran since the last start of this sandbox. Notes whether somebody does now.
fn solitude(sandbox: &Existing, all: &[Existing], turn: Option<&Turn>) -> bool {
    let directory = sandbox.socket_directory().filter(|_| is_own(sandbox));
    let (Some(directory), Some(turn)) = (directory, turn) else {
        return false;
    };
    let is_there = |other: &Existing| {
        let engine = other.engine.as_ref().map(|engine| engine.state.as_str());
        // One that is paused may go on at any moment.
        let has_engine = engine.is_some_and(|state| runs(state) || state == "paused");
        (other.id != sandbox.id && other.is_active()) || has_engine
    };
    let is_alone = !each(all).any(|other| is_own(other) && is_there(other));
    let was_alone = alone::since_last_start(directory, turn.number());
    alone::note(directory, is_alone.then(|| turn.number()));
    is_alone && was_alone
}

/// The sandbox of a container, or of the engine that is one.
fn name_of(all: &[Existing], id: &str) -> String {
    let is_of =
        |one: &&Existing| one.id == id || one.engine.as_ref().is_some_and(|engine| engine.id == id);
    let found = all.iter().find(is_of).map(|one| one.name.to_string());
    found.unwrap_or_else(|| id.chars().take(12).collect())
}

/// Somebody may have to stand still while this sandbox starts.
fn concerns(sandbox: &Existing, all: &[Existing], is_own: fn(&Existing) -> bool) -> bool {
    meets(sandbox, all) || !disturbers(sandbox, all, is_own).is_empty()
}

/// Another sandbox, running or not, could write above a source of this one, or the other way round: only
/// one of them starts at a time.
fn meets(sandbox: &Existing, all: &[Existing]) -> bool {
    each(all).any(|other| {
        let is_other = other.id != sandbox.id;
        is_other && (reaches(other, sandbox) || reaches(sandbox, other))
    })
}

/// The containers that run and could disturb the start of this sandbox: of other sandboxes, and of
/// Docker engines beside them. An engine beside this very one is from before its start.
fn disturbers(sandbox: &Existing, all: &[Existing], is_own: fn(&Existing) -> bool) -> Vec<String> {
    let mut ids = Vec::new();
    let may_have_it = |other: &Existing| sandbox.ran_before() && is_own(other);
    for other in each(all).filter(|other| may_have_it(other) || reaches(other, sandbox)) {
        ids.extend(up(other).into_iter().filter(|id| *id != sandbox.id));
    }
    ids
}

/// A sandbox of this person's.
fn is_own(sandbox: &Existing) -> bool {
    sandbox.socket_directory().is_some_and(sockets::is_own)
}

/// The containers of a sandbox that run: its own, and its engine's.
fn up(sandbox: &Existing) -> Vec<String> {
    let own = Some(&sandbox.id).filter(|_| runs(&sandbox.state));
    let engine = sandbox.engine.iter().filter(|engine| runs(&engine.state));
    own.into_iter()
        .chain(engine.map(|engine| &engine.id))
        .cloned()
        .collect()
}

fn runs(state: &str) -> bool {
    matches!(state, "running" | "restarting")
}

/// Those that were put aside as well.
fn each(all: &[Existing]) -> impl Iterator<Item = &Existing> {
    all.iter().flat_map(|one| {
        let old = match &one.aside {
            Aside::Replaces(old) => Some(&**old),
            _ => None,
        };
        [Some(one), old].into_iter().flatten()
    })
}

/// An agent in `one` can put something else in the place of a source of `other`, or on the way to one of its
/// mounts that begins in another mount.
fn reaches(one: &Existing, other: &Existing) -> bool {
    let mut binds = { other.mounts.iter() }.filter(|mount| mount.kind == "bind");
    binds.any(|mount| writes_above(one, Path::new(&mount.source)))
        || mount_points::places(other).any(|place| writes_above(one, &place))
}

/// A sandbox that somebody else started is given the word to begin: it counts as started now.
pub(super) async fn count() {
    let _counted = Turn::among_others().await;
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

#[cfg(test)]
mod tests {
    use super::super::beside::EngineContainer;
    use super::*;
    use crate::engine::containers::MountRow;
    use crate::labels::{self, Kind};
    use crate::volumes::ownership;

    fn sandbox(id: &str, state: &str, binds: &[(&str, bool)]) -> Existing {
        let mounts = binds.iter().map(|(source, read_only)| MountRow {
            kind: "bind".into(),
            source: (*source).to_string(),
            target: (*source).to_string(),
            read_only: *read_only,
        });
        Existing::of(ContainerRow {
            id: id.into(),
            name: format!("dp-{id}"),
            state: state.into(),
            labels: labels::of(Kind::Sandbox),
            mounts: mounts.chain([ownership::guest_mount()]).collect(),
            ..ContainerRow::default()
        })
        .expect("a sandbox")
    }

    fn with_engine(sandbox: Existing, state: &str) -> Existing {
        let engine = EngineContainer {
            id: format!("{}-engine", sandbox.id),
            state: state.into(),
        };
        Existing {
            engine: Some(engine),
            ..sandbox
        }
    }

    #[test]
    fn whoever_runs_and_can_write_above_a_source_is_held() {
        let own = sandbox("own", "running", &[("/w", false), ("/w/data", false)]);
        let volume = |mut sandbox: Existing| {
            sandbox.mounts[0].kind = "volume".into();
            sandbox
        };
        let table: [(&str, Existing, bool, &[&str]); 12] = [
            (
                "above",
                sandbox("a", "running", &[("/w", false)]),
                true,
                &["a"],
            ),
            (
                "further above",
                sandbox("a", "running", &[("/", false)]),
                true,
                &["a"],
            ),
            (
                "in a loop",
                sandbox("a", "restarting", &[("/", false)]),
                true,
                &["a"],
            ),
            (
                "equal",
                sandbox("a", "running", &[("/w/data", false)]),
                true,
                &[],
            ),
            (
                "below",
                sandbox("a", "running", &[("/w/data/x", false)]),
                true,
                &[],
            ),
            (
                "beside",
                sandbox("a", "running", &[("/wide", false)]),
                false,
                &[],
            ),
            (
                "read-only",
                sandbox("a", "running", &[("/", true)]),
                false,
                &[],
            ),
            (
                "a volume",
                volume(sandbox("a", "running", &[("/", false)])),
                false,
                &[],
            ),
            (
                "stopped",
                sandbox("a", "exited", &[("/w", false)]),
                true,
                &[],
            ),
            (
                "paused by its person",
                sandbox("a", "paused", &[("/w", false)]),
                true,
                &[],
            ),
            (
                "with an engine",
                with_engine(sandbox("a", "running", &[("/w", false)]), "running"),
                true,
                &["a", "a-engine"],
            ),
            (
                "with an engine that does not run yet",
                with_engine(sandbox("a", "running", &[("/w", false)]), "created"),
                true,
                &["a"],
            ),
        ];
        for (what, other, concerned, held) in table {
            let all = [own.clone(), other];
            assert_eq!(disturbers(&own, &all, |_| true), held, "{what}");
            assert_eq!(meets(&own, &all), concerned, "{what}");
        }
        assert!(!meets(&own, std::slice::from_ref(&own)), "itself");
        let own = with_engine(own, "running");
        assert_eq!(
            disturbers(&own, std::slice::from_ref(&own), |_| true),
            ["own-engine"]
        );
    }

    #[test]
    fn whoever_can_write_where_a_mount_begins_in_another_one_is_held() {
        let mut own = sandbox("own", "running", &[("/w", false), ("/elsewhere", false)]);
        own.mounts[1].target = "/w/x/y".into();
        let table = [
            ("/w", true),
            ("/w/x", true),
            ("/w/x/y", false),
            ("/v", false),
        ];
        for (source, is_held) in table {
            let other = sandbox("a", "running", &[(source, false)]);
            let found = disturbers(&own, &[own.clone(), other], |_| true);
            assert_eq!(!found.is_empty(), is_held, "{source}");
        }
    }

    #[test]
    fn whoever_runs_is_held_while_one_that_ran_before_starts() {
        let elsewhere = || sandbox("a", "running", &[("/elsewhere", false)]);
        let table: [(&str, Existing, &[&str]); 6] = [
            ("running", elsewhere(), &["a"]),
            (
                "with an engine",
                with_engine(elsewhere(), "running"),
                &["a", "a-engine"],
            ),
            ("without a mount", sandbox("a", "running", &[]), &["a"]),
            ("stopped", sandbox("a", "exited", &[]), &[]),
            ("new", sandbox("a", "created", &[]), &[]),
            ("paused by its person", sandbox("a", "paused", &[]), &[]),
        ];
        for (what, other, held) in table {
            let all = |state: &str| [sandbox("own", state, &[("/w", false)]), other.clone()];
            for (state, expected) in [
                ("exited", held),
                ("dead", held),
                ("running", &[]),
                ("created", &[]),
            ] {
                let all = all(state);
                let found = disturbers(&all[0], &all, |_| true);
                assert_eq!(found, expected, "{what}, {state}");
                let is_concerned = concerns(&all[0], &all, |_| true);
                assert_eq!(is_concerned, !expected.is_empty(), "{what}, {state}");
                let found = disturbers(&all[0], &all, |_| false);
                assert_eq!(found, [""; 0], "of somebody else: {what}, {state}");
            }
        }
    }

    #[test]
    fn what_was_put_aside_counts() {
        let own = sandbox("own", "running", &[("/w/data", false)]);
        let mut new = sandbox("new", "created", &[]);
        let old = sandbox("old", "running", &[("/w", false)]);
        new.aside = Aside::Replaces(Box::new(old));
        assert_eq!(disturbers(&own, &[new], |_| true), ["old"]);
    }

    #[test]
    fn one_workspace_with_several_sandboxes_concerns_nobody() {
        let all = ["a", "b"].map(|id| sandbox(id, "running", &[("/w", false)]));
        assert!(!meets(&all[0], &all));
    }
}
