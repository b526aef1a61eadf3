//! The words of what can go wrong while a sandbox is made: images, the guest, volumes, the container.

use super::super::Error;
use super::AGAIN;
use super::engine::clean;
use super::{did_you_mean, list, near};
use crate::images::{BuildError, MISSING};
use crate::sandbox::apply::ApplyError;
use crate::sandbox::contents::ContentsError;
use crate::sandbox::inner_engine::InnerEngineError;
use crate::sandbox::provide::ProvideError;
use crate::volumes::{GuestError, User, VolumeError};
use std::path::PathBuf;

/// How many letters of a line of a log are shown.
const LINE: usize = 120;

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
                    Some(name) => shown.hint(did_you_mean(name)),
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
            ApplyError::Refused(plan) => super::super::sandbox::refusal(&plan),
            ApplyError::State(source) => Self::failed("state", message)
                .cause(source)
                .hint("`dp config path` names it"),
            ApplyError::Repository(source) => Self::failed("repository", message)
                .cause(source)
                .hint("`git rev-parse --git-dir` names the directory in which `config.worktree` has to be made"),
            ApplyError::Requirement(error) => error.into(),
            ApplyError::Network(error) => error.into(),
            ApplyError::Volume(error) => error.into(),
            ApplyError::Image(error) => error.into(),
            ApplyError::Guest(error) => error.into(),
            ApplyError::InnerEngine(error) => error.into(),
            ApplyError::Moved(error) => error.into(),
            ApplyError::MountPoint(error) => error.into(),
            ApplyError::Unreadable(_) => Self::failed("unreadable", message)
                .hint("`dp run --recreate` makes a new sandbox; the workspace and volumes stay"),
            ApplyError::Unheard(error) => error.into(),
            ApplyError::Channel(error) => error.into(),
            ApplyError::Engine(error) => error.into(),
        }
    }
}

impl From<ContentsError> for Error {
    fn from(error: ContentsError) -> Self {
        let message = error.to_string();
        match error {
            ContentsError::Missing { .. } => Self::not_found("no-file", message),
            ContentsError::Failed { words, .. } => Self::failed("cp", message).cause(words),
            ContentsError::Moved(error) => error.into(),
            ContentsError::MountPoint(error) => error.into(),
            ContentsError::Channel(error) => error.into(),
            ContentsError::Guest(error) => error.into(),
            ContentsError::Engine(error) => error.into(),
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
            InnerEngineError::Runtime { .. } => {
                Self::usage("dind-runtime", message).hint("leave the runtime out, or Docker")
            }
            InnerEngineError::NoSysbox => Self::failed("no-sysbox", message)
                .hint("install sysbox, or use `--dind=rootless`, which needs nothing"),
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
