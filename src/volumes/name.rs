//! The names of volumes.

/// The volume with the guest of this build.
#[must_use]
pub fn guest(build: &str) -> String {
    format!("dp-guest-{build}")
}

/// What the names of volumes with a `docker` command begin with.
const DOCKER_CLIENT: &str = "dp-docker-";

/// The volume with the `docker` command of an engine's image, whose tag is a hash.
#[must_use]
pub fn docker_client(image: &str) -> String {
    let hash = image.rsplit(':').next().unwrap_or(image);
    format!("{DOCKER_CLIENT}{hash}")
}

/// The tag of the image that a volume of [`docker_client`] is of.
#[must_use]
pub fn tag_of_docker_client(volume: &str) -> Option<&str> {
    volume.strip_prefix(DOCKER_CLIENT)
}

/// The volume with the home that the sandboxes of a workspace share in which the person `owner` is
/// the user `inside`.
#[must_use]
pub fn home(workspace_id: &str, owner: u32, inside: u32) -> String {
    format!("dp-home-{workspace_id}-{}", person(owner, inside))
}

/// The volume with the data of the Docker engine inside a sandbox.
#[must_use]
pub fn engine(workspace_id: &str, sandbox: &str) -> String {
    format!("dp-engine-{workspace_id}-{sandbox}")
}

/// The volume with an agent's login, shared by all its sandboxes, or by those of one workspace, in
/// which the person `owner` is the user `inside`: nobody else reads it, and nobody takes it from
/// another by owning its files.
#[must_use]
pub fn login(workspace_id: Option<&str>, owner: u32, inside: u32, agent: &str) -> String {
    // No person is called like this.
    let workspace = workspace_id.map(|id| format!("of-{id}-"));
    let person = person(owner, inside);
    format!("dp-login-{}{person}-{agent}", workspace.unwrap_or_default())
}

/// With a dot, as no agent's name may be taken for a part of this.
fn person(owner: u32, inside: u32) -> String {
    if owner == inside {
        owner.to_string()
    } else {
        format!("{owner}.{inside}")
    }
}

#[cfg(test)]
mod tests {
    use super::login;

    #[test]
    fn a_login_is_of_a_person_and_a_user_inside() {
        let here = Some("0123456789ab");
        let table = [
            (None, 1000, 1000, "claude", "dp-login-1000-claude"),
            (None, 1000, 0, "claude", "dp-login-1000.0-claude"),
            (None, 1000, 1000, "0-claude", "dp-login-1000-0-claude"),
            (
                here,
                1000,
                1000,
                "claude",
                "dp-login-of-0123456789ab-1000-claude",
            ),
            (
                here,
                1000,
                0,
                "claude",
                "dp-login-of-0123456789ab-1000.0-claude",
            ),
        ];
        for (workspace, owner, inside, agent, expected) in table {
            assert_eq!(login(workspace, owner, inside, agent), expected);
        }
    }
}
