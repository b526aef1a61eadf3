//! Docker contexts, as the docker CLI keeps them in files.

use super::endpoint::EndpointError;
use crate::digest::sha256;
use crate::files::{self, ReadError};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The largest file that is read.
const LIMIT: u64 = 16 * 1024 * 1024;

/// A context that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the docker context `{name}` {problem}")]
pub struct ContextError {
    /// Its name.
    pub name: String,
    /// In words.
    pub problem: String,
}

/// What a context says about its engine.
pub struct Context {
    pub host: String,
    pub certificates: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    current_context: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Meta {
    #[serde(default)]
    endpoints: Endpoints,
}

#[derive(Deserialize, Default)]
struct Endpoints {
    docker: Option<DockerEndpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DockerEndpoint {
    #[serde(default)]
    host: String,
}

/// The name of the current context, if the docker CLI's configuration names one. The docker CLI takes the
/// default context where it cannot read the file, and warns; nobody meant that engine.
///
/// # Errors
/// [`EndpointError::Config`] for a file that is there and cannot be read.
pub fn current(docker_config: &Path) -> Result<Option<String>, EndpointError> {
    let path = docker_config.join("config.json");
    let unreadable = |reason: String| EndpointError::Config {
        path: path.clone(),
        reason,
    };
    let text = match files::read(&path, LIMIT) {
        Ok(text) => text,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(ReadError::Io(error)) => return Err(unreadable(error.to_string())),
        Err(error) => return Err(unreadable(format!("it {error}"))),
    };
    // The docker CLI takes an empty file for none.
    if text.is_empty() {
        return Ok(None);
    }
    let config: Config =
        serde_json::from_slice(&text).map_err(|error| unreadable(error.to_string()))?;
    Ok(config.current_context.filter(|name| !name.is_empty()))
}

/// Reads the context of this name.
pub fn read(docker_config: &Path, name: &str) -> Result<Context, ContextError> {
    let problem = |problem: String| ContextError {
        name: name.to_string(),
        problem,
    };
    let hash = sha256(name);
    let contexts = docker_config.join("contexts");
    let path = contexts.join("meta").join(&hash).join("meta.json");
    let text = files::read(&path, LIMIT).map_err(|error| {
        if error.is_not_found() {
            problem("does not exist".into())
        } else {
            problem(format!("cannot be read: it {error}"))
        }
    })?;
    let meta: Meta = serde_json::from_slice(&text)
        .map_err(|error| problem(format!("cannot be read: {error}")))?;
    let host = meta
        .endpoints
        .docker
        .map(|docker| docker.host)
        .filter(|host| !host.is_empty())
        .ok_or_else(|| problem("names no docker endpoint".into()))?;
    let tls = contexts.join("tls").join(&hash).join("docker");
    Ok(Context {
        host,
        // An authority alone says that the engine's certificate is to be verified by it. What may not be
        // looked at is there: without it the connection would be clear.
        certificates: { ["ca.pem", "cert.pem"].iter() }
            .any(|name| tls.join(name).try_exists().unwrap_or(true))
            .then_some(tls),
    })
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Writes a context as the docker CLI would.
    pub fn write(docker_config: &Path, name: &str, host: &str) {
        let hash = sha256(name);
        let dir = docker_config.join("contexts/meta").join(hash);
        std::fs::create_dir_all(&dir).expect("a directory");
        let meta = format!(r#"{{"Name":"{name}","Endpoints":{{"docker":{{"Host":"{host}"}}}}}}"#);
        std::fs::write(dir.join("meta.json"), meta).expect("a file");
    }
}
