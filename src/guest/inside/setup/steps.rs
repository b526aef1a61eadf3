//! The steps of a template as the guest runs them: a step that cannot be is a failure of its own.

use super::step_failed;
use crate::guest::message::Failure;
use crate::guest::message::set_up::{SetUp, Template};
pub use crate::guest::steps::{Step, inputs};
use std::path::Path;

/// The steps of a template, in order.
///
/// # Errors
/// `StepFailed` for a declared hook that is not there or lies outside.
pub fn of(directory: &Path, template: &Template, limits: &SetUp) -> Result<Vec<Step>, Failure> {
    let steps = crate::guest::steps::of(directory, template, limits);
    steps.map_err(|error| step_failed(&template.name, error.step, &error.why))
}
