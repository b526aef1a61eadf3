//! The agents: the catalogue in the binary and what the user's configuration adds to it.
//!
//! Owns what an agent is made of. It must not know the engine or how an image is built.

mod catalogue;
mod definition;

pub use catalogue::{Catalogue, UnknownAgent};
pub use definition::{Agent, Changes, Definition, StateDirectory};
