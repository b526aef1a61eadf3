//! From the errors of the modules to sentences with hints: the one place where wording lives.

mod lifecycle;
mod requirements;

use super::{Error, Kind};
use crate::agents::UnknownAgent;
use crate::config::ConfigError;
use crate::engine::EngineError;
use crate::engine::endpoint::EndpointError;
use crate::guest::client::ClientError;
use crate::guest::message::FailureCode;
use crate::images::{BuildError, MISSING};
use crate::sandbox::apply::ApplyError;
use crate::sandbox::channel::ChannelError;
use crate::sandbox::collision::Collision;
use crate::sandbox::existing::SelectError;
use crate::sandbox::inner_engine::InnerEngineError;
use crate::sandbox::provide::ProvideError;
use crate::sandbox::workspace::WorkspaceError;
use crate::sandbox::{MountError, NameError};
use crate::secrets::{EnvFileError, SecretError, TemplateError};
use crate::values::{PortError, UnitError};
use crate::volumes::{GuestError, UsageError, User, VolumeError};
use crate::workspace::find::FindError;
use crate::workspace::{Report, Severity};
use std::path::PathBuf;

const NO_ENGINE: &str =
    "start Docker, or point `DOCKER_HOST` at a running one; `dp doctor` checks both";

const AGAIN: &str = "run the same command again";
/// How many letters of a line of a log are shown.
const LINE: usize = 120;

impl From<EngineError> for Error {
    fn from(error: EngineError) -> Self {
        let message = error.to_string();
        let unreachable = |code| Self::new(Kind::Unreachable, code, message.clone());
        match error {
            EngineError::Unreachable { reason, .. } => {
                unreachable("engine-unreachable").cause(reason).hint(NO_ENGINE)
            }
            EngineError::Permission { .. } => unreachable("engine-permission")
                .cause("permission denied")
                .hint("add yourself to the group `docker` and log in again: `sudo usermod -aG docker $USER`"),
            EngineError::Deadline { .. } => unreachable("engine-deadline")
                .hint("the engine hangs or is very busy: `docker info` tells, a restart of Docker helps"),
            EngineError::Broken { reason, .. } => unreachable("engine-broken").cause(reason).hint(
                "the engine ended or was restarted: run the same command again, nothing is lost",
            ),
            EngineError::NotFound { .. } if message.starts_with("No such container") => {
                Self::not_found("engine-not-found", "the sandbox was removed meanwhile")
                    .cause(clean(&message))
                    .hint(AGAIN)
            }
            EngineError::NotFound { .. } => Self::not_found("engine-not-found", clean(&message)),
            EngineError::Conflict { .. } => Self::refused("engine-conflict", clean(&message)),
            EngineError::Refused { status, .. } => {
                let error = Self::failed("engine-failed", "the Docker engine could not do it");
                let error = error.cause(clean(&message));
                if status >= 500 { error.hint("the engine's own log tells more: `journalctl -u docker`") } else { error }
            }
        }
    }
}

/// The engine's words without the noise that runtimes add.
fn clean(message: &str) -> String {
    let message = message.trim().trim_end_matches(": unknown");
    let message = message
        .rsplit_once("OCI runtime create failed: ")
        .map_or(message, |(_, m)| m);
    message.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

impl From<EndpointError> for Error {
    fn from(error: EndpointError) -> Self {
        let message = error.to_string();
        match error {
            EndpointError::Address {
                address,
                source_name,
            } => {
                let shown = Self::usage("engine-address", message)
                    .cause(format!("it comes from {source_name}"));
                match address.strip_prefix("ssh://") {
                    Some(host) => shown.hint(forward(host)),
                    None => shown.hint("write `unix:///path/to/docker.sock` or `tcp://host:port`"),
                }
            }
            EndpointError::Context(_) => Self::new(Kind::Unreachable, "docker-context", message)
                .hint("`docker context ls` lists them"),
            EndpointError::Nothing { tried } => {
                let tried = tried
                    .iter()
                    .map(|path| format!("looked for {}", path.display()));
                Self::new(Kind::Unreachable, "engine-unreachable", message)
                    .details(tried)
                    .hint("install Docker (on Debian and Ubuntu: `sudo apt-get install docker.io`) and start it, or set `DOCKER_HOST`")
            }
        }
    }
}

/// How to reach an engine by ssh. Not by a forwarded socket: that is taken for an engine on this
/// machine, which it asks to mount directories that it does not have.
fn forward(host: &str) -> String {
    let host = host.split('/').next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => format!("-p {port} {host}"),
        _ => host.to_string(),
    };
    format!(
        "leave `ssh -L 2375:/var/run/docker.sock {host}` running, and then `DOCKER_HOST=tcp://127.0.0.1:2375`"
    )
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        let message = error.to_string();
        let shown = Self::new(Kind::File, "config", message);
        match error {
            ConfigError::Unreadable { source, .. } => shown.cause(source),
            ConfigError::Wrong { report, .. } => shown.report(report),
        }
    }
}

impl From<FindError> for Error {
    fn from(error: FindError) -> Self {
        let message = error.to_string();
        let shown = Self::new(Kind::File, "workspace-file", message);
        match error {
            FindError::Several { .. } => shown.hint("keep one of them"),
            FindError::Unreadable { source, .. }
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                Self::not_found("no-workspace-file", shown.message).cause(source)
            }
            FindError::Unreadable { source, .. } => shown.cause(source),
            FindError::Unfit { .. } => shown,
        }
    }
}

impl From<Report> for Error {
    fn from(report: Report) -> Self {
        let name = &report.source.name;
        let message = match report.count(Severity::Error) + report.more {
            1 => format!("`{name}` has a mistake"),
            count => format!("`{name}` has {count} mistakes"),
        };
        Self::new(Kind::File, "workspace-file", message).report(Box::new(report))
    }
}

impl From<UnknownAgent> for Error {
    fn from(error: UnknownAgent) -> Self {
        let shown = Self::usage("unknown-agent", error.to_string())
            .cause(format!("the agents are {}", list(&error.known)));
        match &error.near {
            Some(near) => shown.hint(format!("did you mean `{near}`?")),
            None => shown.hint(
                "`dp agents ls` describes them; your own go under `[agents.NAME]` in `config.toml`",
            ),
        }
    }
}

/// `a, b and c`, in backticks.
pub(super) fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => "none".into(),
        Some((one, [])) => one.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// The name that was meant, probably.
pub(super) fn near<'a>(given: &str, known: &'a [String]) -> Option<&'a String> {
    let likeness = known
        .iter()
        .map(|name| (strsim::jaro_winkler(name, given), name))
        .filter(|(likeness, _)| *likeness > 0.8);
    let (_, name) = likeness.max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(name)
}

impl From<WorkspaceError> for Error {
    fn from(error: WorkspaceError) -> Self {
        let message = error.to_string();
        match error {
            WorkspaceError::Missing(_) => Self::not_found("workspace-missing", message)
                .hint("`-w DIR` names the workspace; it is the current directory otherwise"),
            WorkspaceError::NotADirectory(_) => {
                Self::usage("workspace-file", message).hint("a workspace is a directory: `-w DIR`")
            }
            WorkspaceError::Closed { reason, .. } => {
                Self::failed("workspace-closed", message).cause(reason)
            }
            WorkspaceError::NotUtf8(_) => Self::usage("workspace-name", message)
                .cause("the engine's API carries text only")
                .hint("rename the directory, or work in a copy of it"),
            WorkspaceError::TooWide { .. } => Self::refused("workspace-too-wide", message)
                .hint("run `dp` in a project's directory, or add `--force` if you mean it"),
            WorkspaceError::System(_) => Self::refused("workspace-system", message)
                .hint("copy what the agent needs into a directory of its own"),
        }
    }
}

impl From<NameError> for Error {
    fn from(error: NameError) -> Self {
        Self::usage("sandbox-name", error.to_string())
            .cause(
                "a name has lower-case letters, digits, `_`, `.` and `-`, and at most 63 of them",
            )
            .hint(format!("`--name {}` would do", error.suggestion))
    }
}

impl From<MountError> for Error {
    fn from(error: MountError) -> Self {
        let message = error.to_string();
        match error {
            MountError::Missing { .. } => Self::usage("mount-missing", message)
                .hint("create it first: `dp` never makes a directory on the host for a mount"),
            MountError::Form(_) | MountError::NotUtf8(_) | MountError::Target { .. } => {
                Self::usage("mount", message)
            }
        }
    }
}

impl From<Collision> for Error {
    fn from(error: Collision) -> Self {
        let [first, second] = &error.claimants;
        Self::usage("mount", error.to_string()).cause(format!("{first} and {second}"))
    }
}

impl From<PortError> for Error {
    fn from(error: PortError) -> Self {
        Self::usage("port", error.to_string())
            .hint("write `-p CONTAINER`, `-p HOST:CONTAINER` or `-p IP:HOST:CONTAINER/udp`")
    }
}

impl From<UnitError> for Error {
    fn from(error: UnitError) -> Self {
        Self::usage("quantity", error.to_string())
    }
}

impl From<SelectError> for Error {
    fn from(error: SelectError) -> Self {
        let message = error.to_string();
        match error {
            SelectError::Missing { given, known } => {
                let shown = Self::not_found("no-sandbox", message);
                match near(&given, &known) {
                    Some(name) => shown.hint(format!("did you mean `{name}`?")),
                    None => shown.hint("`dp sandbox ls` lists them; `dp run AGENT` makes one here"),
                }
            }
            SelectError::OfOthers { names, .. } => Self::not_found("no-sandbox", message)
                .cause(format!("other people have {}", list(&names)))
                .hint("`dp run --name NAME AGENT` makes one of your own"),
            SelectError::Ambiguous { names, .. } => Self::usage("ambiguous-sandbox", message)
                .cause(list(&names))
                .hint("name one of them"),
            SelectError::Engine(error) => error.into(),
        }
    }
}

impl From<EnvFileError> for Error {
    fn from(error: EnvFileError) -> Self {
        let message = error.to_string();
        Self::new(Kind::File, "env-file", message)
    }
}

impl From<SecretError> for Error {
    fn from(error: SecretError) -> Self {
        let message = error.to_string();
        match error {
            SecretError::Missing { name } => Self::not_found("no-secret", message)
                .hint(format!("`dp secret set {name}` keeps one; `dp secret ls` lists them")),
            SecretError::Name { .. } => Self::usage("secret-name", message)
                .cause("a name has letters, digits, `_`, `-` and `.`"),
            SecretError::Keyring(_) => Self::failed("keyring", message)
                .hint("unlock your keyring, or set `DP_NO_KEYRING=1` to use a file that only you can read"),
            SecretError::File { source, .. } => Self::failed("secrets-file", message).cause(source),
        }
    }
}

impl From<TemplateError> for Error {
    fn from(error: TemplateError) -> Self {
        match error {
            TemplateError::NotClosed => Self::usage("apikey", error.to_string()),
            TemplateError::Secret(error) => error.into(),
        }
    }
}

impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        let message = error.to_string();
        match error {
            BuildError::Failed { last, log, reason, .. } => {
                let lacks = last.iter().rev().find_map(|line| line.strip_prefix(MISSING));
                match lacks {
                    Some(tool) => Self::failed("agent-missing", "the image has neither the agent nor what installs it")
                        .cause(format!("it lacks `{}`", tool.trim()))
                        .hint(format!("add `{}` or the agent to the image, or leave `-t` out and use the one of `dp`", tool.trim())),
                    None if has_no_shell(&reason) => Self::failed("no-shell", "the image has no shell, so no agent can be installed into it")
                        .cause(clean(&reason))
                        .hint("add `/bin/sh` and the agent to the image, or leave `-t` out and use the one of `dp`"),
                    None => explain_build(message, &reason, &last, log),
                }
            }
            BuildError::Pull { reason, .. } => Self::failed("pull-failed", message)
                .cause(clean(&reason))
                .hint("check the name and `docker login`; `dp image build` makes the default image without pulling it"),
            BuildError::Silence { .. } => Self::failed("build-silent", message),
            BuildError::Engine(error) => error.into(),
            BuildError::Context(error) => Self::failed("build-context", message).cause(error),
        }
    }
}

impl From<GuestError> for Error {
    fn from(error: GuestError) -> Self {
        let message = error.to_string();
        match error {
            GuestError::Missing { tried, .. } => Self::failed("no-guest", message)
                .details(tried.iter().map(|path| format!("looked at {}", path.display())))
                .hint("set `DP_GUEST` to a Linux build of `dp`, or put it beside the executable as `dp-guest-linux-ARCH`"),
            GuestError::Unreadable { source, .. } => Self::failed("guest-unreadable", message).cause(source),
            GuestError::Taken => Self::refused("name-taken", message)
                .hint("`docker ps -a --filter name=dp-guest` shows it; rename it"),
            GuestError::Engine(error) => error.into(),
        }
    }
}

impl From<VolumeError> for Error {
    fn from(error: VolumeError) -> Self {
        let message = error.to_string();
        let refused = |message| Self::refused("volume-in-use", message);
        match error {
            VolumeError::Missing { given, known } => {
                let shown = Self::not_found("no-volume", message);
                match near(&given, &known) {
                    Some(name) => shown.hint(format!("did you mean `{name}`?")),
                    None => shown.hint("`dp volumes ls --all` lists them"),
                }
            }
            VolumeError::Foreign { .. } => Self::refused("foreign-volume", message)
                .cause("it does not carry the label of `dp`, which leaves it alone")
                .hint("`docker volume` sees to it"),
            VolumeError::InUse { volumes } => {
                let users = |users: &[User]| {
                    let names: Vec<String> = users.iter().map(|user| user.name.clone()).collect();
                    list(&names)
                };
                let shown =
                    match volumes.as_slice() {
                        [one] => refused(message).cause(format!("by {}", users(&one.used_by))),
                        many => refused(message).details(many.iter().map(|volume| {
                            format!("`{}` by {}", volume.name, users(&volume.used_by))
                        })),
                    };
                shown.hint("`dp sandbox rm` removes a sandbox; its volumes are free then")
            }
            VolumeError::Taken {
                removed, reason, ..
            } => refused(message)
                .cause(clean(&reason))
                .details(removed.iter().map(|name| format!("removed {name}"))),
            VolumeError::Engine(error) => error.into(),
        }
    }
}

impl From<UsageError> for Error {
    fn from(error: UsageError) -> Self {
        match error {
            UsageError::Deadline => Self::failed("sizes", error.to_string()),
            UsageError::Engine(error) => error.into(),
        }
    }
}

impl From<ChannelError> for Error {
    fn from(error: ChannelError) -> Self {
        let message = error.to_string();
        match error {
            ChannelError::Ended { log, name } => Self::failed("sandbox-ended", message)
                .details(log.lines().map(str::to_string))
                .hint(format!("`dp sandbox rm {name}` clears it away")),
            ChannelError::Gone { agent, .. } => Self::failed("sandbox-gone", message).hint(
                format!("`dp run {agent}` brings it back; the workspace and logins are kept"),
            ),
            ChannelError::Silent { reason, name } => Self::failed("sandbox-silent", message)
                .cause(reason)
                .hint(format!(
                    "`dp sandbox stop {name}` and the same command again starts it anew"
                )),
            ChannelError::Engine(error) => error.into(),
        }
    }
}

impl From<ClientError> for Error {
    fn from(error: ClientError) -> Self {
        let message = error.to_string();
        match error {
            ClientError::Refused(failure) => match failure.code {
                FailureCode::NotFound => Self::failed("command-not-found", message).exiting(127),
                FailureCode::NotExecutable => Self::failed("not-executable", message).exiting(126),
                FailureCode::NoDirectory => Self::failed("no-directory", message),
                FailureCode::NoUser => Self::not_found("no-user", message),
                FailureCode::UnknownRequest => Self::refused(
                    "guest-generation",
                    "the sandbox was made by an older `dp` and does not know this",
                )
                .cause(failure.message)
                .hint("`--recreate` makes it anew; the workspace and logins are kept"),
                FailureCode::NoProcess => Self::not_found("no-process", message),
                FailureCode::StepFailed => Self::failed("step-failed", message),
                _ => Self::failed("guest-refused", message),
            },
            ClientError::Connection(source) if is_end(&source) => {
                Self::failed("sandbox-gone", "the sandbox went away during the session")
                    .cause("it was stopped or removed, or the engine ended")
                    .hint("the same command starts it again; files and logins are kept")
            }
            ClientError::Connection(source) => {
                Self::failed("connection", "the connection to the sandbox broke").cause(source)
            }
            ClientError::Generation { .. } => Self::refused("guest-generation", message)
                .hint("`--recreate` makes the sandbox anew; the workspace and logins are kept"),
            ClientError::Output(source) => Self::failed("stdout", message).cause(source),
            ClientError::Deadline | ClientError::Garbage(_) => Self::failed("guest", message)
                .hint("`dp sandbox stop` and the same command again starts it anew"),
        }
    }
}

/// How the end of a sandbox looks from outside, by what was under way.
fn is_end(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset | BrokenPipe)
}

impl From<ApplyError> for Error {
    fn from(error: ApplyError) -> Self {
        let message = error.to_string();
        match error {
            ApplyError::ForeignName { .. } => Self::refused("name-taken", message)
                .hint("`--name` gives the sandbox another name; the container is left alone"),
            ApplyError::Start { reason, .. } | ApplyError::Create { reason, .. } => {
                explain_start(message, &clean(&reason))
            }
            ApplyError::Contended { .. } => Self::failed("contended", message).hint(AGAIN),
            ApplyError::Refused(plan) => super::sandbox::refusal(&plan),
            ApplyError::State(source) => Self::failed("state", message)
                .cause(source)
                .hint("`dp config path` names it"),
            ApplyError::Requirement(error) => error.into(),
            ApplyError::Volume(error) => error.into(),
            ApplyError::Image(error) => error.into(),
            ApplyError::Guest(error) => error.into(),
            ApplyError::InnerEngine(error) => error.into(),
            ApplyError::Channel(error) => error.into(),
            ApplyError::Engine(error) => error.into(),
        }
    }
}

impl From<InnerEngineError> for Error {
    fn from(error: InnerEngineError) -> Self {
        let message = error.to_string();
        match error {
            InnerEngineError::Network { .. } => Self::usage("dind-network", message)
                .cause("its engine would change the network of this machine")
                .hint("`--dind=rootless` has a network of its own"),
            InnerEngineError::Socket => Self::usage("dind-socket", message)
                .cause("both would answer at `/var/run/docker.sock`")
                .hint("leave out `--dind` or `--mount-docker-socket`"),
            InnerEngineError::Runtime { .. } => Self::usage("dind-runtime", message)
                .hint("`rootless` runs by any runtime"),
            InnerEngineError::NoSysbox => Self::failed("no-sysbox", message)
                .hint("install sysbox, or use `--dind=rootless`, which needs nothing"),
            InnerEngineError::Deadline { sandbox } => Self::failed("dind", message)
                .hint(format!("`dp sandbox logs {sandbox} :docker` shows what it says")),
            InnerEngineError::Refused { sandbox, source: failure } => match failure.code {
                FailureCode::NoInnerEngine => {
                    Self::failed("no-dind", "the image has no Docker engine to run inside")
                        .cause(failure.message)
                        .hint("install `docker.io`, `rootlesskit`, `slirp4netns`, `uidmap` and `iptables` in it (Debian's names), or leave `-t` out")
                        .hint("`--no-dind` does without")
                }
                FailureCode::InnerEngine => {
                    let mut lines = failure.message.lines().map(str::to_string);
                    Self::failed("dind", lines.next().unwrap_or_default())
                        .details(lines)
                        .hint(format!("`dp sandbox logs {sandbox} :docker` shows all of it; `--recreate --no-dind` does without"))
                }
                _ => ClientError::Refused(failure).into(),
            },
            InnerEngineError::Guest(error) => error.into(),
            InnerEngineError::Channel(error) => error.into(),
            InnerEngineError::Engine(error) => error.into(),
        }
    }
}

impl From<ProvideError> for Error {
    fn from(error: ProvideError) -> Self {
        let message = error.to_string();
        match error {
            ProvideError::Missing { .. } => Self::not_found("image-missing", message)
                .hint("leave out `--pull never`, or build it first"),
            ProvideError::Build(error) => error.into(),
            ProvideError::Engine(error) => error.into(),
        }
    }
}

/// What runtimes say when a build's first step finds no shell to run it.
fn has_no_shell(reason: &str) -> bool {
    reason.contains("exec: \"/bin/sh\"") && reason.contains("no such file")
}

/// A line of a log that a person reads: a step is quoted there with all of its command.
fn cut(line: &str) -> String {
    match line.char_indices().nth(LINE) {
        Some((at, _)) => format!("{} …", &line[..at]),
        None => line.to_string(),
    }
}

fn explain_build(message: String, reason: &str, last: &[String], log: Option<PathBuf>) -> Error {
    let is_about_trust = last.iter().any(|line| {
        let line = line.to_lowercase();
        line.contains("certificate") || line.contains("self_signed_cert")
    });
    let lines = last.len().saturating_sub(12);
    let mut shown = Error::failed("build-failed", message)
        .details(last.iter().skip(lines).map(|line| cut(line)))
        .cause(clean(reason));
    if is_about_trust {
        shown = shown.hint("behind a proxy that inspects TLS, add `--ca-certificates host`");
    }
    match log {
        Some(path) => shown.hint(format!("the whole log is in `{}`", path.display())),
        None => shown,
    }
}

fn explain_start(message: String, reason: &str) -> Error {
    let shown = Error::failed("start-failed", message).cause(reason);
    if reason.contains("port is already allocated") || reason.contains("address already in use") {
        shown.hint("another program or sandbox has the port: publish another one with `-p`")
    } else if reason.contains("could not select device driver") {
        shown.hint("`nvidia-container-runtime-hook` is not where the engine looks: install `nvidia-container-toolkit` and restart Docker, or leave out `--gpu`")
    } else if reason.contains("network") && reason.contains("not found") {
        shown.hint("`docker network ls` lists the networks")
    } else if reason.contains("CDI device injection failed") {
        shown.hint("what the engine was told of the GPUs is out of date: `sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml`")
    } else if reason.contains("unable to apply caps") {
        shown.hint("this machine does not let a container be privileged: `--dind=rootless` needs no privilege")
    } else if reason.contains("/dev/net/tun") {
        shown.hint("Docker inside needs the device `/dev/net/tun`: `sudo modprobe tun` makes it")
    } else if reason.contains("bind source path does not exist") {
        shown.hint("the engine does not see this machine's files: is it a remote one?")
    } else {
        shown
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::failed("io", "the system refused").cause(error)
    }
}
