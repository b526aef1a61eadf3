//! The options that describe a sandbox, shared by `run` and `create`, and those of environment.

mod origins;

use super::super::{Context, Error, Result, typed};
use crate::config::{Config, Credentials};
use crate::files::Typed;
use crate::guest::environment;
use crate::sandbox::inner_engine::InnerEngine;
use crate::sandbox::means::Pull;
use crate::sandbox::{MountSetting, Origins, SandboxName, Settings};
use crate::secrets;
use crate::values::{Capability, Cpus, Memory, port, user, variable};
use clap::Args;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a sandbox is to be.
#[derive(Debug, Args)]
pub(super) struct SandboxOptions {
    /// Directory that the agent works on [default: the workspace file's, else `.`]
    #[arg(short, long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub(super) workspace: Option<PathBuf>,
    /// Workspace file [default: the one of the directory, or above]
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(super) file: Option<PathBuf>,
    /// Use no workspace file
    #[arg(long, conflicts_with = "file")]
    pub(super) no_file: bool,
    /// Name of the sandbox [default: AGENT-DIRECTORY-ID]
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Image to use instead of the built-in one; the agent is added when it lacks it
    #[arg(short, long, value_name = "IMAGE")]
    template: Option<String>,
    /// Mount a file or directory, `HOST:CONTAINER[:ro]` (repeatable)
    #[arg(short, long = "volume", value_name = "MOUNT")]
    volume: Vec<String>,
    /// Mount a further workspace at its own path, `DIR[:ro]` (repeatable)
    #[arg(long, value_name = "DIR")]
    add_workspace: Vec<String>,
    /// Publish a port, on loopback unless an IP is given (repeatable)
    #[arg(short, long = "publish", value_name = "[IP:][HOST:]PORT[/PROTO]")]
    publish: Vec<String>,
    /// Where the agent's login comes from
    #[arg(long, value_enum, value_name = "MODE")]
    credentials: Option<Credentials>,
    /// Give the agent this machine's Docker engine, and with it this machine
    #[arg(long)]
    mount_docker_socket: bool,
    /// Run a Docker engine inside
    #[arg(long, value_enum, value_name = "KIND", num_args = 0..=1, require_equals = true, default_missing_value = "auto")]
    dind: Option<InnerEngine>,
    /// No Docker engine inside
    #[arg(long, conflicts_with = "dind")]
    no_dind: bool,
    /// Limit of memory, such as `8g`
    #[arg(long, value_name = "SIZE")]
    memory: Option<String>,
    /// Limit of CPUs, such as `2` or `1.5`
    #[arg(long, value_name = "N")]
    cpus: Option<String>,
    /// Limit of processes [default: 4096]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(16..))]
    pids_limit: Option<u32>,
    /// Size of /dev/shm, such as `1g`
    #[arg(long, value_name = "SIZE")]
    shm_size: Option<String>,
    /// Give the sandbox all GPUs
    #[arg(long)]
    gpu: bool,
    /// Give the sandbox a capability that Docker gives to containers and `dp` does not (repeatable)
    #[arg(long, value_enum, value_name = "NAME", ignore_case = true)]
    cap_add: Vec<Capability>,
    /// Network: `bridge`, `host`, `none` or a network's name
    #[arg(long, value_name = "MODE")]
    network: Option<String>,
    /// Who the agent is inside: `auto` (you), `root`, `UID` or `UID:GID`
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Add certificate authorities to images and sandbox
    #[arg(long, value_enum, value_name = "WHOSE")]
    ca_certificates: Option<CaCertificates>,
    /// When to ask a registry for images
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Pull::Missing)]
    pub(super) pull: Pull,
    /// Go on when a step of a template fails or an agent cannot be started
    #[arg(long)]
    pub(super) keep_going: bool,
    /// Make the sandbox anew when it exists; the workspace and logins are kept
    #[arg(long)]
    pub(super) recreate: bool,
    /// Allow your home, what is above it or a directory of the whole machine as the workspace, and
    /// `--recreate` to end what runs
    #[arg(long)]
    pub(super) force: bool,
    /// Answer yes to every question
    #[arg(short, long)]
    pub(super) yes: bool,
    /// Say nothing but what the agent says
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// What a session is given, and without one whatever runs later; it is no setting of the sandbox.
#[derive(Debug, Args)]
pub(super) struct EnvironmentOptions {
    /// Environment variable, `NAME=VALUE` or `NAME` to take it from here (repeatable)
    #[arg(short, long = "env", value_name = "NAME[=VALUE]")]
    env: Vec<String>,
    /// File of environment variables (repeatable)
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    env_file: Vec<PathBuf>,
}

impl EnvironmentOptions {
    /// The variables of the command line: files first, then `-e`.
    pub(super) fn read(&self, typed: &Typed) -> Result<BTreeMap<String, String>> {
        let mut env = BTreeMap::new();
        for file in &self.env_file {
            env.extend(match typed::file(typed, file)? {
                Some(found) => secrets::read_pinned_env_file(file, found)?,
                None => secrets::read_env_file(file)?,
            });
        }
        env.extend(variables(&self.env)?);
        environment::check(&env).map_err(|problem| {
            Error::usage("env", problem).hint(
                "a variable holds text of at most 128 KiB; a file of the workspace can hold more",
            )
        })?;
        Ok(env)
    }
}

/// Whose certificate authorities to add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum CaCertificates {
    /// Those that this machine trusts
    Host,
    /// None
    None,
}

impl SandboxOptions {
    pub(super) fn name(&self) -> Result<Option<SandboxName>> {
        Ok(self.name.as_deref().map(str::parse).transpose()?)
    }

    /// Where logins come from, when the command line says it.
    pub(super) fn credentials(&self) -> Option<Credentials> {
        self.credentials
    }

    /// The command line gives what is in the sandbox more than the workspace file and the directory say.
    pub(super) fn gives(&self) -> bool {
        let is_shared = |mode: &str| !matches!(mode, "bridge" | "none" | "default");
        let has_user = self.user.as_deref().is_some_and(|user| user != user::AUTO);
        let has_mounts = !self.volume.is_empty() || !self.add_workspace.is_empty();
        let has_more = has_mounts || has_user || !self.cap_add.is_empty();
        let is_protected = |kind: &InnerEngine| {
            matches!(
                kind,
                InnerEngine::Off | InnerEngine::Auto | InnerEngine::Rootless
            )
        };
        has_more
            || self.mount_docker_socket
            || self.gpu
            || self.network.as_deref().is_some_and(is_shared)
            || self.dind.is_some_and(|kind| !is_protected(&kind))
            || self.file.is_some() && self.workspace.is_some()
    }

    /// The command line names the image.
    pub(super) fn names_image(&self) -> bool {
        self.template.is_some()
    }

    /// What is asked for, by the command line and then by the configuration, and where each of it
    /// comes from.
    pub(super) fn settings(&self, ctx: &Context, typed: &Typed) -> Result<(Settings, Origins)> {
        let here = std::env::current_dir()?;
        self.asked(ctx.config()?, &here, &ctx.paths()?.home, typed)
    }

    fn asked(
        &self,
        config: &Config,
        here: &Path,
        home: &Path,
        typed: &Typed,
    ) -> Result<(Settings, Origins)> {
        let mounts = self.mounts(here, home, typed)?;
        let given = mounts.iter().map(|(mount, _)| mount.clone());
        let host_ca = match self.ca_certificates {
            Some(whose) => Some(whose == CaCertificates::Host),
            None => config.trust_host_ca.filter(|trusted| *trusted),
        };
        let settings = Settings {
            image: self.template.clone(),
            user: self.user()?,
            mounts: (!mounts.is_empty()).then(|| given.collect()),
            ports: self.ports()?,
            memory: self.memory.as_deref().map(Memory::limit).transpose()?,
            cpus: self.cpus.as_deref().map(str::parse::<Cpus>).transpose()?,
            pids_limit: self.pids_limit.map(i64::from),
            shm_size: self
                .shm_size
                .as_deref()
                .map(str::parse::<Memory>)
                .transpose()?,
            gpu: self.gpu.then_some(true),
            cap_add: self.capabilities(),
            network: self.network.clone(),
            credentials: self.credentials,
            docker_socket: self.mount_docker_socket.then_some(true),
            dind: if self.no_dind {
                Some(InnerEngine::Off)
            } else {
                self.dind
            },
            host_ca,
            ..Settings::default()
        };
        let origins = self.origins(config, &settings, &mounts);
        Ok((settings, origins))
    }

    /// `auto` is asked for as well: it is another user where a file or a sandbox has one.
    fn user(&self) -> Result<Option<String>> {
        let checked = self.user.as_deref().map(user::check).transpose()?;
        Ok(checked.map(|user| user.unwrap_or_else(|| user::AUTO.into())))
    }

    fn capabilities(&self) -> Option<Vec<Capability>> {
        let mut asked = self.cap_add.clone();
        asked.sort();
        asked.dedup();
        (!asked.is_empty()).then_some(asked)
    }

    /// The mounts in order, each with its option.
    fn mounts(
        &self,
        here: &Path,
        home: &Path,
        typed: &Typed,
    ) -> Result<Vec<(MountSetting, &'static str)>> {
        let mut mounts = Vec::new();
        for text in &self.volume {
            mounts.push((MountSetting::parse(text, here, home, typed)?, "--volume"));
        }
        for text in &self.add_workspace {
            let mount = MountSetting::parse_workspace(text, here, home, typed)?;
            mounts.push((mount, "--add-workspace"));
        }
        mounts.sort();
        Ok(mounts)
    }

    fn ports(&self) -> Result<Option<Vec<String>>> {
        let mut ports = Vec::new();
        for text in &self.publish {
            ports.push(port::parse(text)?);
        }
        ports.sort();
        if let Some(pair) = ports.windows(2).find(|pair| {
            pair[0].host.is_some()
                && pair[0].host == pair[1].host
                && pair[0].ip == pair[1].ip
                && pair[0].protocol == pair[1].protocol
        }) {
            let message = format!(
                "host port {} is published twice",
                pair[0].host.unwrap_or_default()
            );
            return Err(Error::usage("port", message));
        }
        Ok((!ports.is_empty()).then(|| ports.iter().map(port::format).collect()))
    }
}

/// Parses `-e`: `NAME=VALUE`, or `NAME` for the value it has here (none if it has none).
pub(super) fn variables(given: &[String]) -> Result<BTreeMap<String, String>> {
    let mut env = BTreeMap::new();
    for text in given {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_string())),
            None => (text.as_str(), std::env::var(text).ok()),
        };
        if name.is_empty() || name.contains(char::is_whitespace) || name.contains('\0') {
            // The text may hold a value, so it is not repeated.
            return Err(Error::usage("env", "a variable of `-e` has no valid name")
                .hint("write `-e NAME=VALUE`, or `-e NAME` to take it from your environment"));
        }
        if variable::is_reserved(name) {
            return Err(
                Error::usage("env", format!("the variable `{name}` is reserved"))
                    .hint("give it another name"),
            );
        }
        if let Some(value) = value {
            env.insert(name.to_string(), value);
        }
    }
    Ok(env)
}
