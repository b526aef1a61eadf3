//! `dp` runs coding agents in Docker containers on an engine the developer controls.

pub mod agents;
pub mod cli;
pub mod config;
pub mod digest;
pub mod engine;
pub mod files;
pub mod git;
pub mod guest;
pub mod images;
pub mod labels;
pub mod sandbox;
pub mod secrets;
pub mod values;
pub mod volumes;
pub mod workspace;
