//! From a sandbox that runs to agents that run in it: sources in, dependencies installed, processes
//! started.

pub mod bring_up;
pub mod deliver;
mod named;
pub mod pack;
pub mod sources;
pub mod team;
