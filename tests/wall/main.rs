//! The wall: attacks through the built binary, with a real engine where one is needed, each of which
//! once worked or was tried. `SECURITY.md` names them. A test here fails when its attack works.

#[path = "../support/mod.rs"]
mod support;

mod anchor;
mod asks;
mod beside;
mod capabilities;
mod completion;
mod copies;
mod crowds;
mod docker;
mod excerpts;
mod fifos;
mod files;
mod guarded;
mod guesses;
mod guests;
mod hold;
mod host;
mod images;
mod labels;
mod leases;
mod leftovers;
mod logins;
mod logs;
mod mount_points;
mod mounts;
mod names;
mod network;
mod questions;
mod repositories;
mod selectors;
mod servers;
mod sessions;
mod sockets;
mod typed;
mod words;

use support::{Dp, Ran};

/// Runs a command line in the small image: `dp run -t dp-test/busybox shell -c SCRIPT`.
fn sh(dp: &Dp, script: &str) -> Ran {
    dp.run(["run", "-t", "dp-test/busybox", "shell", "-c", script])
}
