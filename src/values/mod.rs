//! Values that people write on the command line and in files, parsed once: sizes, ages, ports,
//! users, mount targets, keys, names of variables and secrets.
//!
//! All of it is pure, and it must not know who asks.

mod age;
mod capability;
pub mod informing;
pub mod keys;
pub mod placeholder;
pub mod port;
pub mod target;
pub mod text;
pub mod time;
mod units;
pub mod url;
pub mod user;
pub mod variable;

pub use age::Age;
pub use capability::Capability;
pub use keys::DetachKeys;
pub use port::{PortError, PublishedPort};
pub use units::{Cpus, Memory, UnitError};
