//! Containers: create, start, find, end.

use super::volumes::driver_options;
use super::{Engine, EngineError};
use crate::values::{Memory, PublishedPort};
use bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, ContainerSummary, DeviceMapping, DeviceRequest,
    HostConfig, Mount, MountPoint, MountType, MountVolumeOptions, MountVolumeOptionsDriverConfig,
    PortBinding,
};
use bollard::query_parameters::{
    CreateContainerOptions, InspectContainerOptions, KillContainerOptions, ListContainersOptions,
    LogsOptions, RemoveContainerOptions, RenameContainerOptions, RestartContainerOptions,
    StartContainerOptions, StopContainerOptions,
};
use futures_util::StreamExt;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Everything a new container is made of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewContainer {
    /// Container name; unique in the engine.
    pub name: String,
    /// Image reference.
    pub image: String,
    /// Replaces the image's entry point and command.
    pub entrypoint: Vec<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Mounts, in the order given.
    pub mounts: Vec<NewMount>,
    /// Ports to publish.
    pub ports: Vec<PublishedPort>,
    /// `bridge`, `host`, `none` or a network's name; the engine's default without.
    pub network: Option<String>,
    /// Bytes.
    pub memory: Option<i64>,
    /// Billionths of a CPU.
    pub nano_cpus: Option<i64>,
    /// Processes.
    pub pids_limit: Option<i64>,
    /// Bytes of `/dev/shm`.
    pub shm_size: Option<i64>,
    /// All GPUs, and the way to them.
    pub gpus: Option<Gpus>,
    /// The engine's runtime of this name.
    pub runtime: Option<String>,
    /// As `docker run --security-opt`.
    pub security: Vec<String>,
    /// Nothing under `/proc` and `/sys` is hidden or read-only.
    pub has_bare_system_paths: bool,
    /// As `docker run --privileged`.
    pub is_privileged: bool,
    /// Device nodes of the host, given at the same path.
    pub devices: Vec<String>,
    /// The hostname inside.
    pub hostname: Option<String>,
}

/// The way to the GPUs of a machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Gpus {
    /// The engine's driver for them, as `docker run --gpus all`.
    #[default]
    Driver,
    /// CDI devices of these names, such as `nvidia.com/gpu=all`.
    Devices(Vec<String>),
}

/// A mount of a new container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewMount {
    /// A path of the engine's machine; it must exist.
    Bind {
        /// Path on the engine's machine.
        source: String,
        /// Path inside.
        target: String,
        /// Not writable inside.
        read_only: bool,
    },
    /// A named volume, created with `labels` when it does not exist.
    Volume {
        /// Volume name.
        name: String,
        /// Path inside.
        target: String,
        /// Not writable inside.
        read_only: bool,
        /// Labels of a new volume.
        labels: BTreeMap<String, String>,
        /// What a new volume is held to.
        size: Option<Memory>,
    },
}

/// A container as the engine lists or describes it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContainerRow {
    /// 64 hex digits.
    pub id: String,
    /// Without the leading slash.
    pub name: String,
    /// The image reference it was made from.
    pub image: String,
    /// The image's ID.
    pub image_id: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.
    pub state: String,
    /// In words, such as `Up 3 minutes`; only in listings.
    pub status: String,
    /// Seconds since 1970; only in listings.
    pub created: i64,
    /// What is published.
    pub ports: Vec<PublishedPort>,
    /// What is mounted.
    pub mounts: Vec<MountRow>,
}

/// A mount of a container that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MountRow {
    /// `bind` or `volume`.
    pub kind: String,
    /// Path on the engine's machine, or the volume's name.
    pub source: String,
    /// Path inside.
    pub target: String,
    /// Not writable inside.
    pub read_only: bool,
}

impl MountRow {
    /// What the engine will say of a new mount.
    #[must_use]
    pub fn of(new: &NewMount) -> Self {
        let (kind, source, target, read_only) = match new {
            NewMount::Bind {
                source,
                target,
                read_only,
            } => ("bind", source, target, read_only),
            NewMount::Volume {
                name,
                target,
                read_only,
                ..
            } => ("volume", name, target, read_only),
        };
        Self {
            kind: kind.to_string(),
            source: source.clone(),
            target: target.clone(),
            read_only: *read_only,
        }
    }
}

impl ContainerRow {
    /// The main process runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.state == "running"
    }
}

impl Engine {
    /// Creates a container and answers its ID.
    ///
    /// # Errors
    /// [`EngineError`]; `Conflict` when the name is taken, `NotFound` for the image.
    pub async fn create_container(&self, new: NewContainer) -> Result<String, EngineError> {
        let options = CreateContainerOptions {
            name: Some(new.name.clone()),
            ..CreateContainerOptions::default()
        };
        let created = self.docker.create_container(Some(options), body(new)).await;
        Ok(created.map_err(|e| self.error(e))?.id)
    }

    /// Starts a container; one that runs already is no error.
    ///
    /// # Errors
    /// [`EngineError`]; `Refused` with the runtime's words when it cannot be started.
    pub async fn start_container(&self, container: &str) -> Result<(), EngineError> {
        self.docker
            .start_container(container, None::<StartContainerOptions>)
            .await
            .map_err(|e| self.error(e))
    }

    /// Asks the main process to end, and kills it after `seconds`.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn stop_container(&self, container: &str, seconds: u16) -> Result<(), EngineError> {
        let options = StopContainerOptions {
            t: Some(i32::from(seconds)),
            ..StopContainerOptions::default()
        };
        let stopped = self.docker.stop_container(container, Some(options)).await;
        stopped.map_err(|e| self.error(e))
    }

    /// Stops and starts again.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn restart_container(&self, container: &str) -> Result<(), EngineError> {
        self.docker
            .restart_container(container, None::<RestartContainerOptions>)
            .await
            .map_err(|e| self.error(e))
    }

    /// Lets a container go on that was paused; one that goes on already is no error.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn unpause_container(&self, container: &str) -> Result<(), EngineError> {
        let unpaused = self.docker.unpause_container(container).await;
        match unpaused.map_err(|e| self.error(e)) {
            Err(EngineError::Refused { message, .. } | EngineError::Conflict { message })
                if message.contains("is not paused") =>
            {
                Ok(())
            }
            unpaused => unpaused,
        }
    }

    /// Kills the main process at once.
    ///
    /// # Errors
    /// [`EngineError`]; `Conflict` when it does not run.
    pub async fn kill_container(&self, container: &str) -> Result<(), EngineError> {
        self.docker
            .kill_container(container, None::<KillContainerOptions>)
            .await
            .map_err(|e| self.error(e))
    }

    /// Gives a container another name.
    ///
    /// # Errors
    /// [`EngineError`]; `NotFound`, and `Conflict` when the name is taken.
    pub async fn rename_container(&self, container: &str, name: &str) -> Result<(), EngineError> {
        let options = RenameContainerOptions {
            name: name.to_string(),
        };
        let renamed = self.docker.rename_container(container, options).await;
        renamed.map_err(|e| self.error(e))
    }

    /// Removes a container, running or not; its named volumes stay.
    ///
    /// # Errors
    /// [`EngineError`]; `NotFound`, and `Conflict` while another removal is under way.
    pub async fn remove_container(&self, container: &str) -> Result<(), EngineError> {
        let options = RemoveContainerOptions {
            force: true,
            v: true,
            link: false,
        };
        let removed = self.docker.remove_container(container, Some(options)).await;
        removed.map_err(|e| self.error(e))
    }

    /// Describes one container by name, ID or a prefix of the ID.
    ///
    /// # Errors
    /// [`EngineError`]; `NotFound`.
    pub async fn container(&self, container: &str) -> Result<ContainerRow, EngineError> {
        let found = self
            .docker
            .inspect_container(container, None::<InspectContainerOptions>)
            .await;
        Ok(row_of_inspect(found.map_err(|e| self.error(e))?))
    }

    /// All containers, running or not, that carry every one of `labels` (`key=value`).
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn containers(&self, labels: &[String]) -> Result<Vec<ContainerRow>, EngineError> {
        let filters = HashMap::from([("label".to_string(), labels.to_vec())]);
        let options = ListContainersOptions {
            all: true,
            filters: Some(filters),
            ..ListContainersOptions::default()
        };
        let listed = self.docker.list_containers(Some(options)).await;
        let rows = listed.map_err(|e| self.error(e))?;
        Ok(rows.into_iter().map(row_of_summary).collect())
    }

    /// The last lines that a container's main process wrote, for a start that failed.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn container_log(&self, container: &str, lines: u16) -> Result<String, EngineError> {
        let options = LogsOptions {
            stdout: true,
            stderr: true,
            tail: lines.to_string(),
            ..LogsOptions::default()
        };
        let mut chunks = self.docker.logs(container, Some(options));
        let mut text = String::new();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|e| self.error(e))?;
            text.push_str(&String::from_utf8_lossy(&chunk.into_bytes()));
        }
        Ok(text)
    }
}

fn body(new: NewContainer) -> ContainerCreateBody {
    let key = |port: &PublishedPort| format!("{}/{}", port.container, port.protocol);
    let mut bindings: HashMap<String, Option<Vec<PortBinding>>> = HashMap::new();
    for port in &new.ports {
        let binding = PortBinding {
            host_ip: Some(port.ip.clone()),
            host_port: Some(port.host.map_or_else(String::new, |port| port.to_string())),
        };
        let list = bindings.entry(key(port)).or_default();
        list.get_or_insert_default().push(binding);
    }
    let devices = new.devices.into_iter().map(|path| DeviceMapping {
        path_on_host: Some(path.clone()),
        path_in_container: Some(path),
        cgroup_permissions: Some("rwm".into()),
    });
    // An empty list takes away the engine's own.
    let bare = new.has_bare_system_paths.then(Vec::new);
    ContainerCreateBody {
        image: Some(new.image),
        user: Some("0:0".into()),
        hostname: new.hostname,
        entrypoint: Some(new.entrypoint),
        cmd: Some(Vec::new()),
        labels: Some(new.labels.into_iter().collect()),
        exposed_ports: Some(bindings.keys().cloned().collect()),
        host_config: Some(HostConfig {
            mounts: Some(new.mounts.into_iter().map(mount).collect()),
            port_bindings: Some(bindings),
            network_mode: new.network,
            memory: new.memory,
            nano_cpus: new.nano_cpus,
            pids_limit: new.pids_limit,
            shm_size: new.shm_size,
            runtime: new.runtime,
            security_opt: Some(new.security),
            masked_paths: bare.clone(),
            readonly_paths: bare,
            privileged: Some(new.is_privileged),
            devices: Some(devices.collect()),
            device_requests: new.gpus.map(|gpus| vec![device_request(gpus)]),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}

fn device_request(gpus: Gpus) -> DeviceRequest {
    match gpus {
        Gpus::Driver => DeviceRequest {
            count: Some(-1),
            capabilities: Some(vec![vec!["gpu".into()]]),
            ..DeviceRequest::default()
        },
        // A count beside the names is refused.
        Gpus::Devices(names) => DeviceRequest {
            driver: Some("cdi".into()),
            device_ids: Some(names),
            ..DeviceRequest::default()
        },
    }
}

fn mount(new: NewMount) -> Mount {
    match new {
        NewMount::Bind {
            source,
            target,
            read_only,
        } => Mount {
            typ: Some(MountType::BIND),
            source: Some(source),
            target: Some(target),
            read_only: Some(read_only),
            ..Mount::default()
        },
        NewMount::Volume {
            name,
            target,
            read_only,
            labels,
            size,
        } => Mount {
            typ: Some(MountType::VOLUME),
            source: Some(name),
            target: Some(target),
            read_only: Some(read_only),
            volume_options: Some(MountVolumeOptions {
                labels: Some(labels.into_iter().collect()),
                driver_config: size.map(|size| MountVolumeOptionsDriverConfig {
                    name: Some("local".into()),
                    options: Some(driver_options(size)),
                }),
                ..MountVolumeOptions::default()
            }),
            ..Mount::default()
        },
    }
}

fn row_of_summary(found: ContainerSummary) -> ContainerRow {
    let ports = found.ports.unwrap_or_default().into_iter();
    let mut ports: Vec<_> = ports
        .filter_map(|port| {
            Some(PublishedPort {
                ip: port.ip?,
                host: port.public_port,
                container: port.private_port,
                protocol: port.typ.map_or_else(|| "tcp".into(), |t| t.to_string()),
            })
        })
        .collect();
    ports.sort();
    let name = found.names.unwrap_or_default().into_iter().next();
    ContainerRow {
        id: found.id.unwrap_or_default(),
        name: without_slash(name),
        image: found.image.unwrap_or_default(),
        image_id: found.image_id.unwrap_or_default(),
        labels: found.labels.unwrap_or_default().into_iter().collect(),
        state: found
            .state
            .map_or_else(String::new, |state| state.to_string()),
        status: found.status.unwrap_or_default(),
        created: found.created.unwrap_or_default(),
        ports,
        mounts: mounts(found.mounts),
    }
}

fn row_of_inspect(found: ContainerInspectResponse) -> ContainerRow {
    let config = found.config.unwrap_or_default();
    let bound = found
        .network_settings
        .and_then(|settings| settings.ports)
        .unwrap_or_default();
    let mut ports = Vec::new();
    for (key, bindings) in bound {
        let (port, protocol) = key.split_once('/').unwrap_or((&key, "tcp"));
        for binding in bindings.unwrap_or_default() {
            ports.push(PublishedPort {
                ip: binding.host_ip.unwrap_or_default(),
                host: binding.host_port.and_then(|port| port.parse().ok()),
                container: port.parse().unwrap_or_default(),
                protocol: protocol.to_string(),
            });
        }
    }
    ports.sort();
    let state = found.state.and_then(|state| state.status);
    ContainerRow {
        id: found.id.unwrap_or_default(),
        name: without_slash(found.name),
        image: config.image.unwrap_or_default(),
        image_id: found.image.unwrap_or_default(),
        labels: config.labels.unwrap_or_default().into_iter().collect(),
        state: state.map_or_else(String::new, |state| state.to_string()),
        status: String::new(),
        created: 0,
        ports,
        mounts: mounts(found.mounts),
    }
}

fn without_slash(name: Option<String>) -> String {
    name.unwrap_or_default().trim_start_matches('/').to_string()
}

fn mounts(found: Option<Vec<MountPoint>>) -> Vec<MountRow> {
    let found = found.unwrap_or_default().into_iter();
    found
        .map(|mount| {
            let kind = mount.typ.unwrap_or_default();
            let source = if kind == "volume" {
                mount.name
            } else {
                mount.source
            };
            MountRow {
                kind,
                source: source.unwrap_or_default(),
                target: mount.destination.unwrap_or_default(),
                read_only: mount.rw == Some(false),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn gpus_are_asked_of_the_driver_or_by_name() {
        let table = [
            (
                Gpus::Driver,
                json!([{"Count": -1, "Capabilities": [["gpu"]]}]),
            ),
            (
                Gpus::Devices(vec!["nvidia.com/gpu=all".into()]),
                json!([{"Driver": "cdi", "DeviceIDs": ["nvidia.com/gpu=all"]}]),
            ),
        ];
        for (gpus, expected) in table {
            let new = NewContainer {
                gpus: Some(gpus),
                ..NewContainer::default()
            };
            let sent = serde_json::to_value(body(new)).expect("JSON");
            assert_eq!(sent["HostConfig"]["DeviceRequests"], expected);
        }
        let sent = serde_json::to_value(body(NewContainer::default())).expect("JSON");
        assert!(sent["HostConfig"].get("DeviceRequests").is_none(), "{sent}");
    }

    #[test]
    fn a_volume_is_held_to_its_size_in_bytes_and_to_none_without() {
        let sent = |size: Option<&str>| {
            let volume = mount(NewMount::Volume {
                name: "v".into(),
                target: "/v".into(),
                read_only: false,
                labels: BTreeMap::new(),
                size: size.map(|size| size.parse().expect("a size")),
            });
            let sent = serde_json::to_value(volume).expect("JSON");
            sent["VolumeOptions"]["DriverConfig"].clone()
        };
        let expected = json!({"Name": "local", "Options": {"size": "1073741824"}});
        assert_eq!(sent(Some("1g")), expected);
        assert_eq!(sent(None), json!(null));
    }
}
