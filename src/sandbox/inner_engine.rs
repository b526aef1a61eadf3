//! The Docker engine inside a sandbox: which kind, what a container needs for it, and waiting for it.

use super::channel::{self, ChannelError};
use super::existing::Existing;
use super::settings::Settings;
use super::spec::Spec;
use crate::engine::containers::{NewContainer, NewMount};
use crate::engine::{Engine, EngineError};
use crate::guest::INNER_ENGINE_DATA;
use crate::guest::client::{Client, ClientError};
use crate::guest::message::{self, Failure, Reply, Request};
use crate::labels::{self, Kind};
use crate::volumes;
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// The runtime that makes containers in which an engine may run as root.
const SYSBOX: &str = "sysbox-runc";
const TUN: &str = "/dev/net/tun";
/// How long the engine inside may take until it answers.
const START: Duration = Duration::from_secs(60);

/// The kinds, and the ways to ask for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum InnerEngine {
    /// None.
    #[value(skip)]
    Off,
    /// Sysbox where the engine has it, else rootless
    Auto,
    /// In a user namespace, without any added privilege
    Rootless,
    /// By the runtime `sysbox-runc`
    Sysbox,
    /// In a privileged container: the agent can become root of this machine
    Privileged,
}

/// Why an engine inside cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum InnerEngineError {
    /// The sandbox's network and the kind do not go together.
    #[error("Docker inside with `{kind}` and the network `host` do not go together")]
    Network {
        /// The kind.
        kind: &'static str,
    },
    /// The kind is a runtime, and another one is asked.
    #[error("Docker inside with `sysbox` and the runtime `{runtime}` do not go together")]
    Runtime {
        /// The runtime.
        runtime: String,
    },
    /// The engine's socket is to be where the inner engine's would be.
    #[error("Docker inside and this machine's Docker socket do not go together")]
    Socket,
    /// The engine has no such runtime.
    #[error("the engine has no runtime `{SYSBOX}`")]
    NoSysbox,
    /// It did not answer in time.
    #[error("the Docker engine inside did not answer within {} s", START.as_secs())]
    Deadline {
        /// The sandbox.
        sandbox: String,
    },
    /// There is none, or it does not start.
    #[error("{source}")]
    Refused {
        /// The sandbox.
        sandbox: String,
        /// The guest's words.
        source: Failure,
    },
    /// The guest could not be reached.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The guest could not be talked to.
    #[error(transparent)]
    Guest(#[from] ClientError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl InnerEngine {
    /// There is one.
    #[must_use]
    pub fn is_on(self) -> bool {
        self != Self::Off
    }

    /// A sandbox that has `self` is what `asked` asks for.
    #[must_use]
    pub fn satisfies(self, asked: Self) -> bool {
        self == asked || (asked == Self::Auto && self.is_on())
    }

    /// What the guest is to start.
    #[must_use]
    pub fn to_guest(self) -> Option<message::InnerEngine> {
        let rootless = self == Self::Rootless || self == Self::Auto;
        self.is_on().then_some(message::InnerEngine { rootless })
    }

    /// Gives a container what it needs and nothing more. `volume` keeps the inner engine's data.
    pub(super) fn equip(self, container: &mut NewContainer, volume: NewMount) {
        match self {
            Self::Off => return,
            Self::Auto | Self::Rootless => {
                // Namespaces and mounts of a user namespace: no capability is added.
                container.security =
                    vec!["seccomp=unconfined".into(), "apparmor=unconfined".into()];
                container.has_bare_system_paths = true;
                container.devices.push(TUN.into());
            }
            Self::Sysbox => {
                container.security.clear();
                container.runtime = Some(SYSBOX.into());
            }
            Self::Privileged => {
                container.security.clear();
                container.is_privileged = true;
            }
        }
        container.mounts.push(volume);
    }
}

/// The volume for the data of a sandbox's inner engine. Two engines must never share one, so it is
/// the sandbox's own.
pub(super) fn volume(spec: &Spec) -> NewMount {
    let mut labels = spec.workspace_labels(Kind::Engine);
    labels.insert(labels::AGENT.into(), spec.agent.clone());
    NewMount::Volume {
        name: volumes::engine(spec.workspace.id(), spec.name.as_str()),
        target: INNER_ENGINE_DATA.into(),
        read_only: false,
        labels,
        size: None,
    }
}

/// Checks what can be checked without the engine.
///
/// # Errors
/// `Network`, `Runtime` and `Socket`.
pub fn check(settings: &Settings) -> Result<(), InnerEngineError> {
    let Some(kind) = settings.dind.filter(|kind| kind.is_on()) else {
        return Ok(());
    };
    if settings.docker_socket == Some(true) {
        return Err(InnerEngineError::Socket);
    }
    let shares_host = settings.network.as_deref() == Some("host");
    match kind {
        InnerEngine::Sysbox if shares_host => Err(InnerEngineError::Network { kind: "sysbox" }),
        InnerEngine::Privileged if shares_host => {
            Err(InnerEngineError::Network { kind: "privileged" })
        }
        InnerEngine::Sysbox => match other_runtime(settings) {
            Some(runtime) => Err(InnerEngineError::Runtime {
                runtime: runtime.to_string(),
            }),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn other_runtime(settings: &Settings) -> Option<&str> {
    settings.runtime.as_deref().filter(|name| *name != SYSBOX)
}

/// What a new sandbox gets when nobody says anything of Docker inside: one where a file is used and
/// the image has an engine, unless the machine's own socket is where it would answer.
pub(super) fn by_default(spec: &Spec, image_has_engine: bool) -> Option<InnerEngine> {
    let may = spec.engine_where_image_has && image_has_engine;
    (may && leaves_room(&spec.effective())).then_some(InnerEngine::Auto)
}

fn leaves_room(settings: &Settings) -> bool {
    settings.dind.is_none() && settings.docker_socket != Some(true)
}

/// The kind that is asked for; for `auto` the best one that the engine can do. One call for `auto`
/// and `sysbox`.
///
/// # Errors
/// As [`check`]; `NoSysbox` when it was asked for and is not there, `Engine`.
pub async fn settle(
    engine: &Engine,
    settings: &Settings,
) -> Result<Option<InnerEngine>, InnerEngineError> {
    check(settings)?;
    let shares_host = settings.network.as_deref() == Some("host");
    let must_be_rootless = shares_host || other_runtime(settings).is_some();
    Ok(Some(match settings.dind {
        Some(InnerEngine::Auto) if must_be_rootless => InnerEngine::Rootless,
        Some(InnerEngine::Auto) if has_sysbox(engine).await? => InnerEngine::Sysbox,
        Some(InnerEngine::Auto) => InnerEngine::Rootless,
        Some(InnerEngine::Sysbox) if !has_sysbox(engine).await? => {
            return Err(InnerEngineError::NoSysbox);
        }
        other => return Ok(other),
    }))
}

async fn has_sysbox(engine: &Engine) -> Result<bool, EngineError> {
    let facilities = engine.facilities().await?;
    Ok(facilities.runtimes.iter().any(|name| name == SYSBOX))
}

/// Waits until the engine inside a sandbox answers.
///
/// # Errors
/// [`InnerEngineError`]: `Refused` with the guest's words when there is none or it does not start.
pub async fn wait(
    engine: &Engine,
    sandbox: &Existing,
    is_fresh: bool,
) -> Result<(), InnerEngineError> {
    let stream = channel::open(engine, sandbox, is_fresh).await?;
    let name = sandbox.name.to_string();
    let asked = tokio::task::spawn_blocking(move || {
        let mut client = Client::new(stream)?;
        let deadline = Instant::now() + START;
        while Instant::now() < deadline {
            match client.call(&Request::AwaitInnerEngine) {
                Ok(Reply::InnerEngine { is_ready: true }) => return Ok(()),
                Err(ClientError::Refused(source)) => {
                    return Err(InnerEngineError::Refused {
                        sandbox: name,
                        source,
                    });
                }
                answer => answer?,
            };
        }
        Err(InnerEngineError::Deadline { sandbox: name })
    });
    asked
        .await
        .unwrap_or_else(|error| Err(ClientError::from(std::io::Error::other(error)).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_kind_is_what_auto_asks_for() {
        let table = [
            (InnerEngine::Rootless, InnerEngine::Auto, true),
            (InnerEngine::Sysbox, InnerEngine::Auto, true),
            (InnerEngine::Off, InnerEngine::Auto, false),
            (InnerEngine::Rootless, InnerEngine::Privileged, false),
            (InnerEngine::Rootless, InnerEngine::Off, false),
        ];
        for (has, asked, expected) in table {
            assert_eq!(has.satisfies(asked), expected, "{has:?} for {asked:?}");
        }
    }

    #[test]
    fn the_image_decides_where_nobody_else_does() {
        let table = [
            (None, None, true),
            (None, Some(false), true),
            (None, Some(true), false),
            (Some(InnerEngine::Off), None, false),
            (Some(InnerEngine::Rootless), None, false),
        ];
        for (dind, docker_socket, expected) in table {
            let settings = Settings {
                docker_socket,
                dind,
                ..Settings::default()
            };
            assert_eq!(leaves_room(&settings), expected, "{settings:?}");
        }
        // What it was made with then is no difference to a run that says nothing either.
        let has = Settings {
            dind: Some(InnerEngine::Rootless),
            ..Settings::default()
        };
        let none = Settings::default();
        assert_eq!(none.differences(&has), []);
        assert_eq!(none.drift(&none, &none, &has), []);
    }

    #[test]
    fn a_runtime_of_its_own_goes_with_all_kinds_but_one() {
        let table = [
            (InnerEngine::Sysbox, "runsc", false),
            (InnerEngine::Sysbox, SYSBOX, true),
            (InnerEngine::Auto, "runsc", true),
            (InnerEngine::Rootless, "runsc", true),
            (InnerEngine::Off, "runsc", true),
        ];
        for (kind, runtime, fits) in table {
            let settings = Settings {
                dind: Some(kind),
                runtime: Some(runtime.into()),
                ..Settings::default()
            };
            assert_eq!(check(&settings).is_ok(), fits, "{kind:?} {runtime}");
        }
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        let settings = |dind, network: &str, socket| Settings {
            dind: Some(dind),
            network: Some(network.into()),
            docker_socket: Some(socket),
            ..Settings::default()
        };
        let table = [
            (InnerEngine::Auto, "host", false, true),
            (InnerEngine::Rootless, "host", false, true),
            (InnerEngine::Sysbox, "host", false, false),
            (InnerEngine::Privileged, "host", false, false),
            (InnerEngine::Privileged, "bridge", false, true),
            (InnerEngine::Auto, "bridge", true, false),
            (InnerEngine::Off, "host", true, true),
        ];
        for (kind, network, socket, fits) in table {
            let checked = check(&settings(kind, network, socket));
            assert_eq!(checked.is_ok(), fits, "{kind:?} {network} {socket}");
        }
    }
}
