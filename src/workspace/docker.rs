//! The `docker` section.

use super::fields::Fields;
use super::file::{Credentials, Dind, Docker, NetworkMode};
use super::keys::DOCKER;
use super::mistake::Mistake;
use super::node::{Node, Value};
use super::place::Placed;
use super::reader::Reader;
use crate::values::{Memory, PublishedPort, port, user};
use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;
use std::str::FromStr;

/// Reads the section and checks what its keys mean together.
pub(super) fn read(node: &Node, reader: &mut Reader<'_>) -> Docker {
    let fields = &Fields::new(node, &DOCKER);
    let docker = Docker {
        image: image(fields, reader),
        memory: with(fields, "memory", reader, Memory::limit),
        cpus: parsed(fields, "cpus", reader),
        network_mode: network(fields, reader),
        ports: ports(fields, reader),
        gpu: fields.flag("gpu"),
        home_persistence: fields.flag("home_persistence"),
        home_size: parsed(fields, "home_size", reader),
        dind: dind(fields),
        user: with(fields, "user", reader, user::check),
        pids_limit: fields.whole("pids_limit"),
        shm_size: parsed(fields, "shm_size", reader),
        runtime: named(fields, "runtime", "a runtime's name", reader),
        credentials: { fields.text("credentials") }.map(|text| {
            text.map(|text| match text {
                "none" => Credentials::None,
                "workspace" => Credentials::Workspace,
                _ => Credentials::Sandbox,
            })
        }),
        spelled: spelled(fields),
    };
    together(&docker, reader);
    docker
}

/// The keys that are written in their other spelling.
fn spelled(fields: &Fields<'_>) -> BTreeMap<&'static str, String> {
    let keys = DOCKER.keys.iter();
    keys.filter_map(|key| {
        let written = &fields.entry(key.name)?.key;
        (written != key.name).then(|| (key.name, written.clone()))
    })
    .collect()
}

/// What each key may be and the keys together may not.
fn together(docker: &Docker, reader: &mut Reader<'_>) {
    let network = docker.network_mode.as_ref().map(|mode| &mode.value);
    if let (Some(mode @ (NetworkMode::Host | NetworkMode::None)), Some(port)) =
        (network, docker.ports.first())
    {
        let message = format!("`ports` does nothing with `network_mode` `{mode}`");
        let label = match mode {
            NetworkMode::Host => "every port of the container is the host's already",
            _ => "the container has no network",
        };
        reader
            .mistakes
            .add(Mistake::warning(port.place, message).label(label));
    }
    if let (Some(NetworkMode::Host), Some(dind)) = (network, &docker.dind)
        && matches!(dind.value, Dind::Privileged | Dind::Sysbox)
    {
        let message = "this mode of `dind` cannot share the host's network";
        let mistake = Mistake::error(dind.place, message);
        reader.mistakes.add(mistake.hint("`rootless` can"));
    }
    let keeps_home = docker
        .home_persistence
        .as_ref()
        .is_some_and(|flag| flag.value);
    if let Some(size) = docker.home_size.as_ref().filter(|_| !keeps_home) {
        let message = "`home_size` does nothing without `home_persistence`";
        reader.mistakes.add(Mistake::warning(size.place, message));
    }
}

fn with<'a, T, E: ToString>(
    fields: &Fields<'a>,
    name: &str,
    reader: &mut Reader<'_>,
    parse: impl Fn(&'a str) -> Result<T, E>,
) -> Option<Placed<T>> {
    let text = fields.text(name)?;
    if text.is_empty() {
        reader.error(text.place, format!("`docker.{name}` is empty"));
        return None;
    }
    match parse(text.value) {
        Ok(value) => Some(Placed::new(value, text.place)),
        Err(error) => {
            let mistake = Mistake::error(text.place, error.to_string());
            reader
                .mistakes
                .add(mistake.label(format!("in `docker.{name}`")));
            None
        }
    }
}

fn parsed<T: FromStr<Err: ToString>>(
    fields: &Fields<'_>,
    name: &str,
    reader: &mut Reader<'_>,
) -> Option<Placed<T>> {
    with(fields, name, reader, str::parse)
}

fn image(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<Placed<String>> {
    with(fields, "image", reader, |text| {
        let is_odd = |c: char| !c.is_ascii_graphic();
        if text.starts_with('-') || text.contains(is_odd) {
            Err(format!("`{text}` is no reference of an image"))
        } else {
            Ok(text.to_string())
        }
    })
}

fn named(
    fields: &Fields<'_>,
    name: &str,
    says: &str,
    reader: &mut Reader<'_>,
) -> Option<Placed<String>> {
    with(fields, name, reader, |text| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        if text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(is_plain) {
            Ok(text.to_string())
        } else {
            Err(format!("`{text}` is not {says}"))
        }
    })
}

fn network(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<Placed<NetworkMode>> {
    let says = "`bridge`, `host`, `none` or a network's name";
    let name = named(fields, "network_mode", says, reader)?;
    Some(name.map(|name| match name.as_str() {
        "bridge" => NetworkMode::Bridge,
        "host" => NetworkMode::Host,
        "none" => NetworkMode::None,
        _ => NetworkMode::Named(name),
    }))
}

fn dind(fields: &Fields<'_>) -> Option<Placed<Dind>> {
    let node = &fields.entry("dind")?.node;
    let mode = match &node.value {
        Value::Flag(true) => Dind::Auto,
        Value::Flag(false) => Dind::Off,
        Value::Text(text) if text == "privileged" => Dind::Privileged,
        Value::Text(text) if text == "rootless" => Dind::Rootless,
        _ => Dind::Sysbox,
    };
    Some(Placed::new(mode, node.place))
}

fn ports(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Vec<Placed<PublishedPort>> {
    let mut ports: Vec<Placed<PublishedPort>> = Vec::new();
    let mut taken = Taken::default();
    for text in fields.texts("ports") {
        let port = match port::parse(&text) {
            Ok(port) => port,
            Err(error) => {
                let mistake = Mistake::error(text.place, error.to_string());
                reader.mistakes.add(mistake.label("in `docker.ports`"));
                continue;
            }
        };
        if let Some(host) = port.host.filter(|host| !taken.take(*host, &port)) {
            let message = format!("host port {host} is published twice");
            let mistake = Mistake::error(text.place, message);
            reader
                .mistakes
                .add(mistake.label("already published above"));
        } else {
            ports.push(Placed::new(port, text.place));
        }
    }
    ports
}

/// The ports of the host that are taken, with their protocols.
#[derive(Default)]
struct Taken {
    /// On one address or on all of them.
    anywhere: HashSet<(u16, String)>,
    everywhere: HashSet<(u16, String)>,
    addresses: HashSet<(u16, String, String)>,
}

impl Taken {
    /// False when it is taken already: all addresses collide with each one.
    fn take(&mut self, host: u16, port: &PublishedPort) -> bool {
        let is_any = port
            .ip
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.is_unspecified());
        let key = (host, port.protocol.clone());
        let address = (host, port.protocol.clone(), port.ip.clone());
        let is_taken = self.everywhere.contains(&key)
            || self.addresses.contains(&address)
            || is_any && self.anywhere.contains(&key);
        if is_any {
            self.everywhere.insert(key.clone());
        }
        self.anywhere.insert(key);
        self.addresses.insert(address);
        !is_taken
    }
}
