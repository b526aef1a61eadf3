//! The Docker engine for a sandbox's agents: which kind, and what the sandbox's container needs for
//! it. One without privileges runs beside the sandbox: see [`beside`](super::beside).

use super::beside;
use super::settings::Settings;
use super::spec::Spec;
use crate::engine::containers::{NewContainer, NewMount};
use crate::engine::{Engine, EngineError};
use crate::guest::message::{Docker, Door};
use crate::guest::{DOCKER_CLIENT_DIR, INNER_ENGINE_DATA};
use crate::labels::{self, Kind};
use crate::volumes;
use serde::{Deserialize, Serialize};

/// The runtime that makes containers in which an engine may run as root.
const SYSBOX: &str = "sysbox-runc";
/// The runtime whose containers share network namespaces.
const USUAL_RUNTIME: &str = "runc";

/// The kinds, and the ways to ask for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum InnerEngine {
    /// None.
    #[value(skip)]
    Off,
    /// Rootless
    Auto,
    /// Beside the sandbox, in a user namespace, without any added privilege
    Rootless,
    /// In the sandbox, by the runtime `sysbox-runc`; the image needs an engine
    Sysbox,
    /// In the sandbox, which is privileged: the agent can become root of this machine
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
    /// The kind needs another runtime.
    #[error("Docker inside and the runtime `{runtime}` do not go together")]
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

    /// It runs in a container beside the sandbox.
    #[must_use]
    pub fn is_beside(self) -> bool {
        matches!(self, Self::Auto | Self::Rootless)
    }

    /// Where the guest of a sandbox finds it.
    pub(super) fn to_guest(self, spec: &Spec) -> Option<Docker> {
        match self {
            Self::Off => None,
            Self::Auto | Self::Rootless => {
                // Where it shares the host's network it is the only one so called.
                let name = format!("{}/{}", spec.owner, spec.name);
                let token = spec.door_token.clone();
                Some(Docker::Beside(Door { name, token }))
            }
            Self::Sysbox | Self::Privileged => Some(Docker::Inside),
        }
    }

    /// Gives a sandbox's container what it needs and nothing more.
    pub(super) fn equip(self, container: &mut NewContainer, spec: &Spec) {
        match self {
            Self::Off => {}
            Self::Auto | Self::Rootless => {
                let name = spec.docker_client_volume.clone();
                container
                    .mounts
                    .push(beside::of_dp(name, DOCKER_CLIENT_DIR));
            }
            Self::Sysbox => {
                container.security.clear();
                container.runtime = Some(SYSBOX.into());
                container.mounts.push(volume(spec));
            }
            Self::Privileged => {
                container.security.clear();
                container.is_privileged = true;
                container.mounts.push(volume(spec));
            }
        }
    }
}

/// The volume for the data of a sandbox's engine. Two engines must never share one, so it is
/// the sandbox's own.
fn volume(spec: &Spec) -> NewMount {
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

/// The volume that the engine beside a sandbox will have.
pub(super) fn data(spec: &Spec) -> Option<NewMount> {
    let kind = spec.effective().dind?;
    kind.is_beside().then(|| volume(spec))
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
        InnerEngine::Off | InnerEngine::Privileged => Ok(()),
        // Under another runtime, a sandbox shares no network namespace with a container beside it.
        InnerEngine::Auto | InnerEngine::Rootless | InnerEngine::Sysbox => {
            match other_runtime(settings, kind) {
                Some(runtime) => Err(InnerEngineError::Runtime {
                    runtime: runtime.to_string(),
                }),
                None => Ok(()),
            }
        }
    }
}

fn other_runtime(settings: &Settings, kind: InnerEngine) -> Option<&str> {
    let fitting = if kind == InnerEngine::Sysbox {
        SYSBOX
    } else {
        USUAL_RUNTIME
    };
    settings.runtime.as_deref().filter(|name| *name != fitting)
}

/// What a new sandbox gets when nobody says anything of Docker inside: an engine beside it where a
/// workspace file is used, unless something else is in its place.
pub(super) fn by_default(spec: &Spec) -> Option<InnerEngine> {
    (spec.has_engine_by_default && leaves_room(&spec.effective())).then_some(InnerEngine::Rootless)
}

fn leaves_room(settings: &Settings) -> bool {
    settings.dind.is_none()
        && settings.docker_socket != Some(true)
        && other_runtime(settings, InnerEngine::Rootless).is_none()
}

/// The kind that is asked for. One call for `sysbox`.
///
/// # Errors
/// As [`check`]; `NoSysbox` when it was asked for and is not there, `Engine`.
pub async fn settle(
    engine: &Engine,
    settings: &Settings,
) -> Result<Option<InnerEngine>, InnerEngineError> {
    check(settings)?;
    Ok(Some(match settings.dind {
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
    fn an_engine_is_there_where_nobody_says_a_word_and_nothing_is_in_its_place() {
        let table = [
            (None, None, None, true),
            (None, Some(false), Some("runc"), true),
            (None, Some(true), None, false),
            (None, None, Some("runsc"), false),
            (Some(InnerEngine::Off), None, None, false),
            (Some(InnerEngine::Rootless), None, None, false),
        ];
        for (dind, docker_socket, runtime, expected) in table {
            let settings = Settings {
                docker_socket,
                dind,
                runtime: runtime.map(str::to_string),
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
    fn a_runtime_of_its_own_goes_with_few_kinds() {
        let table = [
            (InnerEngine::Sysbox, "runsc", false),
            (InnerEngine::Sysbox, SYSBOX, true),
            (InnerEngine::Auto, "runsc", false),
            (InnerEngine::Rootless, "runsc", false),
            (InnerEngine::Rootless, "runc", true),
            (InnerEngine::Privileged, "runsc", true),
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
