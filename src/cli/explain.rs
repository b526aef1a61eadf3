//! From the errors of the modules to sentences with hints: the one place where wording lives.

mod engine;
mod given;
mod lifecycle;
mod making;
mod requirements;

use super::Error;
use crate::guest::client::ClientError;
use crate::guest::message::FailureCode;
use crate::sandbox::channel::ChannelError;
use crate::sandbox::existing::SelectError;
use crate::values::text::word;

const AGAIN: &str = "run the same command again";

/// `a, b and c`, in backticks.
pub(super) fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| named(name)).collect();
    match quoted.split_last() {
        None => "none".into(),
        Some((one, [])) => one.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// A name in a sentence; in double quotes where it is no plain word.
pub(super) fn named(name: &str) -> String {
    match word(name) {
        plain if plain == name => format!("`{plain}`"),
        quoted => quoted,
    }
}

/// Asks whether this name was meant.
pub(super) fn did_you_mean(near: &str) -> String {
    format!("did you mean {}?", named(near))
}

/// The name that was meant, probably.
pub(super) fn near<'a>(given: &str, known: &'a [String]) -> Option<&'a String> {
    let likeness = known
        .iter()
        .map(|name| (strsim::jaro_winkler(name, given), name))
        .filter(|(likeness, _)| *likeness > 0.8);
    let (_, name) = likeness.max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(name)
}

impl From<SelectError> for Error {
    fn from(error: SelectError) -> Self {
        let message = error.to_string();
        match error {
            SelectError::Missing { given, known } => {
                let shown = Self::not_found("no-sandbox", message);
                match near(&given, &known) {
                    Some(name) => shown.hint(did_you_mean(name)),
                    None => shown.hint("`dp sandbox ls` lists them; `dp run AGENT` makes one here"),
                }
            }
            SelectError::OfOthers { names, .. } => Self::not_found("no-sandbox", message)
                .cause(format!("other people have {}", list(&names)))
                .hint("`dp run --name NAME AGENT` makes one of your own"),
            SelectError::Ambiguous { names, .. } => Self::usage("ambiguous-sandbox", message)
                .cause(list(&names))
                .hint("type one of them in its place"),
            SelectError::Engine(error) => error.into(),
        }
    }
}

impl From<ChannelError> for Error {
    fn from(error: ChannelError) -> Self {
        let message = error.to_string();
        match error {
            ChannelError::Ended {
                log,
                name,
                is_removed,
            } => {
                let shown =
                    Self::failed("sandbox-ended", message).details(log.lines().map(str::to_string));
                if is_removed {
                    shown.cause("`dp` removed the sandbox again")
                } else {
                    shown.hint(format!("`dp sandbox rm {name}` clears it away"))
                }
            }
            ChannelError::Gone { agent, .. } => Self::failed("sandbox-gone", message).hint(
                format!("`dp run {agent}` brings it back; the workspace and logins are kept"),
            ),
            ChannelError::Silent { reason, name } => Self::failed("sandbox-silent", message)
                .cause(reason)
                .hint(format!(
                    "`dp sandbox stop {name}` and the same command again starts it anew"
                )),
            ChannelError::Engine(error) => error.into(),
        }
    }
}

impl From<ClientError> for Error {
    fn from(error: ClientError) -> Self {
        let message = error.to_string();
        match error {
            ClientError::Refused(failure) => match failure.code {
                FailureCode::NotFound => Self::failed("command-not-found", message).exiting(127),
                FailureCode::NotExecutable => Self::failed("not-executable", message).exiting(126),
                FailureCode::NoDirectory => Self::failed("no-directory", message),
                FailureCode::NoUser => Self::not_found("no-user", message),
                FailureCode::UnknownRequest => Self::refused(
                    "guest-generation",
                    "the sandbox was made by an older `dp` and does not know this",
                )
                .cause(failure.message)
                .hint("`--recreate` makes it anew; the workspace and logins are kept"),
                FailureCode::Unproven => Self::refused("unproven", message)
                    .cause("the `dp` that started it was ended before it had looked")
                    .hint("`dp sandbox restart` starts it anew"),
                FailureCode::NoProcess => Self::not_found("no-process", message),
                FailureCode::StepFailed => Self::failed("step-failed", message),
                _ => Self::failed("guest-refused", message),
            },
            ClientError::Connection(source) if is_end(&source) => {
                Self::failed("sandbox-gone", "the sandbox went away during the session")
                    .cause("it was stopped or removed, or the engine ended")
                    .hint("the same command starts it again; files and logins are kept")
            }
            ClientError::Connection(source) => {
                Self::failed("connection", "the connection to the sandbox broke").cause(source)
            }
            ClientError::Generation { .. } => Self::refused("guest-generation", message)
                .hint("`--recreate` makes the sandbox anew; the workspace and logins are kept"),
            ClientError::Output(source) => Self::failed("stdout", message).cause(source),
            ClientError::Deadline | ClientError::Garbage(_) => Self::failed("guest", message)
                .hint("`dp sandbox stop` and the same command again starts it anew"),
        }
    }
}

/// How the end of a sandbox looks from outside, by what was under way.
fn is_end(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset | BrokenPipe)
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::failed("io", "the system refused").cause(error)
    }
}
