//! Sandboxes: from what a person wants, over a plan, to a running container and a session in it.
//!
//! `workspace`, `name` and `settings` say what is wanted; `spec` gathers it; `plan` compares it with
//! what the engine has and decides, purely; `apply` carries the plan out; `channel` reaches the
//! guest; `session` connects the person's terminal with a process inside.

mod anchor;
pub mod apply;
pub mod belongings;
pub mod beside;
pub mod channel;
pub mod collision;
pub mod contents;
pub mod environment;
pub mod existing;
pub mod file_settings;
pub mod forecast;
pub mod gather;
mod gpu;
pub mod guarded;
pub mod hold;
pub mod inner_engine;
pub mod intrusion;
pub mod left;
pub mod lifecycle;
pub mod means;
mod mount;
pub mod mount_points;
mod name;
pub mod network;
mod origins;
mod patience;
pub mod plan;
pub mod proof;
pub mod provide;
pub mod reach;
mod readable;
pub mod recreate;
mod repository;
pub mod requirements;
#[cfg(test)]
mod sample;
pub mod session;
mod settings;
pub mod sockets;
pub mod spec;
pub mod workspace;

pub use existing::Existing;
pub use mount::{MountError, MountSetting};
pub use name::{NameError, SandboxName};
pub use origins::{Origin, Origins};
pub use proof::Moved;
pub use settings::{Difference, Settings};
pub use spec::Spec;
