//! Whether the volumes that a container is to have may be used: a name is no proof of who made it,
//! and what was made with another limit is not what is asked for.

use crate::engine::containers::NewMount;
use crate::engine::volumes::VolumeRow;
use crate::engine::{Engine, EngineError};
use crate::labels::{AGENT, KIND, Kind, MANAGED, OWNER, WORKSPACE_ID};
use crate::values::Memory;
use std::collections::BTreeMap;

/// Why a volume may not be used.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// It is without our labels, of another kind, workspace or agent, or its files are elsewhere.
    #[error("the volume name `{volume}` is taken by a volume that `dp` did not make")]
    Foreign {
        /// The name.
        volume: String,
    },
    /// It is of our kind, and another person's.
    #[error("the volume `{volume}` belongs to another person")]
    OfAnother {
        /// The name.
        volume: String,
    },
    /// It is there, and is held to another size or to none.
    #[error("the volume `{volume}` was made with another size")]
    Size {
        /// The name.
        volume: String,
        /// What it is held to.
        has: Option<Memory>,
        /// What is asked.
        asked: Memory,
    },
    /// The engine cannot hold a volume to a size.
    #[error("the engine cannot hold the volume `{volume}` to {asked}")]
    Quota {
        /// The name.
        volume: String,
        /// What is asked.
        asked: Memory,
        /// The engine's words.
        reason: String,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// A volume that a new container is to have.
#[derive(Debug, Clone, Copy)]
struct Wanted<'a> {
    name: &'a str,
    labels: &'a BTreeMap<String, String>,
    size: Option<Memory>,
}

/// Checks the volumes of new `mounts` that there are, and makes those that are to be held to a
/// size: whether an engine can do that, only the deed tells. One call, and one for each of these
/// that is missing. They stay when what follows fails, as the engine would forget the limit of a
/// volume that is removed and made again.
///
/// # Errors
/// [`ClaimError`] for the first that may not be used.
pub async fn claim(engine: &Engine, mounts: &[NewMount]) -> Result<(), ClaimError> {
    let wanted: Vec<Wanted<'_>> = mounts.iter().filter_map(Wanted::of).collect();
    let names: Vec<&str> = wanted.iter().map(|wanted| wanted.name).collect();
    let found = engine.volumes_named(&names).await?;
    for volume in &found {
        check(volume, &wanted)?;
    }
    for wanted in wanted {
        if let Some(size) = wanted.size
            && !found.iter().any(|volume| volume.name == wanted.name)
        {
            // Another `dp` may have been first.
            check(&make(engine, wanted, size).await?, &[wanted])?;
        }
    }
    Ok(())
}

async fn make(engine: &Engine, wanted: Wanted<'_>, asked: Memory) -> Result<VolumeRow, ClaimError> {
    let made = engine.create_volume_of(wanted.name, wanted.labels, asked);
    made.await.map_err(|error| match error {
        EngineError::Refused { message, .. } => ClaimError::Quota {
            volume: wanted.name.to_string(),
            asked,
            reason: message,
        },
        error => error.into(),
    })
}

fn check(volume: &VolumeRow, wanted: &[Wanted<'_>]) -> Result<(), ClaimError> {
    let mut of_name = wanted.iter().filter(|wanted| wanted.name == volume.name);
    let name = || volume.name.clone();
    let Some(wanted) = of_name.find(|wanted| wanted.is_of_kind(volume)) else {
        return Err(ClaimError::Foreign { volume: name() });
    };
    if wanted.is_of_another(volume) {
        return Err(ClaimError::OfAnother { volume: name() });
    }
    if !wanted.is_made_as(volume) {
        return Err(ClaimError::Foreign { volume: name() });
    }
    match wanted.size {
        Some(asked) if volume.size != Some(asked) => Err(ClaimError::Size {
            volume: name(),
            has: volume.size,
            asked,
        }),
        _ => Ok(()),
    }
}

impl<'a> Wanted<'a> {
    fn of(mount: &'a NewMount) -> Option<Self> {
        match mount {
            NewMount::Volume {
                name, labels, size, ..
            } => Some(Self {
                name,
                labels,
                size: *size,
            }),
            NewMount::Bind { .. } | NewMount::Tmpfs { .. } => None,
        }
    }

    fn is_of_kind(&self, volume: &VolumeRow) -> bool {
        let has = |key| volume.labels.contains_key(key);
        has(MANAGED) && has(KIND) && self.is_same(volume, MANAGED) && self.is_same(volume, KIND)
    }

    /// `dp` makes it like this: for this person, this workspace or none, and of a login for this agent.
    fn is_made_as(&self, volume: &VolumeRow) -> bool {
        let is_owners = !self.labels.contains_key(OWNER) || self.is_same(volume, OWNER);
        let is_login = self
            .labels
            .get(KIND)
            .is_some_and(|kind| kind == Kind::Login.as_str());
        let is_agents = !is_login || self.is_same(volume, AGENT);
        is_owners && is_agents && self.is_same(volume, WORKSPACE_ID) && !volume.is_elsewhere
    }

    fn is_same(&self, volume: &VolumeRow, key: &str) -> bool {
        volume.labels.get(key) == self.labels.get(key)
    }

    /// Both say whose they are, and it is not the same person.
    fn is_of_another(&self, volume: &VolumeRow) -> bool {
        let owner = |labels: &BTreeMap<String, String>| labels.get(OWNER).cloned();
        let (asked, has) = (owner(self.labels), owner(&volume.labels));
        asked.is_some() && has.is_some() && asked != has
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::{self, Kind};

    fn checked(labels: BTreeMap<String, String>, has: Option<&str>, asked: Option<&str>) -> String {
        let size = |text: Option<&str>| text.map(|text| text.parse().expect("a size"));
        let mine = labels::of(Kind::Login);
        let wanted = [Wanted {
            name: "dp-login-1-x",
            labels: &mine,
            size: size(asked),
        }];
        let volume = VolumeRow {
            name: "dp-login-1-x".into(),
            labels,
            size: size(has),
            ..VolumeRow::default()
        };
        check(&volume, &wanted).map_or_else(|error| error.to_string(), |()| "ours".into())
    }

    #[test]
    fn a_volume_is_ours_by_its_labels() {
        let foreign = "the volume name `dp-login-1-x` is taken by a volume that `dp` did not make";
        let table = [
            (labels::of(Kind::Login), "ours"),
            (labels::of(Kind::Engine), foreign),
            (BTreeMap::new(), foreign),
        ];
        for (labels, expected) in table {
            assert_eq!(checked(labels.clone(), None, None), expected, "{labels:?}");
        }
    }

    #[test]
    fn a_volume_is_taken_as_it_would_be_made_and_no_other() {
        let made = |labels: &[(&str, &str)]| {
            let mut all = labels::of(Kind::Login);
            all.extend(
                labels
                    .iter()
                    .map(|(key, value)| (key.to_string(), value.to_string())),
            );
            all
        };
        let shared = [(OWNER, "1"), (AGENT, "x")];
        let own = [(OWNER, "1"), (AGENT, "x"), (WORKSPACE_ID, "w")];
        let table: [(&[_], &[_], bool); 9] = [
            (&shared, &shared, true),
            (&own, &own, true),
            (&shared, &own, false),
            (&own, &shared, false),
            (&shared, &[], false),
            (&shared, &[(OWNER, "1")], false),
            (&shared, &[(AGENT, "x")], false),
            (&shared, &[(OWNER, "1"), (AGENT, "y")], false),
            (
                &own,
                &[(OWNER, "1"), (AGENT, "x"), (WORKSPACE_ID, "v")],
                false,
            ),
        ];
        for (asked, has, expected) in table {
            let asked = made(asked);
            let wanted = [Wanted {
                name: "dp-login-1-x",
                labels: &asked,
                size: None,
            }];
            let volume = |is_elsewhere| VolumeRow {
                name: "dp-login-1-x".into(),
                labels: made(has),
                is_elsewhere,
                ..VolumeRow::default()
            };
            assert_eq!(check(&volume(false), &wanted).is_ok(), expected, "{has:?}");
            assert!(check(&volume(true), &wanted).is_err(), "{has:?}");
        }
    }

    #[test]
    fn a_volume_of_another_person_is_not_taken() {
        let of = |owner: Option<&str>| {
            let mut labels = labels::of(Kind::Engine);
            labels.extend(owner.map(|owner| (OWNER.to_string(), owner.to_string())));
            labels
        };
        let table = [
            (Some("1"), Some("1"), false),
            (Some("1"), Some("2"), true),
            (None, Some("2"), false),
            (Some("1"), None, false),
        ];
        for (asked, has, expected) in table {
            let (asked, has) = (of(asked), of(has));
            let wanted = Wanted {
                name: "dp-engine-x",
                labels: &asked,
                size: None,
            };
            let volume = VolumeRow {
                name: "dp-engine-x".into(),
                labels: has,
                ..VolumeRow::default()
            };
            assert_eq!(wanted.is_of_another(&volume), expected, "{volume:?}");
        }
    }

    #[test]
    fn a_size_that_is_asked_must_be_the_volumes() {
        let other = "the volume `dp-login-1-x` was made with another size";
        let table = [
            (None, None, "ours"),
            (Some("1g"), None, "ours"),
            (Some("1g"), Some("1024m"), "ours"),
            (Some("1g"), Some("2g"), other),
            (None, Some("2g"), other),
        ];
        for (has, asked, expected) in table {
            let labels = labels::of(Kind::Login);
            assert_eq!(checked(labels, has, asked), expected, "{has:?} {asked:?}");
        }
    }
}
