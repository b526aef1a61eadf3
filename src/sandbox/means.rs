//! What carrying out a plan may use, and what it tells on its way.

use super::hold::Known;
use super::recreate::Halfway;
use crate::engine::images::Progress;
use crate::files::Pins;
use crate::images::Recipe;
use crate::images::authorities::Authorities;
use crate::values::Cpus;
use crate::volumes::GuestBinary;
use std::path::Path;

/// When images are asked of a registry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Pull {
    /// Each time.
    Always,
    /// When they are not there.
    #[default]
    Missing,
    /// Never.
    Never,
}

/// What is being done, for whoever watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// An image is built.
    Build(String),
    /// An image is pulled.
    Pull(String),
    /// Progress of a build or pull.
    Image(Progress),
    /// The guest is delivered to the engine.
    Deliver,
    /// There will be no Docker engine, which nobody asked for: its image could not be made.
    NoEngine(String),
    /// The engine's machine has only so many CPUs, fewer than the limit.
    AllCpus(Cpus),
}

/// How images are come by.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// When to ask a registry.
    pub pull: Pull,
    /// The guest to deliver.
    pub guest: &'a GuestBinary,
    /// The image of the Docker engine beside a sandbox.
    pub engine_recipe: &'a Recipe,
    /// The host's authorities, when they are wanted.
    pub authorities: Option<&'a Authorities>,
    /// The directory where the log of a build that fails is kept.
    pub build_logs: &'a Path,
    /// What a person agreed to, and what is started.
    pub pins: &'a Pins,
    /// What is known of all sandboxes.
    pub known: &'a Known,
    /// Whoever watches.
    pub report: &'a dyn Fn(Step),
    /// Where a recreation says how far it is, for whoever stops it in the middle.
    pub halfway: &'a Halfway,
}
