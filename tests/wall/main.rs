//! The wall: attacks through the built binary and a real engine, each of which once worked or was
//! tried. `SECURITY.md` names them. A test here fails when its attack works.

#[path = "../support/mod.rs"]
mod support;

mod docker;
