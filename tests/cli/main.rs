//! The command line without an engine: the built binary, its words and its exit codes. This is
//! where the wording of every error is reviewed.

#[path = "../support/mod.rs"]
mod support;

mod agents;
mod completion;
mod config;
mod environment;
mod help;
mod json;
mod keep;
mod options;
mod output;
mod secrets;
mod trust;
mod unreachable;
mod usage;
mod volumes;
mod workspace;
mod workspace_file;
