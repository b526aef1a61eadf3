//! What a workspace file says, typed: every value knows its place.

use super::mistake::Mistake;
use super::place::{Place, Placed};
use super::source::Source;
use crate::values::{Cpus, Memory, PublishedPort, placeholder};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a file's own templates are, below its directory.
pub(super) const OWN_TEMPLATES: &str = ".dspatch/templates";

/// A whole file. Relative paths in it are resolved against its directory, and `~` is expanded.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkspaceFile {
    /// Its text, and where places in it are.
    pub source: Arc<Source>,
    /// The directory that it lies in.
    pub directory: PathBuf,
    /// What the workspace is called, when the file says so.
    pub name: Option<Placed<String>>,
    /// The directory that agents work on, when the file says so.
    pub workspace_dir: Option<Placed<PathBuf>>,
    /// The environment of every agent.
    pub env: Environment,
    /// Files of environment variables, in order.
    pub env_files: Vec<Placed<PathBuf>>,
    /// Where templates come from.
    pub templates: BTreeMap<String, Template>,
    /// Further mounts, in order.
    pub mounts: Vec<Mount>,
    /// The container.
    pub docker: Docker,
    /// What does not keep the file from being used.
    pub warnings: Vec<Mistake>,
    pub(super) agents: Vec<Agent>,
}

/// Variables by name.
pub type Environment = BTreeMap<String, Placed<EnvValue>>;

/// The value of a variable: it may be a secret, so it is not shown when debugging.
#[derive(Clone, PartialEq, Eq)]
pub struct EnvValue(pub(super) String);

/// The `docker` section. `None` means that the file does not say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Docker {
    /// The image's reference.
    pub image: Option<Placed<String>>,
    /// Limit of memory.
    pub memory: Option<Placed<Memory>>,
    /// Limit of CPUs.
    pub cpus: Option<Placed<Cpus>>,
    /// The network.
    pub network_mode: Option<Placed<NetworkMode>>,
    /// Published ports, in order.
    pub ports: Vec<Placed<PublishedPort>>,
    /// All GPUs.
    pub gpu: Option<Placed<bool>>,
    /// The home is kept.
    pub home_persistence: Option<Placed<bool>>,
    /// How large a kept home may grow.
    pub home_size: Option<Placed<Memory>>,
    /// An engine inside.
    pub dind: Option<Placed<Dind>>,
    /// `root`, `UID` or `UID:GID`; the value is `None` for `auto`.
    pub user: Option<Placed<Option<String>>>,
    /// Limit of processes, at least 16.
    pub pids_limit: Option<Placed<u32>>,
    /// Size of `/dev/shm`.
    pub shm_size: Option<Placed<Memory>>,
    /// The engine's runtime of this name.
    pub runtime: Option<Placed<String>>,
    /// Where logins come from.
    pub credentials: Option<Placed<Credentials>>,
    /// Keys of the section that the file writes in their other spelling.
    pub(super) spelled: BTreeMap<&'static str, String>,
}

/// What network a container has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkMode {
    /// One of its own.
    Bridge,
    /// The host's.
    Host,
    /// None.
    None,
    /// The engine's network of this name.
    Named(String),
}

/// Whether and how there is an engine inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dind {
    /// None.
    Off,
    /// In the best mode there is.
    Auto,
    /// With all privileges.
    Privileged,
    /// As an unprivileged user.
    Rootless,
    /// By the runtime `sysbox-runc`.
    Sysbox,
}

/// Where logins come from, from little to much; a file cannot ask for the host's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Credentials {
    /// Nowhere.
    None,
    /// A volume that an agent's sandboxes of one workspace share.
    Workspace,
    /// A volume that every sandbox of an agent shares.
    Sandbox,
}

/// A mount that the file asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Mount {
    /// Absolute path on the host.
    pub host_path: Placed<PathBuf>,
    /// Absolute path inside, without a slash at its end.
    pub container_path: Placed<String>,
    /// Agents cannot change it.
    pub read_only: bool,
}

/// A named template.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Where it comes from.
    pub source: Placed<TemplateSource>,
    /// Where its name stands.
    pub place: Place,
}

/// Where a template comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateSource {
    /// A directory of this machine: absolute.
    Directory(PathBuf),
    /// A git repository.
    Git {
        /// As git takes it.
        url: String,
        /// Branch, tag or commit; never begins with `-`.
        reference: Option<String>,
        /// Below the repository's root; never leaves it.
        subdir: Option<PathBuf>,
    },
    /// An entry of [`WorkspaceFile::templates`].
    Declared(String),
    /// A directory under `.dspatch/templates` or among the user's templates.
    Named(String),
}

/// What an agent runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Runs {
    /// A template.
    Template(Placed<TemplateSource>),
    /// An agent of the catalogue.
    Catalogue(Placed<String>),
}

/// An agent of the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    /// Unique in the file.
    pub key: Placed<String>,
    /// The key of the agent above it; `None` at the root.
    pub parent: Option<String>,
    /// 1 at the root.
    pub depth: usize,
    /// Template or catalogue agent.
    pub runs: Runs,
    /// Program and arguments in place of the usual ones; never empty when there.
    pub command: Option<Vec<Placed<String>>>,
    /// Further arguments.
    pub args: Vec<Placed<String>>,
    /// Over the workspace's environment.
    pub env: Environment,
    /// Keys of agents that there are.
    pub peers: Vec<Placed<String>>,
    /// Starts with the workspace.
    pub auto_start: bool,
    /// 1 to 32.
    pub instances: u32,
}

impl WorkspaceFile {
    /// All agents in the order of the file, those below an agent right after it.
    #[must_use]
    pub fn agents(&self) -> &[Agent] {
        &self.agents
    }

    /// The agent of a key.
    #[must_use]
    pub fn agent(&self, key: &str) -> Option<&Agent> {
        { self.agents.iter() }.find(|agent| *agent.key == key)
    }

    /// The agents right below one.
    pub fn sub_agents<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Agent> {
        { self.agents.iter() }.filter(move |agent| agent.parent.as_deref() == Some(key))
    }

    /// The workspace's name: the file's, or that of the directory that agents work on.
    #[must_use]
    pub fn workspace_name(&self) -> String {
        match &self.name {
            Some(name) => name.value.clone(),
            None => { self.workspace_dir().file_name() }.map_or_else(
                || "workspace".into(),
                |name| name.to_string_lossy().into_owned(),
            ),
        }
    }

    /// The directory that agents work on.
    #[must_use]
    pub fn workspace_dir(&self) -> &Path {
        match &self.workspace_dir {
            Some(directory) => directory,
            None => &self.directory,
        }
    }

    /// `dp.yml:2:13`
    #[must_use]
    pub fn locate(&self, place: Place) -> String {
        self.source.locate(place)
    }
}

impl Docker {
    /// A key of the section as the file spells it: `memory` may be `memory_limit`.
    #[must_use]
    pub fn spelled<'a>(&'a self, key: &'a str) -> &'a str {
        self.spelled.get(key).map_or(key, String::as_str)
    }
}

impl Agent {
    /// What its processes are called: its key, with a number when there are several.
    pub fn processes(&self) -> impl Iterator<Item = String> {
        (1..=self.instances).map(|instance| match self.instances {
            1 => self.key.value.clone(),
            _ => format!("{}.{instance}", self.key.value),
        })
    }

    /// It is not below another one.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.parent.is_none()
    }
}

impl EnvValue {
    /// The value, placeholders and all: it may be a secret.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The names of the secrets that it asks for.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        placeholder::names(&self.0).flatten()
    }
}

impl fmt::Debug for EnvValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnvValue(…)")
    }
}

impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Workspace => "workspace",
            Self::Sandbox => "sandbox",
        })
    }
}

impl fmt::Display for NetworkMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bridge => "bridge",
            Self::Host => "host",
            Self::None => "none",
            Self::Named(name) => name,
        })
    }
}
