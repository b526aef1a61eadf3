//! Carrying out a build or a pull, with its progress and, when it fails, its last words.

use super::Recipe;
use crate::engine::images::Progress;
use crate::engine::{Engine, EngineError};
use futures_util::{Stream, StreamExt};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::pin;
use std::time::Duration;

/// Between two lines of progress; a layer of a slow registry may be silent for a while.
const SILENCE: Duration = Duration::from_secs(600);
/// How many lines are kept for an error.
const LAST: usize = 40;

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
        /// The engine's words.
        reason: String,
        /// The last lines of the build.
        log: Vec<String>,
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

/// Builds an image whose parent is there and answers its ID; it has no name yet.
///
/// # Errors
/// [`BuildError`].
pub async fn build(
    engine: &Engine,
    recipe: &Recipe,
    pull: bool,
    no_cache: bool,
    watch: Watcher<'_>,
) -> Result<String, BuildError> {
    let stream = engine.build(recipe.build(pull, no_cache)?);
    let built = RefCell::new(None);
    let note = |progress: &Progress| match progress {
        Progress::Built(id) => drop(built.replace(Some(id.clone()))),
        progress => watch(progress),
    };
    let (outcome, log) = follow(&recipe.tag, stream, &note).await?;
    let failed = |reason| BuildError::Failed {
        tag: recipe.tag.clone(),
        reason,
        log,
    };
    match outcome {
        Err(EngineError::Refused { message, .. } | EngineError::NotFound { message }) => {
            Err(failed(message))
        }
        Err(error) => Err(error.into()),
        Ok(()) => built
            .into_inner()
            .ok_or_else(|| failed("the engine did not say what it built".into())),
    }
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
                    for line in text.lines().filter(|line| !line.trim().is_empty()) {
                        log.push_back(line.trim_end().to_string());
                    }
                    log.drain(..log.len().saturating_sub(LAST));
                }
            }
        }
    };
    Ok((outcome, log.into()))
}
