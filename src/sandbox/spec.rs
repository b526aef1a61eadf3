//! Everything that one sandbox is to be, gathered before the engine is asked.

use super::existing::Existing;
use super::inner_engine::InnerEngine;
use super::mount::MountSetting;
use super::name::SandboxName;
use super::network;
use super::origins::{Origin, Origins};
use super::repository;
use super::settings::{Difference, Settings};
use super::sockets;
use super::workspace::Workspace;
use crate::agents::Agent;
use crate::config::Credentials;
use crate::engine::containers::{Gpus, NewContainer, NewMount};
use crate::git::Repository;
use crate::guest::message::{Account, Boot};
use crate::guest::{ANCHOR, ANCHOR_SIZE, BINARY, BINARY_DIR, SOCKET_DIR};
use crate::images::Recipe;
use crate::labels::{self, Kind};
use crate::values::{Capability, Cpus, Memory, port};
use crate::volumes;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Processes in a sandbox, unless something else is asked.
pub const PIDS_LIMIT: i64 = 4096;
/// Whose sandbox it is when the agents of a workspace file share one.
pub const TEAM: &str = "team";
/// The second place of every workspace.
pub const WORKSPACE_TARGET: &str = "/workspace";
/// Where an engine's socket is: on a machine that we cannot look at, and inside.
pub(super) const ENGINE_SOCKET: &str = "/var/run/docker.sock";

/// A sandbox that is wanted.
#[derive(Debug, Clone)]
pub struct Spec {
    /// Its name.
    pub name: SandboxName,
    /// What it works on.
    pub workspace: Workspace,
    /// Whose it is: an agent's name, or [`TEAM`].
    pub agent: String,
    /// The catalogue's agents that are to be installed and logged in.
    pub programs: Vec<Agent>,
    /// What was asked for in so many words.
    pub asked: Settings,
    /// What the workspace file says, for whatever is not asked for.
    pub file: Settings,
    /// Where what is asked and what the file says comes from.
    pub origins: Origins,
    /// Who the agent is inside.
    pub account: Account,
    /// The image, and how to come by it.
    pub image: Image,
    /// The volume with the guest.
    pub guest_volume: String,
    /// The directory that carries the guest's socket; without, the relay serves.
    pub socket_directory: Option<PathBuf>,
    /// Where the workspace's repository is.
    pub repository: Repository,
    /// Login files of the host, for [`Credentials::Host`].
    pub login_files: Vec<MountSetting>,
    /// The engine's socket, when it is asked for.
    pub engine_socket: Option<PathBuf>,
    /// The way to GPUs, when they are asked for; known once the engine was asked.
    pub gpus: Gpus,
    /// Where nobody says anything about Docker inside, it is on.
    pub has_engine_by_default: bool,
    /// What the sandbox and the container of its engine know each other by.
    pub door_token: String,
    /// The volume with the `docker` command of the engine's image.
    pub docker_client_volume: String,
    /// The invoking user.
    pub owner: u32,
}

/// The image of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Image {
    /// Ours: recipes in the order they are built; the last is the sandbox's.
    Recipes(Vec<Recipe>),
    /// The person's; an agent that it lacks is layered on.
    Given(String),
}

impl Spec {
    /// The same sandbox under another name.
    #[must_use]
    pub fn called(&self, name: &SandboxName) -> Self {
        let directory = self.socket_directory.as_deref();
        Self {
            name: name.clone(),
            socket_directory: directory.map(sockets::another),
            ..self.clone()
        }
    }

    /// What was asked, completed by the defaults: what the label will say.
    #[must_use]
    pub fn effective(&self) -> Settings {
        let configured = match &self.image {
            Image::Given(reference) => Some(reference.clone()),
            Image::Recipes(_) => None,
        };
        self.asked.or(&self.file).or(&Settings {
            image: configured,
            pids_limit: Some(PIDS_LIMIT),
            credentials: Some(Credentials::Sandbox),
            user: Some(format!("{}:{}", self.account.uid, self.account.gid)),
            ..Settings::default()
        })
    }

    /// What `found` has and would not have any more when it is made anew, for no other reason than
    /// that it is not asked for again; `differences` are what is asked.
    #[must_use]
    pub fn left_out(&self, found: &Existing, differences: &[Difference]) -> Vec<Difference> {
        let is_asked = |one: &Difference| differences.iter().any(|it| it.setting == one.setting);
        let mut changes = self.effective().changes(&found.settings);
        changes.retain(|change| !is_asked(change));
        changes
    }

    /// Where each agent that keeps a login has it inside.
    pub(super) fn state_directories(&self) -> impl Iterator<Item = (&Agent, String)> {
        self.programs.iter().filter_map(|agent| {
            let state = agent.definition.state.as_ref()?;
            Some((agent, format!("{}/{}", self.account.home, state.directory)))
        })
    }

    /// A login file of the host, named by its path below the home, is mounted.
    #[must_use]
    pub fn has_login_file(&self, file: &str) -> bool {
        let target = format!("{}/{file}", self.account.home);
        self.login_files.iter().any(|mount| mount.target == target)
    }

    /// The container that this sandbox is, made from the image of this name and ID.
    #[must_use]
    pub fn container(&self, image: &str, image_id: &str) -> NewContainer {
        let settings = self.effective();
        let memory = |memory: Option<Memory>| memory.map(Memory::to_api);
        let ports = settings.ports.iter().flatten();
        let mut container = NewContainer {
            name: self.name.container(),
            image: image_id.to_string(),
            entrypoint: vec![
                BINARY.into(),
                "guest".into(),
                "init".into(),
                serde_json::to_string(&self.boot()).expect("a boot is made of strings"),
            ],
            labels: self.labels(&settings, image),
            mounts: { self.mounts(&settings).into_iter() }
                .map(|(mount, _)| mount)
                .collect(),
            ports: ports.filter_map(|text| port::parse(text).ok()).collect(),
            network: Some(network::of(settings.network.as_deref())),
            memory: memory(settings.memory),
            nano_cpus: settings.cpus.map(Cpus::nano),
            pids_limit: settings.pids_limit,
            shm_size: memory(settings.shm_size),
            gpus: (settings.gpu == Some(true)).then(|| self.gpus.clone()),
            runtime: settings.runtime.clone(),
            security: self.security(),
            cap_drop: dropped(&settings),
            sysctls: self.sysctls(&settings),
            hostname: self.hostname(&settings),
            ..NewContainer::default()
        };
        let kind = settings.dind.unwrap_or(InnerEngine::Off);
        kind.equip(&mut container, self);
        container
    }

    fn boot(&self) -> Boot {
        let settings = self.effective();
        let uses_volume = settings.credentials.is_some_and(Credentials::is_volume);
        let logins = self
            .state_directories()
            .filter(|_| uses_volume || !self.login_files.is_empty())
            .map(|(_, directory)| directory);
        let keeps_home = settings.home_persistence == Some(true);
        let home = keeps_home.then(|| self.account.home.clone());
        Boot {
            account: self.account.clone(),
            workdir: self.workdir(),
            owned: home.into_iter().chain(logins).collect(),
            docker: settings.dind.and_then(|kind| kind.to_guest(self)),
            git_common: match &self.repository {
                Repository::Linked(linked) => Some(linked.common.to_string_lossy().into_owned()),
                _ => None,
            },
        }
    }

    /// Where the agent starts.
    #[must_use]
    pub fn workdir(&self) -> String {
        let own = match self.workspace.path() {
            "/" => WORKSPACE_TARGET,
            path => path,
        };
        let workdir = self.effective().workdir;
        workdir.unwrap_or_else(|| own.to_string())
    }

    /// Root has every privilege that a sandbox has, so it can be kept from more. For anyone else
    /// the guest decides once it has seen whether the image offers sudo.
    fn security(&self) -> Vec<String> {
        let lock = self.account.uid == 0;
        lock.then(|| "no-new-privileges:true".to_string())
            .into_iter()
            .collect()
    }

    /// Everyone may ping: that needs no capability then. With a network that is not its own the
    /// sandbox takes what is set there.
    fn sysctls(&self, settings: &Settings) -> Vec<(&'static str, String)> {
        let network = network::of(settings.network.as_deref());
        let is_shared = network == "host" || network.starts_with("container:");
        // Larger numbers may have no meaning in the user namespace of an engine, and the kernel takes
        // none here beyond half of all.
        let last = self.account.gid.clamp(65_535, u32::MAX >> 1);
        (!is_shared)
            .then(|| ("net.ipv4.ping_group_range", format!("0 {last}")))
            .into_iter()
            .collect()
    }

    /// The sandbox's name, unless a login that it shares can only be read under another one.
    fn hostname(&self, settings: &Settings) -> Option<String> {
        let shares_host = settings.network.as_deref() == Some("host");
        let shares_login = settings.credentials.is_some_and(Credentials::is_volume);
        let mut states = self
            .programs
            .iter()
            .filter_map(|agent| agent.definition.state.as_ref());
        let of_login = states.find_map(|state| state.hostname.clone());
        let own = || self.name.as_str().replace(['_', '.'], "-");
        (!shares_host).then(|| of_login.filter(|_| shares_login).unwrap_or_else(own))
    }

    fn labels(&self, settings: &Settings, image: &str) -> BTreeMap<String, String> {
        let mut labels = self.workspace_labels(Kind::Sandbox);
        let mut set = |key: &str, value: String| labels.insert(key.to_string(), value);
        set(labels::AGENT, self.agent.clone());
        set(labels::IMAGE, image.to_string());
        set(labels::SPEC, settings.to_json());
        set(labels::FILE, self.file.to_json());
        set(labels::CREATED_BY, "dp sandbox run".into());
        labels
    }

    /// The labels of whatever belongs to the workspace.
    pub(super) fn workspace_labels(&self, kind: Kind) -> BTreeMap<String, String> {
        let mut labels = labels::of(kind);
        let mut set = |key: &str, value: String| labels.insert(key.to_string(), value);
        set(labels::WORKSPACE, self.workspace.path().to_string());
        set(labels::WORKSPACE_ID, self.workspace.id().to_string());
        set(labels::OWNER, self.owner.to_string());
        labels
    }

    /// All mounts, and where each comes from.
    #[must_use]
    pub fn all_mounts(&self) -> Vec<(NewMount, Origin)> {
        let origins = self.mounts(&self.effective()).into_iter();
        let mut origins = origins.map(|(_, origin)| origin);
        // What comes after them is the inner engine's.
        let further = || Origin::Purpose("docker inside");
        let mounts = self.container("", "").mounts.into_iter();
        mounts
            .map(|mount| (mount, origins.next().unwrap_or_else(further)))
            .collect()
    }

    /// Those that do not depend on the inner engine.
    fn mounts(&self, settings: &Settings) -> Vec<(NewMount, Origin)> {
        let mut mounts = self.own_mounts();
        if settings.home_persistence == Some(true) {
            let home = NewMount::Volume {
                name: volumes::home(self.workspace.id(), self.owner, self.account.uid),
                target: self.account.home.clone(),
                read_only: false,
                labels: self.workspace_labels(Kind::Home),
                size: settings.home_size,
            };
            mounts.push((home, Origin::Purpose("home")));
        }
        if let Some(whose) = settings.credentials.filter(|mode| mode.is_volume()) {
            mounts.extend(self.login_volumes(whose));
        }
        let given = settings.mounts.iter().flatten();
        let given = given.map(|mount| (mount, self.origins.of_mount(&mount.target)));
        let logins = self.login_files.iter();
        let logins = logins.map(|mount| (mount, Origin::Purpose("login")));
        mounts.extend(given.chain(logins).flat_map(|(mount, origin)| {
            let workspace = self.workspace.path();
            let mounts = repository::with_guard(&self.repository, workspace, mount).into_iter();
            mounts.map(move |mount| (mount, origin.clone()))
        }));
        if let Some(socket) = &self.engine_socket {
            let mount = bind(&socket.to_string_lossy(), ENGINE_SOCKET, false);
            mounts.push((mount, self.origins.of("docker_socket")));
        }
        mounts
    }

    /// What every sandbox has: the guest, and the workspace with its repository.
    fn own_mounts(&self) -> Vec<(NewMount, Origin)> {
        let workspace = self.workspace.path();
        let guest = NewMount::Volume {
            name: self.guest_volume.clone(),
            target: BINARY_DIR.into(),
            read_only: true,
            labels: labels::of(Kind::Guest),
            size: None,
        };
        // Only root inside may reach what lies there.
        let anchor = NewMount::Tmpfs {
            target: ANCHOR.into(),
            size: ANCHOR_SIZE,
            mode: 0o700,
        };
        let mut mounts: Vec<_> = { [anchor, guest].into_iter() }
            .map(|mount| (mount, Origin::Purpose("guest")))
            .collect();
        if let Some(directory) = &self.socket_directory {
            let mount = bind(&directory.to_string_lossy(), SOCKET_DIR, true);
            mounts.push((mount, Origin::Purpose("guest")));
        }
        let places = [workspace, WORKSPACE_TARGET];
        let unique = if workspace == WORKSPACE_TARGET {
            &places[..1]
        } else {
            &places
        };
        // The root of the host cannot be the root of the sandbox.
        for place in unique.iter().filter(|place| **place != "/") {
            let mount = bind(workspace, place, false);
            mounts.push((mount, Origin::Purpose("workspace")));
        }
        let of_repository = repository::mounts(&self.repository, workspace, unique).into_iter();
        mounts.extend(of_repository.map(|mount| (mount, Origin::Purpose("repository"))));
        mounts
    }

    /// Takes away a repository that the agents of other workspaces could have forged.
    pub fn keep_to_proven(&mut self, sandboxes: &[Existing]) {
        let of_others = { sandboxes.iter() }.filter(|it| it.workspace_id != self.workspace.id());
        let written = of_others.flat_map(Existing::written).map(Path::to_path_buf);
        let written: Vec<PathBuf> = written.collect();
        let repository = std::mem::take(&mut self.repository);
        self.repository = repository.unless_forged(Path::new(self.workspace.path()), &written);
    }

    /// A volume for each agent that keeps a login: the person's, or the workspace's alone.
    fn login_volumes(&self, whose: Credentials) -> impl Iterator<Item = (NewMount, Origin)> + '_ {
        self.state_directories().map(move |(agent, target)| {
            let mut labels = labels::of(Kind::Login);
            let mut workspace = None;
            if whose == Credentials::Workspace {
                labels = self.workspace_labels(Kind::Login);
                workspace = Some(self.workspace.id());
            }
            labels.insert(labels::AGENT.into(), agent.name.clone());
            labels.insert(labels::OWNER.into(), self.owner.to_string());
            let volume = NewMount::Volume {
                name: volumes::login(workspace, self.owner, self.account.uid, &agent.name),
                target,
                read_only: false,
                labels,
                size: None,
            };
            (volume, Origin::Purpose("login"))
        })
    }
}

/// What Docker gives to containers, and nobody asked for.
fn dropped(settings: &Settings) -> Vec<&'static str> {
    let asked = settings.cap_add.as_deref().unwrap_or_default();
    let dropped = Capability::ALL.into_iter();
    dropped
        .filter(|capability| !asked.contains(capability))
        .map(Capability::as_str)
        .collect()
}

fn bind(source: &str, target: &str, read_only: bool) -> NewMount {
    NewMount::Bind {
        source: source.to_string(),
        target: target.to_string(),
        read_only,
    }
}
