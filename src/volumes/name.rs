//! The names of volumes.

/// The volume with the guest of this build.
#[must_use]
pub fn guest(build: &str) -> String {
    format!("dp-guest-{build}")
}

/// The volume with an agent's login, shared by all its sandboxes.
#[must_use]
pub fn login(agent: &str) -> String {
    format!("dp-login-{agent}")
}
