//! Values that people write on the command line and in files, parsed once: sizes, ages, ports,
//! users, mount targets, names of variables and secrets.
//!
//! All of it is pure, and it must not know who asks.

mod age;
pub mod placeholder;
pub mod port;
pub mod target;
mod units;
pub mod user;
pub mod variable;

pub use age::Age;
pub use port::{PortError, PublishedPort};
pub use units::{Cpus, Memory, UnitError};
