//! What `dp` asks of git on the host: who commits, where a working tree has its repository, and
//! clones of what a workspace file names.
//!
//! The workspace and its configuration are never written.

mod bounds;
mod clone;
mod configuration;
mod identity;
mod remote;
mod repository;

pub use bounds::Bounds;
pub use clone::{CloneError, clone};
pub use identity::{Identity, identity};
pub use remote::Remote;
pub use repository::{Linked, Repository};
