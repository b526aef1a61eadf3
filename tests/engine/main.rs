//! `dp` with a real engine: the built binary, real containers, real terminals. No engine is a
//! failure, not a skip: `scripts/engine` and `scripts/fixtures` make what is needed.

#[path = "../support/mod.rs"]
mod support;

mod applied;
mod at_rest;
mod below;
mod by_file;
mod commands;
mod crowd;
mod dind;
mod disks;
mod enter;
mod examples;
mod faults;
mod git;
mod guest;
mod home;
mod images;
mod json;
mod leaving;
mod logins;
mod options;
mod packages;
mod people;
mod plan;
mod prune;
mod reach;
mod recreate;
mod restart;
mod session;
mod setup;
mod sizes;
mod sources;
mod supervision;
mod team;
mod terminal;
mod user;
mod verbatim;
mod volumes;

use support::{Dp, Ran};

/// Runs a command line in the small image: `dp run -t dp-test/busybox shell -c SCRIPT`.
fn sh(dp: &Dp, script: &str) -> Ran {
    dp.run(["run", "-t", "dp-test/busybox", "shell", "-c", script])
}
