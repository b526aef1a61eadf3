//! The images: the base, the agents' layers on top of it, and how both come to be.
//!
//! Owns the recipes and their hashed tags. It must not know sandboxes.

pub mod authorities;
mod build;
mod log;
mod recipe;

pub use build::{BuildError, Manner, Watcher, build, pull};
pub use recipe::{AGENT_REPOSITORY, BASE_REPOSITORY, ENGINE_REPOSITORY, MISSING, Recipe};
