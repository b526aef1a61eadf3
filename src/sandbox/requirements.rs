//! What a new sandbox needs of its engine, checked before anything is made, pulled or built: GPUs,
//! a runtime, a network. What nobody asks for costs no call.

use super::gpu;
use super::settings::Settings;
use super::spec::Spec;
use crate::engine::facilities::Facilities;
use crate::engine::{Engine, EngineError};

/// The networks that every engine has, by what they are called in a container's settings.
const BUILT_IN: [&str; 4] = ["bridge", "default", "host", "none"];
/// What a network is called that is another container's.
const OF_CONTAINER: &str = "container:";

/// What the engine lacks.
#[derive(Debug, thiserror::Error)]
pub enum RequirementError {
    /// No GPU, or nothing that gives one to a container.
    #[error("the engine has no GPU for a container")]
    Gpu,
    /// No such runtime.
    #[error("the engine has no runtime `{name}`")]
    Runtime {
        /// As asked.
        name: String,
        /// Those that it has.
        known: Vec<String>,
    },
    /// No such network.
    #[error("the engine has no network `{name}`")]
    Network {
        /// As asked.
        name: String,
        /// Those that it has.
        known: Vec<String>,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Checks what `spec` needs, and notes in it which way it gets its GPUs. At most two calls at once.
///
/// # Errors
/// [`RequirementError`].
pub async fn check(engine: &Engine, spec: &mut Spec) -> Result<(), RequirementError> {
    let settings = spec.effective();
    let (facilities, ()) =
        tokio::try_join!(facilities(engine, &settings), network(engine, &settings))?;
    if let Some(name) = &settings.runtime {
        runtime(name, &facilities)?;
    }
    if settings.gpu == Some(true) {
        // Its directories are ours only where its socket is.
        let is_here = spec.socket_directory.is_some();
        let directories = &facilities.device_directories[..];
        let described = || gpu::described(if is_here { directories } else { &[] });
        spec.gpus = gpu::choose(&facilities, described).ok_or(RequirementError::Gpu)?;
    }
    Ok(())
}

async fn facilities(engine: &Engine, settings: &Settings) -> Result<Facilities, RequirementError> {
    if settings.gpu == Some(true) || settings.runtime.is_some() {
        return Ok(engine.facilities().await?);
    }
    Ok(Facilities::default())
}

fn runtime(name: &str, facilities: &Facilities) -> Result<(), RequirementError> {
    let is_known = facilities.runtimes.iter().any(|known| known == name);
    if is_known || may_be_unknown(name) {
        return Ok(());
    }
    Err(RequirementError::Runtime {
        name: name.to_string(),
        known: facilities.runtimes.clone(),
    })
}

/// Engines since 23.0 start shims of containerd, such as `io.containerd.kata.v2`, by their name or
/// path alone: only they can tell.
fn may_be_unknown(runtime: &str) -> bool {
    runtime.starts_with('/') || runtime.split('.').filter(|part| !part.is_empty()).count() > 2
}

async fn network(engine: &Engine, settings: &Settings) -> Result<(), RequirementError> {
    let Some(name) = settings.network.as_deref().filter(|name| is_named(name)) else {
        return Ok(());
    };
    let networks = engine.networks().await?;
    // As the engine has it, the beginning of an ID will do.
    if networks
        .iter()
        .any(|(known, id)| known == name || id.starts_with(name))
    {
        return Ok(());
    }
    Err(RequirementError::Network {
        name: name.to_string(),
        known: networks.into_iter().map(|(known, _)| known).collect(),
    })
}

fn is_named(network: &str) -> bool {
    !BUILT_IN.contains(&network) && !network.starts_with(OF_CONTAINER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_is_one_of_the_engines_or_a_shim() {
        let facilities = Facilities {
            runtimes: vec!["runc".into(), "runsc".into()],
            ..Facilities::default()
        };
        let table = [
            ("runc", true),
            ("runsc", true),
            ("run", false),
            ("kata.v2", false),
            ("..runc", false),
            ("io.containerd.kata.v2", true),
            ("/usr/bin/containerd-shim-x-v2", true),
        ];
        for (name, expected) in table {
            assert_eq!(runtime(name, &facilities).is_ok(), expected, "{name}");
        }
    }

    #[test]
    fn what_every_engine_has_is_not_asked_for() {
        let table = [
            ("bridge", false),
            ("default", false),
            ("host", false),
            ("none", false),
            ("container:x", false),
            ("team", true),
            ("hosts", true),
        ];
        for (name, expected) in table {
            assert_eq!(is_named(name), expected, "{name}");
        }
    }
}
