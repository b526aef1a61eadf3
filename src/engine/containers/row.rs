//! What the engine tells of containers.

use super::NewMount;
use crate::values::PublishedPort;
use bollard::models::{ContainerInspectResponse, ContainerSummary, MountPoint};
use serde::Serialize;
use std::collections::BTreeMap;

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
    /// When it was last started, RFC 3339 in UTC; not in listings.
    pub started: String,
    /// Its entry point; not in listings.
    pub entrypoint: Vec<String>,
    /// The number of its main process on the engine's machine, 0 without; not in listings.
    pub process: i32,
    /// `bridge`, `host`, `none`, a network's name or `container:ID`.
    pub network: String,
    /// What is published.
    pub ports: Vec<PublishedPort>,
    /// What is mounted.
    pub mounts: Vec<MountRow>,
}

/// A mount of a container that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MountRow {
    /// `bind`, `volume` or `tmpfs`.
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
            NewMount::Tmpfs { target, .. } => ("tmpfs", &String::new(), target, &false),
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

pub(super) fn row_of_summary(found: ContainerSummary) -> ContainerRow {
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
        started: String::new(),
        entrypoint: Vec::new(),
        process: 0,
        network: { found.host_config }
            .and_then(|config| config.network_mode)
            .unwrap_or_default(),
        ports,
        mounts: mounts(found.mounts),
    }
}

pub(super) fn row_of_inspect(found: ContainerInspectResponse) -> ContainerRow {
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
    let state = found.state.unwrap_or_default();
    ContainerRow {
        id: found.id.unwrap_or_default(),
        name: without_slash(found.name),
        image: config.image.unwrap_or_default(),
        image_id: found.image.unwrap_or_default(),
        labels: config.labels.unwrap_or_default().into_iter().collect(),
        state: { state.status }.map_or_else(String::new, |status| status.to_string()),
        status: String::new(),
        created: 0,
        entrypoint: config.entrypoint.unwrap_or_default(),
        process: { state.pid }
            .and_then(|pid| pid.try_into().ok())
            .unwrap_or_default(),
        started: state.started_at.unwrap_or_default(),
        network: { found.host_config }
            .and_then(|config| config.network_mode)
            .unwrap_or_default(),
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
