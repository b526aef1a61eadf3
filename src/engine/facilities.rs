//! What an engine has to give to containers: runtimes, devices and networks.

use super::{Engine, EngineError};
use bollard::query_parameters::ListNetworksOptions;
use std::path::PathBuf;

/// What an engine says of itself that a container may ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facilities {
    /// The names of the runtimes that are configured, in order.
    pub runtimes: Vec<String>,
    /// The runtime of a container that names none.
    pub default_runtime: Option<String>,
    /// CDI devices such as `nvidia.com/gpu=all`; engines list them since API 1.50.
    pub devices: Vec<String>,
    /// Directories of the engine's machine that describe CDI devices; none where it knows no CDI
    /// (before API 1.44) or it is switched off.
    pub device_directories: Vec<PathBuf>,
}

impl Engine {
    /// Runtimes and devices.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn facilities(&self) -> Result<Facilities, EngineError> {
        let info = self.call(self.docker.info()).await?;
        let mut runtimes: Vec<_> = info.runtimes.unwrap_or_default().into_keys().collect();
        runtimes.sort();
        let devices = info.discovered_devices.unwrap_or_default().into_iter();
        let directories = info.cdi_spec_dirs.unwrap_or_default().into_iter();
        Ok(Facilities {
            runtimes,
            default_runtime: info.default_runtime,
            devices: devices.filter_map(|device| device.id).collect(),
            device_directories: directories.map(PathBuf::from).collect(),
        })
    }

    /// The names and IDs of all networks, in order.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn networks(&self) -> Result<Vec<(String, String)>, EngineError> {
        let listed = self
            .call(self.docker.list_networks(None::<ListNetworksOptions>))
            .await;
        let networks = listed?.into_iter();
        let name_and_id =
            networks.map(|found| (found.name.unwrap_or_default(), found.id.unwrap_or_default()));
        let mut all: Vec<_> = name_and_id.collect();
        all.sort();
        Ok(all)
    }
}
