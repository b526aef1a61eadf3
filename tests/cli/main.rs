//! The command line without an engine: the built binary, its words and its exit codes. This is
//! where the wording of every error is reviewed.

#[path = "../support/mod.rs"]
mod support;

mod agents;
mod completion;
mod completion_attack;
mod config;
mod environment;
mod fifos;
mod guarded;
mod help;
mod json;
mod keep;
mod options;
mod output;
mod questions;
mod secrets;
mod trust;
mod unreachable;
mod usage;
mod volumes;
mod wall;
mod words_attack;
mod workspace;
mod workspace_file;
