//! The volumes that `dp` keeps: their names, their labels, and the one with the guest's binary.

mod claim;
mod guest;
mod leftovers;
mod name;

pub use claim::foreign;
pub use guest::{GuestBinary, GuestError, fill, own_architecture};
pub use leftovers::Leftovers;
pub use name::{engine, guest, home, login};
