//! Named volumes.

use super::{Engine, EngineError};
use crate::values::Memory;
use bollard::models::VolumeCreateRequest;
use bollard::query_parameters::{ListVolumesOptions, RemoveVolumeOptions};
use std::collections::{BTreeMap, HashMap};

/// A volume as the engine lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VolumeRow {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// RFC 3339, as the engine writes it.
    pub created: Option<String>,
    /// The driver, mostly `local`.
    pub driver: String,
    /// Where its files are on the engine's machine.
    pub mountpoint: String,
    /// What it is held to.
    pub size: Option<Memory>,
    /// Its files are somewhere else: on a device, in a directory or on another machine.
    pub is_elsewhere: bool,
}

/// The option of the driver `local` that holds a volume to a number of bytes. Since Engine 20.10,
/// and where the disk has project quotas.
const SIZE: &str = "size";
/// The option that names what is mounted in the place of a directory of the engine's own.
const DEVICE: &str = "device";

impl Engine {
    /// All volumes that carry `label` (`key=value`).
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn volumes(&self, label: &str) -> Result<Vec<VolumeRow>, EngineError> {
        self.list_volumes("label", vec![label.to_string()]).await
    }

    /// Those of the volumes `names` that there are.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn volumes_named(&self, names: &[&str]) -> Result<Vec<VolumeRow>, EngineError> {
        let wanted = names.iter().map(ToString::to_string).collect();
        let mut found = self.list_volumes("name", wanted).await?;
        // The engine's filter is content with a part of the name.
        found.retain(|volume| names.contains(&volume.name.as_str()));
        Ok(found)
    }

    async fn list_volumes(
        &self,
        filter: &str,
        values: Vec<String>,
    ) -> Result<Vec<VolumeRow>, EngineError> {
        let options = ListVolumesOptions {
            filters: Some(HashMap::from([(filter.to_string(), values)])),
        };
        let listed = self.call(self.docker.list_volumes(Some(options))).await;
        let volumes = listed?.volumes;
        Ok(volumes.unwrap_or_default().into_iter().map(row).collect())
    }

    /// One volume.
    ///
    /// # Errors
    /// [`EngineError`]; `NotFound`.
    pub async fn volume(&self, name: &str) -> Result<VolumeRow, EngineError> {
        let found = self.call(self.docker.inspect_volume(name)).await;
        Ok(row(found?))
    }

    /// Creates a volume, or finds the one of this name.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn create_volume(
        &self,
        name: &str,
        labels: &BTreeMap<String, String>,
    ) -> Result<VolumeRow, EngineError> {
        self.request_volume(name, labels, None).await
    }

    /// Creates a volume that is held to a size, or finds the one of this name, whatever its size.
    ///
    /// # Errors
    /// [`EngineError`]; `Refused` where the engine's disk cannot do that.
    pub async fn create_volume_of(
        &self,
        name: &str,
        labels: &BTreeMap<String, String>,
        size: Memory,
    ) -> Result<VolumeRow, EngineError> {
        self.request_volume(name, labels, Some(size)).await
    }

    async fn request_volume(
        &self,
        name: &str,
        labels: &BTreeMap<String, String>,
        size: Option<Memory>,
    ) -> Result<VolumeRow, EngineError> {
        let request = VolumeCreateRequest {
            name: Some(name.to_string()),
            labels: Some(labels.clone().into_iter().collect()),
            driver_opts: size.map(driver_options),
            ..VolumeCreateRequest::default()
        };
        let created = self.call(self.docker.create_volume(request)).await;
        Ok(row(created?))
    }

    /// Removes a volume that no container uses.
    ///
    /// # Errors
    /// [`EngineError`]; `Conflict` when it is in use, `NotFound`.
    pub async fn remove_volume(&self, name: &str) -> Result<(), EngineError> {
        self.call(self.docker.remove_volume(name, None::<RemoveVolumeOptions>))
            .await
    }
}

pub(super) fn driver_options(size: Memory) -> HashMap<String, String> {
    HashMap::from([(SIZE.to_string(), size.to_api().to_string())])
}

fn row(volume: bollard::models::Volume) -> VolumeRow {
    VolumeRow {
        is_elsewhere: volume.driver != "local" || volume.options.contains_key(DEVICE),
        name: volume.name,
        labels: volume.labels.into_iter().collect(),
        created: volume.created_at,
        driver: volume.driver,
        mountpoint: volume.mountpoint,
        size: { volume.options.get(SIZE) }.and_then(|size| size.parse().ok()),
    }
}
