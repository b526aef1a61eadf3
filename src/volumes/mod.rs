//! The volumes that `dp` keeps: their names, what the engine knows of them, removing them, and the
//! one with the guest's binary. It must not know what a sandbox is made of.

mod claim;
mod found;
mod guest;
mod leftovers;
mod name;
pub mod ownership;
mod removal;
mod usage;

pub use claim::{ClaimError, claim};
pub use found::{User, Volume};
pub use guest::{GuestBinary, GuestError, fill, own_architecture};
pub use leftovers::Leftovers;
pub use name::{docker_client, engine, guest, home, login, tag_of_docker_client};
pub use removal::{Unwanted, VolumeError, refuse_used, remove, remove_unused, select};
pub use usage::{Usage, UsageError};
