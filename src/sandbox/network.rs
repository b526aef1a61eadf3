//! The network that all sandboxes of an engine are in, unless another one is asked for: a bridge on
//! which containers do not reach each other. One serves all: an engine has some thirty address
//! ranges. It is made at first use, and found again by its name.

use crate::engine::networks::NetworkRow;
use crate::engine::{Engine, EngineError};
use crate::labels::{self, Kind};

/// Its name in the engine.
pub const NAME: &str = "dp";
/// What keeps containers of a bridge from each other.
const ISOLATED: (&str, &str) = ("com.docker.network.bridge.enable_icc", "false");

/// Why a sandbox cannot be in it.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// Somebody else's network has the name.
    #[error("the network name `{NAME}` is taken by a network that `dp` did not make")]
    Foreign,
    /// The engine makes no such network.
    #[error("the network `{NAME}` cannot be created")]
    Refused {
        /// The engine's words.
        reason: String,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// The network of a container whose settings say `asked`: ours, unless another kind is asked for.
#[must_use]
pub fn of(asked: Option<&str>) -> String {
    match asked {
        None | Some("bridge" | "default") => NAME.into(),
        Some(other) => other.into(),
    }
}

/// Makes sure that the network is there and ours. One call when it is.
///
/// # Errors
/// [`NetworkError`].
pub async fn ensure(engine: &Engine) -> Result<(), NetworkError> {
    match choose(engine.networks_called(NAME).await?)? {
        Choice::One => return Ok(()),
        Choice::Several(others) => return remove(engine, others).await,
        Choice::None => {}
    }
    let labels = labels::of(Kind::Network);
    match engine.create_bridge(NAME, labels, &[ISOLATED]).await {
        Ok(()) => {}
        // Another `dp` was faster.
        Err(error) if error.is_conflict() => {}
        Err(EngineError::Refused { message, .. }) => {
            return Err(NetworkError::Refused { reason: message });
        }
        Err(error) => return Err(error.into()),
    }
    match choose(engine.networks_called(NAME).await?)? {
        Choice::Several(others) => remove(engine, others).await,
        Choice::One | Choice::None => Ok(()),
    }
}

/// Removes the network where nothing uses it: answers whether it is gone by that.
///
/// # Errors
/// [`EngineError`].
pub async fn prune(engine: &Engine) -> Result<bool, EngineError> {
    let mut is_gone = false;
    for network in engine.networks_called(NAME).await? {
        // One that is in use, by a container that is not ours either, is kept by the engine.
        is_gone |= is_ours(&network) && engine.remove_network(&network.id).await.is_ok();
    }
    Ok(is_gone)
}

/// Whether [`prune`] would remove the network once these containers are gone.
///
/// # Errors
/// [`EngineError`].
pub async fn would_be_pruned(engine: &Engine, gone: &[&str]) -> Result<bool, EngineError> {
    for network in engine
        .networks_called(NAME)
        .await?
        .iter()
        .filter(|one| is_ours(one))
    {
        match engine.containers_in_network(&network.id).await {
            Ok(users) if users.iter().all(|user| gone.contains(&user.as_str())) => return Ok(true),
            Ok(_) => {}
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

/// The engine's words say that a network which a container names is not there, or there twice.
#[must_use]
pub(super) fn is_missing(message: &str) -> bool {
    message.starts_with("network ")
        && (message.contains(" not found") || message.contains(" is ambiguous"))
}

enum Choice {
    None,
    One,
    /// Two who made it at one moment: those that go.
    Several(Vec<NetworkRow>),
}

/// The oldest stays: everybody who looks comes to the same one.
fn choose(mut found: Vec<NetworkRow>) -> Result<Choice, NetworkError> {
    if !found.iter().all(is_ours) {
        return Err(NetworkError::Foreign);
    }
    found.sort_by(|one, other| (&one.created, &one.id).cmp(&(&other.created, &other.id)));
    Ok(match found.len() {
        0 => Choice::None,
        1 => Choice::One,
        _ => Choice::Several(found.split_off(1)),
    })
}

async fn remove(engine: &Engine, networks: Vec<NetworkRow>) -> Result<(), NetworkError> {
    for network in networks {
        match engine.remove_network(&network.id).await {
            Ok(()) => {}
            // Another `dp` was faster with it.
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Made by `dp`, and still what it was made as.
fn is_ours(network: &NetworkRow) -> bool {
    let (option, value) = ISOLATED;
    labels::is(&network.labels, Kind::Network)
        && network.driver == "bridge"
        && network.options.get(option).is_some_and(|set| set == value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn network(id: &str, created: &str, isolated: &str) -> NetworkRow {
        NetworkRow {
            id: id.into(),
            name: NAME.into(),
            driver: "bridge".into(),
            labels: labels::of(Kind::Network),
            options: BTreeMap::from([(ISOLATED.0.into(), isolated.into())]),
            created: created.into(),
            gateways: Vec::new(),
        }
    }

    #[test]
    fn the_oldest_of_ours_stays_and_a_foreign_one_is_refused() {
        let younger = network("a", "2026-01-02", "false");
        let older = network("b", "2026-01-01", "false");
        match choose(vec![younger.clone(), older.clone()]) {
            Ok(Choice::Several(others)) => assert_eq!(others, [younger]),
            _ => panic!("there are two"),
        }
        assert!(matches!(choose(vec![older.clone()]), Ok(Choice::One)));
        assert!(matches!(choose(Vec::new()), Ok(Choice::None)));
        let open = network("c", "2026-01-01", "true");
        let unmarked = NetworkRow {
            labels: BTreeMap::new(),
            ..older.clone()
        };
        for foreign in [open, unmarked] {
            let chosen = choose(vec![older.clone(), foreign]);
            assert!(matches!(chosen, Err(NetworkError::Foreign)));
        }
    }

    #[test]
    fn what_nobody_asks_for_is_ours() {
        let table = [
            (None, "dp"),
            (Some("bridge"), "dp"),
            (Some("default"), "dp"),
            (Some("none"), "none"),
            (Some("team"), "team"),
        ];
        for (asked, expected) in table {
            assert_eq!(of(asked), expected);
        }
    }

    #[test]
    fn an_engines_words_for_a_missing_network_are_known() {
        for message in [
            "network dp not found",
            "network d262ff5a7e88 not found",
            "network dp is ambiguous (2 matches found on name)",
        ] {
            assert!(is_missing(message), "{message}");
        }
        assert!(!is_missing("No such image: network not found"));
    }
}
