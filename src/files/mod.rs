//! Paths of this machine, opened so that nobody can change what they lead to between a look and a
//! use: an agent runs in the same directories and is told when `dp` reads.
//!
//! [`Pinned`] is a path that was resolved once, [`Pins`] all of a command; [`open_beneath`] and
//! [`read`] open what lies below a descriptor; [`write`] puts files of `dp` in their place. It must
//! not know what the paths are for.

mod beneath;
mod directory;
mod entries;
mod mount_point;
mod mount_table;
mod names;
mod pack;
mod pinned;
mod pins;
mod place;
mod read;
mod setuid;
mod typed;
mod unpack;
mod walk;
mod write;

pub use beneath::{open_absolute, open_beneath};
pub use directory::{Directory, Look};
pub use mount_point::{Found, Hindrance, Point, find_mount_point, make_mount_point};
pub use mount_table::{Location, MountTable};
pub use names::{Names, names_below};
pub use pack::{Owner, pack, pack_all};
pub use pinned::{Identity, Pinned};
pub use pins::Pins;
pub use place::{Place, Traits};
pub use read::{ReadError, open_file, open_file_beneath, read, read_beneath, read_text};
pub use setuid::{Bounds, Means, Privileged, Unseen, privileged_files};
pub use typed::{LeadsOut, Typed, TypedError};
pub use unpack::{Naming, Owners, rename, unpack};
pub use walk::{Walked, walk};
pub use write::{create, private_directory, replace};
