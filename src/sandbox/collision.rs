//! Finds two mounts with one target before the engine does, which does not tell whose they are.

use super::inner_engine::InnerEngine;
use super::repository;
use super::spec::{ENGINE_SOCKET, Spec, WORKSPACE_TARGET};
use crate::config::Credentials;
use crate::guest::INNER_ENGINE_DATA;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Two things are to be at one place inside.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("two things are to be mounted at `{target}`")]
pub struct Collision {
    /// The place.
    pub target: String,
    /// What they are, in words.
    pub claimants: [String; 2],
}

/// Checks every target of a sandbox but those that nobody can ask for.
///
/// # Errors
/// [`Collision`], the first one.
pub fn check(spec: &Spec) -> Result<(), Collision> {
    let mut taken: BTreeMap<PathBuf, String> = BTreeMap::new();
    for (target, claimant) in claims(spec) {
        // `/a//b/` and `/a/./b` are one place.
        let place: PathBuf = Path::new(&target).components().collect();
        if let Some(first) = taken.insert(place.clone(), claimant.clone()) {
            return Err(Collision {
                target: place.display().to_string(),
                claimants: [first, claimant],
            });
        }
    }
    Ok(())
}

/// Every target, and what a person knows it as.
fn claims(spec: &Spec) -> Vec<(String, String)> {
    let settings = spec.effective();
    let mut claims = Vec::new();
    let mut claim = |target: &str, claimant: &str| {
        claims.push((target.to_string(), claimant.to_string()));
    };
    claim(spec.workspace.path(), "the workspace");
    if spec.workspace.path() != WORKSPACE_TARGET {
        claim(WORKSPACE_TARGET, "the workspace");
    }
    for target in repository::targets(&spec.repository) {
        claim(&target, "the workspace's repository");
    }
    if settings.home_persistence == Some(true) {
        claim(&spec.account.home, "the home that is kept");
    }
    if settings.credentials.is_some_and(Credentials::is_volume) {
        for (agent, directory) in spec.state_directories() {
            claim(&directory, &format!("the login of `{}`", agent.name));
        }
    }
    if settings.dind.is_some_and(InnerEngine::is_on) {
        claim(INNER_ENGINE_DATA, "the data of the Docker engine inside");
    }
    if spec.engine_socket.is_some() {
        claim(ENGINE_SOCKET, "this machine's Docker socket");
    }
    for file in &spec.login_files {
        claim(&file.target, &format!("the login file `{}`", file.source));
    }
    for mount in settings.mounts.iter().flatten() {
        claim(&mount.target, &format!("the mount `{mount}`"));
    }
    claims
}
