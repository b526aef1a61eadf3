//! What takes an engine its time to tell of volumes: how big they are, and when they were used.

use super::Volume;
use crate::engine::{Engine, EngineError};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long sizes are waited for: a list is worth more than its sizes.
const PATIENCE: Duration = Duration::from_secs(20);
/// Questions about containers that are under way at once.
const AT_ONCE: usize = 8;

/// What was measured.
#[derive(Debug, Default)]
pub struct Usage {
    /// Bytes by the name of the volume.
    sizes: BTreeMap<String, u64>,
    /// When containers ran last, by their ID.
    ran: BTreeMap<String, Timestamp>,
    /// Why there are no sizes.
    pub problem: Option<UsageError>,
}

/// Why there are no sizes.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// The disk is too big or too slow.
    #[error("the engine did not tell the sizes of its volumes in {} seconds", PATIENCE.as_secs())]
    Deadline,
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Usage {
    /// Asks for the use of `volumes`, and for their sizes if `with_sizes`; never fails and never
    /// takes longer than twenty seconds: what cannot be had stays unknown.
    pub async fn measure(engine: &Engine, volumes: &[Volume], with_sizes: bool) -> Self {
        let sizes = async {
            if !with_sizes || volumes.is_empty() {
                return Ok(BTreeMap::new());
            }
            let asked = tokio::time::timeout(PATIENCE, engine.volume_sizes()).await;
            Ok(asked.map_err(|_| UsageError::Deadline)??)
        };
        let ran = tokio::time::timeout(PATIENCE, ran(engine, volumes));
        let (sizes, ran) = tokio::join!(sizes, ran);
        let (sizes, problem) = match sizes {
            Ok(sizes) => (sizes, None),
            Err(problem) => (BTreeMap::new(), Some(problem)),
        };
        Self {
            sizes,
            ran: ran.unwrap_or_default(),
            problem,
        }
    }

    /// Writes it into `volumes`. What runs uses its volumes `now`.
    pub fn complete(&self, volumes: &mut [Volume], now: Timestamp) {
        for volume in volumes {
            volume.size = self.sizes.get(&volume.name).copied();
            let times = volume.used_by.iter().filter_map(|user| {
                let ran = self.ran.get(&user.container).copied();
                if user.is_alive() { Some(now) } else { ran }
            });
            volume.last_used = times.max();
        }
    }
}

/// When those containers ran last that decide when a volume was used: nobody needs to be asked
/// about one that a living container has.
async fn ran(engine: &Engine, volumes: &[Volume]) -> BTreeMap<String, Timestamp> {
    let idle = volumes
        .iter()
        .filter(|volume| !volume.used_by.iter().any(super::User::is_alive));
    let users: BTreeSet<&str> = idle
        .flat_map(|volume| &volume.used_by)
        .filter(|user| user.state != "created")
        .map(|user| user.container.as_str())
        .collect();
    let asked = stream::iter(users).map(async |container| {
        // One that was removed meanwhile tells nothing any more.
        let ran = engine.last_ran(container).await.ok().flatten()?;
        Some((container.to_string(), ran))
    });
    let told = asked.buffer_unordered(AT_ONCE);
    told.filter_map(async |told| told).collect().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::volumes::User;

    #[test]
    fn the_last_use_is_that_of_the_last_container() {
        let time = |hour: i8| {
            let text = format!("2026-11-21T{hour:02}:00:00Z");
            text.parse::<Timestamp>().expect("a time")
        };
        let now = time(12);
        let usage = Usage {
            sizes: BTreeMap::from([("v".into(), 7)]),
            ran: BTreeMap::from([("a".into(), time(1)), ("b".into(), time(2))]),
            problem: None,
        };
        let table: [(&[(&str, &str)], _); 5] = [
            (&[], None),
            (&[("new", "created")], None),
            (&[("a", "exited")], Some(time(1))),
            (&[("b", "exited"), ("a", "exited")], Some(time(2))),
            (&[("a", "exited"), ("c", "paused")], Some(now)),
        ];
        for (users, expected) in table {
            let user = |(container, state): &(&str, &str)| User {
                name: String::new(),
                container: container.to_string(),
                state: state.to_string(),
            };
            let mut volumes = [Volume {
                name: "v".into(),
                used_by: users.iter().map(user).collect(),
                ..Volume::default()
            }];
            usage.complete(&mut volumes, now);
            assert_eq!(volumes[0].last_used, expected, "{users:?}");
            assert_eq!(volumes[0].size, Some(7));
        }
    }
}
