//! Tests of the whole module: text in, mistakes or values out.

mod bounds;
mod examples;
mod rules;
mod secrets;
mod toml_writer;
mod yaml_ways;

use super::*;
use std::path::Path;

/// Reads a file as if it were in `/team/app`, by a person whose home is `/home/ann`.
pub(super) fn reading(name: &str, text: &str) -> Reading {
    let base = Base {
        directory: Path::new("/team/app"),
        home: Some(Path::new("/home/ann")),
    };
    read(name, text, base)
}

/// All that is wrong, for people.
pub(super) fn complaints(name: &str, text: &str) -> String {
    reading(name, text).report().1.render(false, 100)
}

/// The values of a file that is right.
pub(super) fn values(name: &str, text: &str) -> WorkspaceFile {
    let (file, report) = reading(name, text).report();
    assert!(!report.has_errors(), "{}", report.render(false, 100));
    file
}
