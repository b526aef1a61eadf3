//! Gathers a [`Spec`] from what is asked and what this machine is.

use super::MountSetting;
use super::name::SandboxName;
use super::origins::Origins;
use super::settings::Settings;
use super::sockets;
use super::spec::{ENGINE_SOCKET, Image, Spec};
use super::workspace::Workspace;
use crate::agents::Agent;
use crate::config::{Config, Credentials, Paths};
use crate::engine::Endpoint;
use crate::engine::containers::Gpus;
use crate::engine::endpoint::Address;
use crate::files::{Pinned, Pins};
use crate::git::Repository;
use crate::guest::message::Account;
use crate::images::Recipe;
use crate::images::authorities::Authorities;
use crate::values::user;
use crate::volumes::{self, GuestBinary};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The name of everyone inside who is not root.
const AGENT_USER: &str = "agent";

/// What this machine and the engine are, as far as a sandbox depends on it.
#[derive(Debug, Clone)]
pub struct Host<'a> {
    /// The user's directories.
    pub paths: &'a Paths,
    /// The user's configuration.
    pub config: &'a Config,
    /// Where the engine is.
    pub endpoint: &'a Endpoint,
    /// The guest to deliver.
    pub guest: &'a GuestBinary,
    /// The host's authorities, when they are wanted.
    pub authorities: Option<&'a Authorities>,
}

/// Who works in a sandbox.
#[derive(Debug, Clone)]
pub struct Crew {
    /// What the sandbox is called after: an agent, or [`TEAM`](super::spec::TEAM).
    pub name: String,
    /// The catalogue's agents among them.
    pub programs: Vec<Agent>,
}

impl From<Agent> for Crew {
    fn from(agent: Agent) -> Self {
        Self {
            name: agent.name.clone(),
            programs: vec![agent],
        }
    }
}

/// Gathers everything that one sandbox is to be, from what is `asked` and what the workspace file
/// says of the rest. Where each of them comes from is for the caller to put down.
#[must_use]
pub fn gather(
    host: &Host<'_>,
    workspace: Workspace,
    crew: Crew,
    name: Option<SandboxName>,
    mut asked: Settings,
    file: Settings,
) -> Spec {
    let name = name.unwrap_or_else(|| {
        SandboxName::derive(&crew.name, Path::new(workspace.path()), workspace.id())
    });
    asked.add_lists(&file);
    let wanted = asked.or(&file);
    let engine_socket = engine_socket(host.endpoint, &wanted);
    let mut account = account(host.endpoint, wanted.user.as_deref());
    // As the label will say it, so that `root` and `0:0` are the same.
    asked.user = asked
        .user
        .map(|_| format!("{}:{}", account.uid, account.gid));
    if let Some(group) = engine_socket
        .as_ref()
        .and_then(|path| std::fs::metadata(path).ok())
    {
        account.groups.push(group.gid());
    }
    Spec {
        image: image(host, &crew.programs, wanted.image.as_deref()),
        guest_volume: volumes::guest(&host.guest.build),
        socket_directory: sockets::directory(host.paths, host.endpoint),
        repository: Repository::of(Path::new(workspace.path()), &writable(&wanted)),
        login_files: login_files(host.paths, &crew.programs, &account, &wanted),
        engine_socket,
        origins: Origins::default(),
        gpus: Gpus::default(),
        has_engine_by_default: false,
        door_token: random(),
        docker_client_volume: volumes::docker_client(&engine_recipe(host).tag),
        owner: rustix::process::getuid().as_raw(),
        name,
        workspace,
        agent: crew.name,
        programs: crew.programs,
        asked,
        file,
        account,
    }
}

/// Where agents can write beside the workspace, and where something else is inside: nothing of a
/// repository can be mounted there.
fn writable(wanted: &Settings) -> Vec<PathBuf> {
    let mounts = || wanted.mounts.iter().flatten();
    let sources = mounts().filter(|mount| !mount.read_only);
    let sources = sources.map(|mount| PathBuf::from(&mount.source));
    let targets = mounts().map(|mount| PathBuf::from(&mount.target));
    sources.chain(targets).collect()
}

/// Who the agent is: the invoking user, so that its files are theirs; root where root inside is
/// already nobody special outside, or where it is asked for.
fn account(endpoint: &Endpoint, asked: Option<&str>) -> Account {
    let (uid, gid) = match asked {
        Some(user::AUTO) | None if is_root_inside(endpoint) => (0, 0),
        Some(user::AUTO) | None => (
            rustix::process::getuid().as_raw(),
            rustix::process::getgid().as_raw(),
        ),
        Some(user) => user::parse(user).unwrap_or((0, 0)),
    };
    let is_root = uid == 0;
    let name = if is_root { "root" } else { AGENT_USER };
    Account {
        name: name.into(),
        uid,
        gid,
        home: if is_root {
            "/root".into()
        } else {
            format!("/home/{AGENT_USER}")
        },
        groups: Vec::new(),
    }
}

/// A socket that belongs to a person is that of Docker Desktop or of a rootless engine: there,
/// root inside is that person outside.
fn is_root_inside(endpoint: &Endpoint) -> bool {
    match &endpoint.address {
        Address::Unix(path) => std::fs::metadata(path).is_ok_and(|metadata| metadata.uid() != 0),
        Address::Tcp { .. } => false,
    }
}

/// 32 hex digits that nobody can guess.
fn random() -> String {
    let mut bytes = [0; 16];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    // Without random numbers there is no token, and the door stays shut.
    read.map_or_else(
        |_| String::new(),
        |()| bytes.map(|byte| format!("{byte:02x}")).concat(),
    )
}

/// The image of the Docker engine beside a sandbox.
#[must_use]
pub fn engine_recipe(host: &Host<'_>) -> Recipe {
    Recipe::engine(&host.config.build_args, host.authorities)
}

fn image(host: &Host<'_>, agents: &[Agent], asked: Option<&str>) -> Image {
    if let Some(reference) = asked.or(host.config.image.as_deref()) {
        return Image::Given(reference.to_string());
    }
    let base = Recipe::base(&host.config.build_args, host.authorities);
    let layers = Recipe::layers(agents.iter(), &base.tag, host.authorities);
    Image::Recipes(std::iter::once(base).chain(layers).collect())
}

fn engine_socket(endpoint: &Endpoint, asked: &Settings) -> Option<PathBuf> {
    (asked.docker_socket == Some(true)).then(|| match &endpoint.address {
        Address::Unix(path) => Pins::default().real(path),
        Address::Tcp { .. } => PathBuf::from(ENGINE_SOCKET),
    })
}

/// The agent's login files that the host has.
fn login_files(
    paths: &Paths,
    agents: &[Agent],
    account: &Account,
    asked: &Settings,
) -> Vec<MountSetting> {
    if asked.credentials != Some(Credentials::Host) {
        return Vec::new();
    }
    let files = agents.iter().flat_map(|agent| &agent.definition.host_files);
    files
        .filter_map(|file| {
            let source = Pinned::resolve(&paths.home.join(file)).ok()?;
            let source = source.path().to_path_buf();
            Some(MountSetting {
                source: source.into_os_string().into_string().ok()?,
                target: format!("{}/{file}", account.home),
                read_only: true,
            })
        })
        .collect()
}
