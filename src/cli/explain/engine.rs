//! The words of what goes wrong with the engine: where it is, whether it answers, what it says.

use super::super::{Error, Kind};
use super::AGAIN;
use crate::engine::EngineError;
use crate::engine::endpoint::EndpointError;
use crate::volumes::UsageError;

const NO_ENGINE: &str =
    "start Docker, or point `DOCKER_HOST` at a running one; `dp doctor` checks both";

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
            EngineError::Certificate { reason, .. } => unreachable("engine-certificate")
                .cause(reason)
                .hint("the directory of `DOCKER_CERT_PATH`, or of the docker context, holds `ca.pem`, and `cert.pem` and `key.pem` where the engine wants them"),
            EngineError::Unbounded { reason, .. } => Self::new(Kind::Unreachable, "engine-unbounded", message)
                .cause(reason)
                .hint("`dp doctor` looks at the engine"),
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
pub(super) fn clean(message: &str) -> String {
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
            EndpointError::Config { reason, .. } => Self::new(Kind::Unreachable, "docker-config", message)
                .cause(reason)
                .hint("mend the file, or name the engine: `--engine`, `DOCKER_HOST`, or `DOCKER_CONTEXT=default`"),
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

impl From<UsageError> for Error {
    fn from(error: UsageError) -> Self {
        match error {
            UsageError::Deadline => Self::failed("sizes", error.to_string()),
            UsageError::Engine(error) => error.into(),
        }
    }
}
