//! Carrying out a build or a pull, with its progress and, when it fails, its last words.

use super::Recipe;
use super::log::Log;
use crate::engine::images::Progress;
use crate::engine::{Engine, EngineError};
use futures_util::{Stream, StreamExt};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

/// Between two lines of progress; a layer of a slow registry may be silent for a while.
const SILENCE: Duration = Duration::from_secs(600);
/// How many lines are kept for an error.
const LAST: usize = 40;
/// How many letters of a step an error has.
const FIRST: usize = 60;

/// Whoever shows progress.
pub type Watcher<'a> = &'a dyn Fn(&Progress);

/// Why an image could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A step failed.
    #[error("building `{tag}` failed")]
    Failed {
        /// What was being built.
        tag: String,
        /// The step's first words and its exit code, else the engine's words.
        reason: String,
        /// The last lines of the build.
        last: Vec<String>,
        /// The file with all lines, when it could be written.
        log: Option<PathBuf>,
    },
    /// The registry does not have it, or cannot be reached.
    #[error("cannot pull the image `{reference}`")]
    Pull {
        /// The image.
        reference: String,
        /// The engine's words.
        reason: String,
    },
    /// Nothing was heard for ten minutes.
    #[error("nothing was heard of `{what}` for {} minutes", SILENCE.as_secs() / 60)]
    Silence {
        /// The image.
        what: String,
    },
    /// Any other failure of the engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The context could not be packed.
    #[error("cannot pack the build's files")]
    Context(#[from] std::io::Error),
}

/// How an image is built.
#[derive(Clone, Copy)]
pub struct Manner<'a> {
    /// Ask the registry for newer upstream images.
    pub pull: bool,
    /// Build every step again.
    pub no_cache: bool,
    /// The directory where the log is kept when the build fails.
    pub logs: &'a Path,
    /// Whoever shows progress.
    pub watch: Watcher<'a>,
}

/// Builds an image whose parent is there and answers its ID; it has no name yet.
///
/// # Errors
/// [`BuildError`].
pub async fn build(
    engine: &Engine,
    recipe: &Recipe,
    manner: Manner<'_>,
) -> Result<String, BuildError> {
    let stream = engine.build(recipe.build(manner.pull, manner.no_cache)?);
    let log = RefCell::new(Log::begin(manner.logs));
    let built = RefCell::new(None);
    let watch = |progress: &Progress| match progress {
        Progress::Built(id) => drop(built.replace(Some(id.clone()))),
        progress => {
            if let Progress::Line(text) = progress {
                log.borrow_mut().add(text);
            }
            (manner.watch)(progress);
        }
    };
    let (outcome, last) = follow(&recipe.tag, stream, &watch).await?;
    let failed = |message: String| {
        let mut log = log.into_inner();
        log.add(&format!("{message}\n"));
        BuildError::Failed {
            tag: recipe.tag.clone(),
            reason: reason(&message, recipe.install.as_deref()),
            last,
            log: log.keep(&recipe.tag),
        }
    };
    match outcome {
        Err(EngineError::Refused { message, .. } | EngineError::NotFound { message }) => {
            Err(failed(message))
        }
        Err(error) => Err(error.into()),
        Ok(()) => match built.into_inner() {
            Some(id) => Ok(id),
            None => Err(failed("the engine did not say what it built".into())),
        },
    }
}

/// What failed, in brief: the engine quotes the whole command. In an agent's layer the step is its
/// installation, whatever is wrapped around it.
fn reason(message: &str, install: Option<&str>) -> String {
    let failed = message.strip_prefix("The command '").and_then(|rest| {
        let (command, code) = rest.rsplit_once("' returned a non-zero code: ")?;
        Some((command.trim_start_matches("/bin/sh -c "), code.trim()))
    });
    match failed {
        Some((command, code)) => {
            let step = first_words(install.unwrap_or(command));
            format!("`{step}` exited with code {code}")
        }
        None => message.to_string(),
    }
}

/// The beginning of a command, in one line, cut between two words.
fn first_words(command: &str) -> String {
    let mut short = String::new();
    for word in command.split_whitespace() {
        if !short.is_empty() && short.chars().count() + word.chars().count() >= FIRST {
            return short + " …";
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    short
}

/// Pulls an image.
///
/// # Errors
/// [`BuildError`].
pub async fn pull(engine: &Engine, reference: &str, watch: Watcher<'_>) -> Result<(), BuildError> {
    let (outcome, _) = follow(reference, engine.pull(reference), watch).await?;
    match outcome {
        Err(
            EngineError::Refused { message, .. }
            | EngineError::NotFound { message }
            | EngineError::Conflict { message },
        ) => Err(BuildError::Pull {
            reference: reference.to_string(),
            reason: message,
        }),
        outcome => Ok(outcome?),
    }
}

type Followed = (Result<(), EngineError>, Vec<String>);

async fn follow(
    what: &str,
    stream: impl Stream<Item = Result<Progress, EngineError>>,
    watch: Watcher<'_>,
) -> Result<Followed, BuildError> {
    let mut stream = pin!(stream);
    let mut log = VecDeque::new();
    let outcome = loop {
        let next = tokio::time::timeout(SILENCE, stream.next()).await;
        match next.map_err(|_| BuildError::Silence { what: what.into() })? {
            None => break Ok(()),
            Some(Err(error)) => break Err(error),
            Some(Ok(progress)) => {
                watch(&progress);
                if let Progress::Line(text) = progress {
                    for line in text.lines().filter(|line| says_something(line)) {
                        log.push_back(line.trim_end().to_string());
                    }
                    log.drain(..log.len().saturating_sub(LAST));
                }
            }
        }
    };
    Ok((outcome, log.into()))
}

/// Not what the engine says of its own containers and layers.
fn says_something(line: &str) -> bool {
    let line = line.trim();
    let is_housekeeping = ["---> ", "Removing intermediate container "]
        .iter()
        .any(|start| line.starts_with(start));
    !line.is_empty() && !is_housekeeping
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_short() {
        let quoted = |command: &str| format!("The command '{command}' returned a non-zero code: 7");
        let long = quoted("/bin/sh -c export A=1; if ! command -v x; then npm install x; fi");
        let base = quoted(&format!(
            "/bin/sh -c apt-get update   && apt-get install {}",
            "git ".repeat(40)
        ));
        let table = [
            (
                long.as_str(),
                Some("npm install x"),
                "`npm install x` exited with code 7",
            ),
            (
                &base,
                None,
                "`apt-get update && apt-get install git git git git git git …` exited with code 7",
            ),
            (&quoted("/hello"), None, "`/hello` exited with code 7"),
            ("pull access denied", Some("x"), "pull access denied"),
        ];
        for (message, install, expected) in table {
            assert_eq!(reason(message, install), expected);
        }
    }
}
