//! What the container of a sandbox's Docker engine is made of. Pure.

use super::super::existing::Existing;
use super::super::sockets;
use super::super::spec::{ENGINE_SOCKET, WORKSPACE_TARGET};
use super::seccomp;
use crate::engine::containers::{MountRow, NewContainer, NewMount};
use crate::guest::message::EngineBoot;
use crate::guest::{ANCHOR, BINARY_DIR, DOCKER_CLIENT_DIR, INNER_ENGINE_DATA, SOCKET_DIR};
use crate::images::ENGINE_REPOSITORY;
use crate::labels::{self, Kind};
use crate::values::{Cpus, Memory};
use crate::volumes;
use std::collections::BTreeMap;
use std::path::Path;

const TUN: &str = "/dev/net/tun";
/// What its PID 1 needs of root: to make the engine's directories, to give them away, to start the
/// engine as somebody else, in a user namespace whose numbers it writes, and to end it.
const CAPABILITIES: [&str; 6] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "KILL",
    "SETGID",
    "SETUID",
];
/// What the engine's container has of its own, below as well: nothing of the sandbox's is mounted
/// over the programs and settings that run there.
const SYSTEM: [&str; 15] = [
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/proc",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/var/lib/docker",
    "/var/run",
];

/// The container for `sandbox`, from the image of this ID.
pub(super) fn container(sandbox: &Existing, image_id: &str, boot: &EngineBoot) -> NewContainer {
    let settings = &sandbox.settings;
    let memory = |memory: Option<Memory>| memory.map(Memory::to_api);
    let own = own_directory();
    NewContainer {
        name: name(sandbox),
        image: image_id.to_string(),
        entrypoint: vec![
            format!("{own}/dp"),
            "guest".into(),
            "engine".into(),
            serde_json::to_string(boot).expect("a boot is made of strings and numbers"),
        ],
        labels: labels(sandbox),
        mounts: mounts(sandbox, &own),
        network: Some(network(&sandbox.id)),
        memory: memory(settings.memory),
        nano_cpus: settings.cpus.map(Cpus::nano),
        pids_limit: settings.pids_limit,
        // A user namespace and mounts in it; no capability is added, and the masks of `/proc` and
        // `/sys` stay: nobody here can make a `/proc` without them.
        security: vec![
            format!("seccomp={}", seccomp::profile()),
            "apparmor=unconfined".into(),
            "label=disable".into(),
        ],
        devices: vec![TUN.into()],
        cap_drop: vec!["ALL"],
        cap_add: CAPABILITIES.to_vec(),
        is_removed_at_end: true,
        ..NewContainer::default()
    }
}

/// Its name: one for each container of a sandbox, so that two who make it at once collide.
pub(super) fn name(sandbox: &Existing) -> String {
    let id: String = sandbox.id.chars().take(12).collect();
    format!("dp.engine-{}-{id}", sandbox.name)
}

/// The image that it is made from: that of the `docker` command which the sandbox was given.
pub(super) fn image(sandbox: &Existing) -> Option<String> {
    let mut mounts = sandbox.mounts.iter();
    let client = mounts.find(|mount| mount.target == DOCKER_CLIENT_DIR)?;
    let tag = volumes::tag_of_docker_client(&client.source)?;
    Some(format!("{ENGINE_REPOSITORY}:{tag}"))
}

/// How it joins the network namespace of the container `id`.
pub(super) fn network(id: &str) -> String {
    format!("container:{id}")
}

fn labels(sandbox: &Existing) -> BTreeMap<String, String> {
    let mut labels = labels::of(Kind::Engine);
    let mut set = |key: &str, value: &str| labels.insert(key.to_string(), value.to_string());
    set(labels::WORKSPACE, &sandbox.workspace);
    set(labels::WORKSPACE_ID, &sandbox.workspace_id);
    set(labels::AGENT, &sandbox.agent);
    if let Some(owner) = sandbox.owner {
        set(labels::OWNER, &owner.to_string());
    }
    labels
}

/// Where the guest's binary is. An agent runs while this container is made, and can make links in the
/// workspace that the engine follows when it mounts something below: nobody can lead a mount over a
/// directory whose name is not known.
fn own_directory() -> String {
    format!("{ANCHOR}-{}", sockets::random())
}

/// The guest in the directory `own`, the engine's data, and what containers inside may want to mount in turn: the workspace
/// and what else of the host the sandbox has, at the same places.
fn mounts(sandbox: &Existing, own: &str) -> Vec<NewMount> {
    let of_target = |target: &str| {
        let mut found = sandbox.mounts.iter().filter(|mount| mount.target == target);
        found.next().map(|mount| mount.source.clone())
    };
    let ours = [(BINARY_DIR, own), (DOCKER_CLIENT_DIR, DOCKER_CLIENT_DIR)].into_iter();
    let ours = ours.filter_map(|(target, here)| Some(of_dp(of_target(target)?, here)));
    let shared = shared(sandbox).map(|mount| NewMount::Bind {
        source: mount.source.clone(),
        target: mount.target.clone(),
        read_only: mount.read_only,
    });
    ours.chain([data(sandbox)]).chain(shared).collect()
}

/// A volume that `dp` fills for itself.
pub(in super::super) fn of_dp(name: String, target: &str) -> NewMount {
    NewMount::Volume {
        name,
        target: target.into(),
        read_only: true,
        labels: labels::of(Kind::Guest),
        size: None,
    }
}

/// The volume for the data of a sandbox's engine. Two engines must never share one, so it is the
/// sandbox's own.
fn data(sandbox: &Existing) -> NewMount {
    NewMount::Volume {
        name: volumes::engine(&sandbox.workspace_id, sandbox.name.as_str()),
        target: INNER_ENGINE_DATA.into(),
        read_only: false,
        labels: labels(sandbox),
        size: None,
    }
}

/// The mounts of the sandbox that the engine's container has as well.
pub(super) fn shared(sandbox: &Existing) -> impl Iterator<Item = &MountRow> {
    let home = sandbox.settings.home();
    { sandbox.mounts.iter() }.filter(move |mount| is_shared(mount, home))
}

/// The engine's container has this mount of the sandbox as well. Its system, its sockets and what is
/// in the home (logins) it has not.
fn is_shared(mount: &MountRow, home: &str) -> bool {
    let target = Path::new(&mount.target);
    let is_system = SYSTEM.iter().any(|place| target.starts_with(place));
    let is_own = mount.target == SOCKET_DIR || mount.target == ENGINE_SOCKET;
    let is_same_path = mount.source == mount.target || mount.target == WORKSPACE_TARGET;
    let is_at_home = target.starts_with(home) && !is_same_path;
    mount.kind == "bind" && !is_system && !is_own && !is_at_home
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::containers::ContainerRow;
    use crate::volumes::ownership;

    #[test]
    fn nobody_knows_where_the_guest_of_the_engines_container_is() {
        let row = ContainerRow {
            name: "dp-a".into(),
            labels: labels::of(Kind::Sandbox),
            mounts: vec![ownership::guest_mount()],
            ..ContainerRow::default()
        };
        let sandbox = Existing::of(row).expect("a sandbox");
        let boot: EngineBoot = serde_json::from_str(
            r#"{"account": {"name": "a", "uid": 1, "gid": 1, "home": "/h", "groups": []},
                "door": {"name": "", "token": ""}, "kernel": "", "places": []}"#,
        )
        .expect("a boot");
        let places = [(); 2].map(|()| {
            let new = container(&sandbox, "image", &boot);
            let guest = MountRow::of(&new.mounts[0]);
            assert_eq!(new.entrypoint[0], format!("{}/dp", guest.target));
            assert!(guest.read_only && guest.target.len() >= 20, "{guest:?}");
            guest.target
        });
        assert_ne!(places[0], places[1]);
    }

    #[test]
    fn what_the_engines_container_has_of_the_sandbox() {
        let table = [
            ("bind", "/home/ada/app", "/home/ada/app", true),
            ("bind", "/home/ada/app", "/workspace", true),
            ("bind", "/root/app", "/root/app", true),
            ("bind", "/srv/data", "/data", true),
            ("bind", "/srv/bin", "/usr/bin", false),
            ("bind", "/srv/bin", "/usr/local/bin", false),
            ("bind", "/srv/x", "/etc/sudoers.d/x", false),
            (
                "bind",
                "/home/ada/.x",
                "/root/.claude/.credentials.json",
                false,
            ),
            ("bind", "/state/s", SOCKET_DIR, false),
            ("bind", "/var/run/docker.sock", ENGINE_SOCKET, false),
            ("volume", "dp-login-0-claude", "/login", false),
        ];
        for (kind, source, target, expected) in table {
            let mount = MountRow {
                kind: kind.into(),
                source: source.into(),
                target: target.into(),
                read_only: false,
            };
            assert_eq!(is_shared(&mount, "/root"), expected, "{target}");
        }
    }
}
