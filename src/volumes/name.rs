//! The names of volumes.

/// The volume with the guest of this build.
#[must_use]
pub fn guest(build: &str) -> String {
    format!("dp-guest-{build}")
}

/// The volume with the home of a workspace's sandboxes.
#[must_use]
pub fn home(workspace_id: &str) -> String {
    format!("dp-home-{workspace_id}")
}

/// The volume with the data of the Docker engine inside a sandbox.
#[must_use]
pub fn engine(workspace_id: &str, sandbox: &str) -> String {
    format!("dp-engine-{workspace_id}-{sandbox}")
}

/// The volume with an agent's login, shared by all its sandboxes.
#[must_use]
pub fn login(agent: &str) -> String {
    format!("dp-login-{agent}")
}
