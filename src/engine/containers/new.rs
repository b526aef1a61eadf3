//! A container that is to be made, and as the engine is asked for it.

use super::super::volumes::driver_options;
use crate::values::{Memory, PublishedPort};
use bollard::models::{
    ContainerCreateBody, DeviceMapping, DeviceRequest, HealthConfig, HostConfig, Mount,
    MountTmpfsOptions, MountType, MountVolumeOptions, MountVolumeOptionsDriverConfig, PortBinding,
};
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
    /// `bridge`, `host`, `none`, a network's name or `container:ID`; the engine's default without.
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
    /// Parameters of the kernel, for its namespaces.
    pub sysctls: Vec<(&'static str, String)>,
    /// Capabilities beside the engine's usual ones.
    pub cap_add: Vec<&'static str>,
    /// Capabilities of Docker's default set that it does not get, such as `NET_RAW`; `ALL` leaves
    /// those of `cap_add`.
    pub cap_drop: Vec<&'static str>,
    /// The engine removes it when it ends.
    pub is_removed_at_end: bool,
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
    /// A file system in memory, empty at each start. Nothing is executed from it.
    Tmpfs {
        /// Path inside.
        target: String,
        /// Bytes that it may hold.
        size: i64,
        /// Permissions of its root.
        mode: u32,
    },
}

pub(super) fn body(new: NewContainer) -> ContainerCreateBody {
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
    let sysctls = { new.sysctls.into_iter() }.map(|(name, value)| (name.to_string(), value));
    ContainerCreateBody {
        image: Some(new.image),
        user: Some("0:0".into()),
        hostname: new.hostname,
        entrypoint: Some(new.entrypoint),
        cmd: Some(Vec::new()),
        // The image's would run as the user of this configuration, who is root.
        healthcheck: Some(HealthConfig {
            test: Some(vec!["NONE".into()]),
            ..HealthConfig::default()
        }),
        // The engine would make the image's, as root and also on a mount.
        working_dir: Some("/".into()),
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
            sysctls: Some(sysctls.collect()),
            privileged: Some(new.is_privileged),
            cap_add: capabilities(&new.cap_add),
            cap_drop: capabilities(&new.cap_drop),
            auto_remove: Some(new.is_removed_at_end),
            devices: Some(devices.collect()),
            device_requests: new.gpus.map(|gpus| vec![device_request(gpus)]),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}

fn capabilities(names: &[&str]) -> Option<Vec<String>> {
    let all = names.iter().map(ToString::to_string).collect();
    (!names.is_empty()).then_some(all)
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
        NewMount::Tmpfs { target, size, mode } => Mount {
            typ: Some(MountType::TMPFS),
            target: Some(target),
            tmpfs_options: Some(MountTmpfsOptions {
                size_bytes: Some(size),
                mode: Some(i64::from(mode)),
                ..MountTmpfsOptions::default()
            }),
            ..Mount::default()
        },
    }
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
