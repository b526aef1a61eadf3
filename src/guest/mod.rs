//! The guest: what runs as PID 1 of every sandbox, its wire format, and the client that speaks to it.
//!
//! Owns the frames ([`frame`]), the messages ([`message`]), the client ([`client`]) and the program
//! inside (`inside`, Linux only). It must not know the engine, plans, agents or the terminal of the
//! person: whoever wants something of a sandbox brings a connected stream and sends messages.

pub mod client;
pub mod frame;
#[cfg(target_os = "linux")]
pub mod inside;
pub mod message;

/// Where the guest's own binary is mounted, read-only.
pub const BINARY_DIR: &str = "/run/dp/bin";
/// The guest's executable inside a sandbox.
pub const BINARY: &str = "/run/dp/bin/dp";
/// The directory of the host that is bound into the sandbox and carries the guest's socket.
pub const SOCKET_DIR: &str = "/run/dp/s";
/// The name of the guest's socket in [`SOCKET_DIR`].
pub const SOCKET_NAME: &str = "guest.sock";
/// The socket that `dp guest relay` connects to, never visible outside the sandbox.
pub const RELAY_SOCKET: &str = "/run/dp/relay.sock";
/// What the relay writes once it has reached the guest.
pub const RELAY_READY: &[u8] = b"dp\n";
/// The directory of the logs of the agents.
pub const LOG_DIR: &str = "/var/log/dp";

/// The wire protocol that this build speaks.
pub const PROTOCOL: u16 = 1;
/// The oldest protocol that this build still understands.
pub const OLDEST_PROTOCOL: u16 = 1;
