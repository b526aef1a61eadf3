//! What a person types and reads. One noun a folder, one verb a file; the only place that prints.

mod agents;
mod approval;
mod complete;
mod completions;
mod config;
mod context;
mod doctor;
mod error;
mod explain;
mod file_change;
mod image;
mod interrupt;
mod listing;
mod man;
mod mistyped;
mod moment;
mod output;
mod privileged;
mod progress;
mod prompt;
mod sandbox;
mod secret;
mod trust;
mod typed;
mod volumes;
mod workspace_file;

pub use context::Context;
pub use error::{Error, Kind};
pub use output::report;

use clap::{Args, Parser, Subcommand};
use output::{Color, Format};
use std::ffi::OsString;

/// What every command answers.
pub type Result<T> = std::result::Result<T, Error>;

/// Run coding agents in Docker containers on an engine you control
#[derive(Debug, Parser)]
#[command(
    name = "dp",
    version,
    propagate_version = false,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "Start with `dp run claude` in a project directory; `dp run shell` looks around inside.\n\
                  `dp COMMAND --help` tells more about each command."
)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command knows.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]
    #[arg(
        long,
        global = true,
        value_name = "ADDRESS",
        env = "DP_ENGINE",
        hide_env = true
    )]
    engine: Option<String>,
    /// How answers are written
    #[arg(long, global = true, value_name = "FORMAT", value_enum, default_value_t = Format::Table)]
    format: Format,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    color: Color,
    /// Never ask a question: fail, and say which option answers it
    #[arg(long, global = true, env = "DP_NO_INPUT", hide_env = true, value_parser = clap::builder::FalseyValueParser::new())]
    no_input: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Run(sandbox::Shortcut),
    #[command(subcommand)]
    Sandbox(sandbox::Command),
    #[command(subcommand)]
    Agents(agents::Command),
    #[command(subcommand)]
    Image(image::Command),
    #[command(subcommand)]
    Volumes(volumes::Command),
    #[command(subcommand)]
    Secret(secret::Command),
    #[command(subcommand)]
    Config(config::Command),
    Trust(trust::TrustArgs),
    Doctor(doctor::DoctorArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    #[command(skip)]
    Complete(complete::Wanted),
}

/// The whole command line, for completions, manual pages and tests.
#[must_use]
pub fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

/// Parses the command line.
///
/// # Errors
/// [`Error`] of kind usage; help and version are printed and answered with exit code 0.
pub fn parse(arguments: Vec<OsString>) -> std::result::Result<Cli, u8> {
    if let Some(question) = complete::question(&arguments) {
        return Ok(question);
    }
    let arguments = mistyped::help_as_option(arguments);
    Cli::try_parse_from(&arguments).map_err(|mut error| {
        mistyped::add_tips(&mut error, &arguments);
        let is_session = sandbox::is_session(&arguments);
        output::usage(&error, is_session, wants_json(&arguments))
    })
}

/// The command line asks for JSON, as far as one that cannot be parsed says.
fn wants_json(arguments: &[OsString]) -> bool {
    let pairs = arguments.windows(2);
    arguments.iter().any(|word| word == "--format=json") || { pairs }
        .any(|pair| pair[0] == "--format" && pair[1] == "json")
}

/// Carries a command out and answers its exit code.
pub async fn run(cli: Cli) -> u8 {
    crate::sandbox::session::heed::end_by(interrupt::end_unheeded);
    let ctx = Context::new(cli.global.clone());
    let outcome = match cli.command {
        Command::Run(sandbox::Shortcut::Run(args)) => sandbox::run(&ctx, args).await,
        Command::Sandbox(command) => command.run(&ctx).await,
        Command::Agents(command) => command.run(&ctx),
        Command::Image(command) => command.run(&ctx).await,
        Command::Volumes(command) => command.run(&ctx).await,
        Command::Secret(command) => command.run(&ctx),
        Command::Config(command) => command.run(&ctx),
        Command::Trust(args) => trust::run(&ctx, &args).await,
        Command::Doctor(args) => doctor::run(&ctx, &args).await,
        Command::Completions(args) => completions::run(&ctx, &args),
        Command::Man(args) => man::run(&ctx, &args),
        Command::Complete(wanted) => complete::run(cli.global, &wanted),
    };
    outcome.unwrap_or_else(|error| report(&ctx, &error))
}
