//! Networks of an engine: find, make, leave, remove.

use super::{Engine, EngineError};
use bollard::models::{Network, NetworkCreateRequest, NetworkDisconnectRequest};
use bollard::query_parameters::ListNetworksOptions;
use std::collections::{BTreeMap, HashMap};

/// A network, as far as anybody here needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkRow {
    /// Unique.
    pub id: String,
    /// Not unique: two may be made at one moment.
    pub name: String,
    /// `bridge`, or a plug-in's name.
    pub driver: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// The driver's options.
    pub options: BTreeMap<String, String>,
    /// When it was made, as the engine writes it.
    pub created: String,
    /// The addresses that the engine's machine has in it.
    pub gateways: Vec<String>,
}

impl Engine {
    /// All networks of this name.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn networks_called(&self, name: &str) -> Result<Vec<NetworkRow>, EngineError> {
        let options = ListNetworksOptions {
            filters: Some(HashMap::from([("name".into(), vec![name.into()])])),
        };
        let listed = self.call(self.docker.list_networks(Some(options))).await;
        let networks = listed?.into_iter();
        // The engine's filter takes a part of a name as well.
        let mut rows: Vec<_> = networks.map(row).collect();
        rows.retain(|row| row.name == name);
        Ok(rows)
    }

    /// The IDs of the containers that keep a network from being removed: those that run in it.
    ///
    /// # Errors
    /// [`EngineError`]; `NotFound`.
    pub async fn containers_in_network(&self, id: &str) -> Result<Vec<String>, EngineError> {
        let inspected = self.call(self.docker.inspect_network(id, None)).await;
        let found = inspected?.containers;
        Ok(found.unwrap_or_default().into_keys().collect())
    }

    /// Makes a network of the driver `bridge`.
    ///
    /// # Errors
    /// [`EngineError`]. A name that is taken is `Conflict` to some engines, and nothing to others.
    pub async fn create_bridge(
        &self,
        name: &str,
        labels: BTreeMap<String, String>,
        options: &[(&str, &str)],
    ) -> Result<(), EngineError> {
        let options = options.iter();
        let request = NetworkCreateRequest {
            name: name.to_string(),
            driver: Some("bridge".into()),
            labels: Some(labels.into_iter().collect()),
            options: Some(
                options
                    .map(|(key, value)| (key.to_string(), value.to_string()))
                    .collect(),
            ),
            ..NetworkCreateRequest::default()
        };
        let made = self.call(self.docker.create_network(request)).await;
        made.map(|_| ())
    }

    /// Takes a container that does not run out of a network, also of one that is no more.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn leave_network(&self, name: &str, container: &str) -> Result<(), EngineError> {
        let request = NetworkDisconnectRequest {
            container: container.to_string(),
            force: Some(true),
        };

        self.call(self.docker.disconnect_network(name, request))
            .await
    }

    /// Removes a network.
    ///
    /// # Errors
    /// [`EngineError`]; `NotFound`, and a refusal while a container that runs is in it.
    pub async fn remove_network(&self, id: &str) -> Result<(), EngineError> {
        self.call(self.docker.remove_network(id)).await
    }
}

fn row(found: Network) -> NetworkRow {
    let ranges = found.ipam.and_then(|ipam| ipam.config);
    let gateways = ranges.into_iter().flatten();
    NetworkRow {
        id: found.id.unwrap_or_default(),
        name: found.name.unwrap_or_default(),
        driver: found.driver.unwrap_or_default(),
        labels: found.labels.unwrap_or_default().into_iter().collect(),
        options: found.options.unwrap_or_default().into_iter().collect(),
        created: found.created.unwrap_or_default(),
        gateways: gateways.filter_map(|range| range.gateway).collect(),
    }
}
