//! `dp config schema`.

use super::super::output::raw;
use super::super::{Context, Result};
use crate::workspace;
use clap::Args;

/// Print the JSON schema of the workspace file, for editors
#[derive(Debug, Args)]
pub(in crate::cli) struct SchemaArgs {}

pub(super) fn run(_: &Context, _: &SchemaArgs) -> Result<u8> {
    raw(text().as_bytes())
}

/// The schema with a newline at its end.
pub(super) fn text() -> String {
    format!("{:#}\n", workspace::schema())
}
