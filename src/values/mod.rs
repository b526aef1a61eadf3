//! Values that people write on the command line and in files, parsed once: sizes, ports, users,
//! mount targets, keys, names of variables and secrets.
//!
//! All of it is pure, and it must not know who asks.

pub mod keys;
pub mod placeholder;
pub mod port;
pub mod target;
pub mod time;
mod units;
pub mod user;
pub mod variable;

pub use keys::DetachKeys;
pub use port::{PortError, PublishedPort};
pub use units::{Cpus, Memory, UnitError};
