//! What `dp` asks of git on the host: who commits, where a linked worktree has its repository, and
//! clones of what a workspace file names.
//!
//! The workspace and its configuration are never written.

mod clone;
mod identity;
mod remote;

pub use clone::{CloneError, clone};
pub use identity::{Identity, identity, outside_repository};
pub use remote::Remote;
