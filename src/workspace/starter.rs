//! The file to begin with, commented, in either format.

use super::source::Format;

/// Where the schema lies that the first line of a starter names, below the workspace.
pub const SCHEMA: &str = ".dspatch/workspace.schema.json";

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Starter {
    /// Its name.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
    /// Where the schema is to be beside it.
    pub schema: &'static str,
}

/// The file to begin with.
#[must_use]
pub fn starter(format: Format) -> Starter {
    let (name, text) = match format {
        Format::Yaml => ("dp.yml", include_str!("starter.yml")),
        Format::Toml => ("dp.toml", include_str!("starter.toml")),
    };
    Starter {
        name,
        text,
        schema: SCHEMA,
    }
}
