//! Who could disturb the start of a sandbox. Pure.

use super::super::existing::{Aside, Existing};
use super::super::mount_points;
use super::super::proof::writes_above;
use super::super::sockets;
use std::path::Path;

/// Somebody may have to stand still while this sandbox starts.
pub(super) fn concerns(
    sandbox: &Existing,
    all: &[Existing],
    is_own: fn(&Existing) -> bool,
) -> bool {
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
pub(super) fn disturbers(
    sandbox: &Existing,
    all: &[Existing],
    is_own: fn(&Existing) -> bool,
) -> Vec<String> {
    let mut ids = Vec::new();
    let may_have_it = |other: &Existing| sandbox.ran_before() && is_own(other);
    for other in each(all).filter(|other| may_have_it(other) || reaches(other, sandbox)) {
        ids.extend(up(other).into_iter().filter(|id| *id != sandbox.id));
    }
    ids
}

/// A sandbox of this person's.
pub(super) fn is_own(sandbox: &Existing) -> bool {
    sandbox.socket_directory().is_some_and(sockets::is_own)
}

/// The containers of a sandbox that run: its own, and its engine's.
pub(super) fn up(sandbox: &Existing) -> Vec<String> {
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
pub(super) fn each(all: &[Existing]) -> impl Iterator<Item = &Existing> {
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

#[cfg(test)]
mod tests {
    use super::super::super::beside::EngineContainer;
    use super::super::super::sample::sandbox;
    use super::*;

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
