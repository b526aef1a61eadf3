//! Which volumes go: those that a person names, and those that nobody uses.

use super::Volume;
use super::leftovers::is_done;
use crate::engine::{Engine, EngineError};
use crate::labels::Kind;
use jiff::{SignedDuration, Timestamp};

/// Why volumes cannot be had, or not be removed.
#[derive(Debug, thiserror::Error)]
pub enum VolumeError {
    /// There is none of this name.
    #[error("there is no volume `{given}`")]
    Missing {
        /// As typed.
        given: String,
        /// The names of ours.
        known: Vec<String>,
    },
    /// It does not carry our label.
    #[error("the volume `{given}` was not made by `dp`")]
    Foreign {
        /// As typed.
        given: String,
    },
    /// Containers mount them, running or not.
    #[error("{}", if volumes.len() == 1 {
        format!("the volume `{}` is in use", volumes[0].name)
    } else {
        format!("{} of the volumes are in use", volumes.len())
    })]
    InUse {
        /// Those that are, with who uses them.
        volumes: Vec<Volume>,
    },
    /// Somebody began to use it while we were at work.
    #[error("the volume `{name}` is in use since a moment ago")]
    Taken {
        /// Its name.
        name: String,
        /// What was removed before it.
        removed: Vec<String>,
        /// The engine's words.
        reason: String,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// The volumes of these names, each once, in this order. Two calls, a third for a name that is not
/// one of ours.
///
/// # Errors
/// [`VolumeError::Missing`] and [`VolumeError::Foreign`] for the first that is not there.
pub async fn select(engine: &Engine, names: &[String]) -> Result<Vec<Volume>, VolumeError> {
    let all = Volume::all(engine).await?;
    let mut found: Vec<Volume> = Vec::new();
    for given in names {
        if found.iter().any(|volume| volume.name == *given) {
            continue;
        }
        let Some(volume) = all.iter().find(|volume| volume.name == *given) else {
            return Err(absent(engine, given, &all).await);
        };
        found.push(volume.clone());
    }
    Ok(found)
}

async fn absent(engine: &Engine, given: &str, all: &[Volume]) -> VolumeError {
    let given = given.to_string();
    // What cannot be a name must not become a path of the engine's API.
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let is_name = given.starts_with(|c: char| c.is_ascii_alphanumeric()) && given.chars().all(fits);
    if is_name && engine.volume(&given).await.is_ok() {
        return VolumeError::Foreign { given };
    }
    let known = all.iter().map(|volume| volume.name.clone()).collect();
    VolumeError::Missing { given, known }
}

/// Fails with all of `volumes` that containers mount.
///
/// # Errors
/// [`VolumeError::InUse`].
pub fn refuse_used(volumes: &[Volume]) -> Result<(), VolumeError> {
    let used = volumes.iter().filter(|volume| volume.is_used());
    let used: Vec<Volume> = used.cloned().collect();
    if used.is_empty() {
        return Ok(());
    }
    Err(VolumeError::InUse { volumes: used })
}

/// Removes the volumes of these names, one after the other. One that is gone by then is as good as
/// removed. The engine itself never removes one that a container mounts.
///
/// # Errors
/// [`VolumeError::Taken`], with what was removed before.
pub async fn remove(engine: &Engine, names: &[String]) -> Result<(), VolumeError> {
    for (at, name) in names.iter().enumerate() {
        match engine.remove_volume(name).await {
            Err(EngineError::Conflict { message }) => {
                return Err(VolumeError::Taken {
                    name: name.clone(),
                    removed: names[..at].to_vec(),
                    reason: message,
                });
            }
            Err(error) if error.is_not_found() => {}
            removed => removed?,
        }
    }
    Ok(())
}

/// Removes what nobody uses at this moment, and answers what is gone by it: what somebody else was
/// faster with, to use or to remove, is left out.
///
/// # Errors
/// [`EngineError`].
pub async fn remove_unused(
    engine: &Engine,
    volumes: Vec<Volume>,
) -> Result<Vec<Volume>, EngineError> {
    let mut removed = Vec::new();
    for volume in volumes {
        if is_done(engine.remove_volume(&volume.name).await)? {
            removed.push(volume);
        }
    }
    Ok(removed)
}

/// What a person wants to be rid of, among what nobody uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unwanted {
    /// Only this kind.
    pub kind: Option<Kind>,
    /// Only those whose time is over.
    pub expired: bool,
    /// Only those that were made longer ago.
    pub older_than: Option<SignedDuration>,
}

impl Unwanted {
    /// Decides about one. A login, a checkout whose time is not over, and what is `dp`'s own go only
    /// when their kind is named.
    #[must_use]
    pub fn takes(&self, volume: &Volume, now: Timestamp) -> bool {
        let is_precious = match volume.kind.as_str() {
            "home" | "engine" => false,
            "workspace" => !volume.is_expired(now),
            _ => true,
        };
        let fits_kind = match self.kind {
            Some(kind) => volume.is(kind),
            None => !is_precious,
        };
        let is_old = |age: SignedDuration| {
            let age_of = |created| now.duration_since(created);
            volume.created.is_some_and(|created| age_of(created) > age)
        };
        !volume.is_used()
            && fits_kind
            && (!self.expired || volume.is_expired(now))
            && self.older_than.is_none_or(is_old)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::volumes::User;

    const NOW: &str = "2026-11-21T12:00:00Z";

    fn volume(kind: Kind, age: i64, ends_in: Option<i64>) -> Volume {
        let now: Timestamp = NOW.parse().expect("a time");
        Volume {
            name: format!("{}-{age}", kind.as_str()),
            kind: kind.as_str().into(),
            created: Some(now - SignedDuration::from_hours(age)),
            expires: ends_in.map(|hours| now + SignedDuration::from_hours(hours)),
            ..Volume::default()
        }
    }

    fn used(mut volume: Volume) -> Volume {
        volume.used_by.push(User {
            name: "claude-app".into(),
            container: "id".into(),
            state: "exited".into(),
        });
        volume
    }

    #[test]
    fn what_is_pruned() {
        use Kind::{Engine, Guest, Home, Login, Workspace};
        let any = Unwanted::default();
        let of = |kind| Unwanted {
            kind: Some(kind),
            ..any
        };
        let expired = Unwanted {
            expired: true,
            ..any
        };
        let old = Unwanted {
            older_than: Some(SignedDuration::from_hours(24)),
            ..any
        };
        let table = [
            (any, volume(Home, 1, None), true),
            (any, volume(Engine, 1, None), true),
            (any, used(volume(Home, 1, None)), false),
            (any, volume(Login, 1, None), false),
            (any, volume(Login, 1, Some(-1)), false),
            (any, volume(Workspace, 1, None), false),
            (any, volume(Workspace, 1, Some(1)), false),
            (any, volume(Workspace, 1, Some(-1)), true),
            (any, volume(Guest, 1, None), false),
            (any, volume(Kind::Probe, 1, None), false),
            (of(Login), volume(Login, 1, None), true),
            (of(Login), used(volume(Login, 1, None)), false),
            (of(Login), volume(Home, 1, None), false),
            (of(Workspace), volume(Workspace, 1, None), true),
            (expired, volume(Home, 1, None), false),
            (expired, volume(Home, 1, Some(1)), false),
            (expired, volume(Home, 1, Some(0)), true),
            (expired, used(volume(Home, 1, Some(0))), false),
            (old, volume(Home, 24, None), false),
            (old, volume(Home, 25, None), true),
            (
                old,
                Volume {
                    created: None,
                    ..volume(Home, 25, None)
                },
                false,
            ),
            (
                Unwanted {
                    expired: true,
                    ..old
                },
                volume(Home, 25, Some(1)),
                false,
            ),
            (
                Unwanted {
                    expired: true,
                    ..old
                },
                volume(Home, 25, Some(-1)),
                true,
            ),
        ];
        let now = NOW.parse().expect("a time");
        for (unwanted, volume, expected) in table {
            assert_eq!(
                unwanted.takes(&volume, now),
                expected,
                "{unwanted:?} {volume:?}"
            );
        }
    }

    #[test]
    fn all_that_are_used_are_told_at_once() {
        let [a, b] = [
            volume(Kind::Home, 1, None),
            used(volume(Kind::Engine, 2, None)),
        ];
        assert!(refuse_used(std::slice::from_ref(&a)).is_ok());
        let error = refuse_used(&[a.clone(), b.clone()]).expect_err("one is used");
        assert_eq!(error.to_string(), "the volume `engine-2` is in use");
        let error = refuse_used(&[b, a.clone(), used(a)]).expect_err("two are used");
        assert_eq!(error.to_string(), "2 of the volumes are in use");
    }
}
