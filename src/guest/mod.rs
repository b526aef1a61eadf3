//! The guest: what runs as PID 1 of every sandbox, its wire format, and the client that speaks to it.
//!
//! Owns the frames ([`frame`]), the messages ([`message`]), the client ([`client`]) and the program
//! inside (`inside`, Linux only). It must not know the engine, plans, agents or the terminal of the
//! person: whoever wants something of a sandbox brings a connected stream and sends messages.

pub mod client;
pub mod environment;
pub mod frame;
#[cfg(target_os = "linux")]
pub mod inside;
pub mod log;
pub mod message;
pub mod offer;
pub mod steps;

/// A file system of our own that holds what the host trusts. It is mounted at the root of the sandbox:
/// nobody inside can rename, remove or replace a directory that something is mounted at, and there is
/// no other one on the way.
pub const ANCHOR: &str = "/.dp";
/// The bytes that it may hold, which count as the sandbox's memory. It holds names only.
pub const ANCHOR_SIZE: i64 = 1 << 20;
/// Where the guest's own binary is mounted, read-only.
pub const BINARY_DIR: &str = "/.dp/bin";
/// The guest's executable inside a sandbox.
pub const BINARY: &str = "/.dp/bin/dp";
/// The directory of the host that is bound into the sandbox and carries the guest's socket.
pub const SOCKET_DIR: &str = "/.dp/s";
/// The name of the guest's socket in [`SOCKET_DIR`].
pub const SOCKET_NAME: &str = "guest.sock";
/// The name of the host's socket there, while the sandbox starts: it gives the guest its own.
pub const OFFER_NAME: &str = "offer.sock";
/// The socket that `dp guest relay` connects to, never visible outside the sandbox.
pub const RELAY_SOCKET: &str = "/.dp/relay.sock";
/// What the relay writes once it has reached the guest.
pub const RELAY_READY: &[u8] = b"dp\n";
/// The most that a list of users or groups may hold when a sandbox ends, in bytes: the engine reads it
/// at the next start.
pub const MOST_NAMES: u64 = 1 << 20;
/// The directory of the logs of the agents.
pub const LOG_DIR: &str = "/var/log/dp";

/// Where the common git directory of a linked worktree can be read, but not written.
pub const GIT_VIEW: &str = "/.dp-git";
/// The directory for git's locks in a linked worktree's common directory, as it is inside.
pub const GIT_LOCKS: &str = "dp";
/// Where the sources of templates lie, a directory each.
pub const TEMPLATES_DIR: &str = "/agents";
/// The data of the inner Docker engine, in the container that it runs in.
pub const INNER_ENGINE_DATA: &str = "/var/lib/docker";
/// What the inner Docker engine needs while it runs.
pub const INNER_ENGINE_DIR: &str = "/run/dp-docker";
/// Where the inner Docker engine answers.
pub const INNER_ENGINE_SOCKET: &str = "/run/dp-docker/docker.sock";
/// Where the engine's image has a `docker` command that runs in any image.
pub const DOCKER_CLIENT_DIR: &str = "/usr/local/lib/dp-docker";
/// The key of the inner Docker engine among the agents; no agent can be called so.
pub const INNER_ENGINE_KEY: &str = ":docker";
/// How a command of the guest ends that does not find what it was given.
pub const NOT_FOUND: u8 = 66;

/// The wire protocol that this build speaks.
pub const PROTOCOL: u16 = 1;
/// The oldest protocol that this build still understands.
pub const OLDEST_PROTOCOL: u16 = 1;
