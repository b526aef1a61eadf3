//! Comes by the image of a sandbox: looks it up, builds or pulls it, puts the agent on top.

use super::means::{Means, Pull, Step};
use super::spec::{Image, Spec};
use crate::engine::images::{ImageRow, Progress};
use crate::engine::{Engine, EngineError};
use crate::images::authorities::Authorities;
use crate::images::{self, BuildError, Manner, Recipe};
use std::time::Duration;
use tokio::time::Instant;

/// How long others who name the same image may be in the way.
const NAMING: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(25);

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
pub enum ProvideError {
    /// It is not there, and may not be fetched.
    #[error("the image `{reference}` is not there")]
    Missing {
        /// As asked.
        reference: String,
    },
    /// It could not be made.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// An image that is there.
pub(super) struct Provided {
    /// What a person calls it.
    pub(super) name: String,
    /// What the engine is asked for: a container that is made by ID is listed four times as fast.
    pub(super) id: String,
    /// Where it wants volumes.
    pub(super) volumes: Vec<String>,
}

/// The image of `spec`. One call when it is there, two when the agent goes on top of the person's.
pub(super) async fn image(
    engine: &Engine,
    spec: &Spec,
    means: Means<'_>,
) -> Result<Provided, ProvideError> {
    let given;
    let recipes: &[Recipe] = match &spec.image {
        Image::Recipes(recipes) => recipes,
        Image::Given(reference) => {
            let found = find_or_pull(engine, reference, means).await?;
            given = layers(&found, spec, means.authorities);
            if given.is_empty() {
                return Ok(Provided {
                    name: reference.clone(),
                    id: found.id,
                    volumes: found.volumes,
                });
            }
            &given
        }
    };
    let Some((last, parents)) = recipes.split_last() else {
        return Err(ProvideError::Missing {
            reference: String::new(),
        });
    };
    let found = if let Some(found) = ready(engine, last, means).await? {
        found
    } else {
        for parent in parents {
            if ready(engine, parent, means).await?.is_none() {
                build(engine, parent, means).await?;
            }
        }
        build(engine, last, means).await?
    };
    Ok(Provided {
        name: last.tag.clone(),
        id: found.id,
        volumes: found.volumes,
    })
}

/// The ID of the image of the Docker engine beside a sandbox. One call when it is there.
pub(super) async fn engine_image(
    engine: &Engine,
    means: Means<'_>,
) -> Result<String, ProvideError> {
    let recipe = means.engine_recipe;
    match ready(engine, recipe, means).await? {
        Some(found) => Ok(found.id),
        None => Ok(build(engine, recipe, means).await?.id),
    }
}

/// What goes on top of an image of the person's.
pub(super) fn layers(
    found: &ImageRow,
    spec: &Spec,
    authorities: Option<&Authorities>,
) -> Vec<Recipe> {
    // What the image says of itself counts for nothing: a layer's step looks what is there.
    Recipe::layers(spec.programs.iter(), &found.id, authorities)
}

/// What was built before, when that may be used.
async fn ready(
    engine: &Engine,
    recipe: &Recipe,
    means: Means<'_>,
) -> Result<Option<ImageRow>, ProvideError> {
    if means.pull == Pull::Always {
        return Ok(None);
    }
    find(engine, &recipe.tag).await
}

pub(super) async fn find(
    engine: &Engine,
    reference: &str,
) -> Result<Option<ImageRow>, ProvideError> {
    match engine.image(reference).await {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn find_or_pull(
    engine: &Engine,
    reference: &str,
    means: Means<'_>,
) -> Result<ImageRow, ProvideError> {
    if means.pull != Pull::Always
        && let Some(found) = find(engine, reference).await?
    {
        return Ok(found);
    }
    if means.pull == Pull::Never {
        return Err(ProvideError::Missing {
            reference: reference.to_string(),
        });
    }
    (means.report)(Step::Pull(reference.to_string()));
    let watch = |progress: &Progress| (means.report)(Step::Image(progress.clone()));
    images::pull(engine, reference, &watch).await?;
    Ok(engine.image(reference).await?)
}

async fn build(
    engine: &Engine,
    recipe: &Recipe,
    means: Means<'_>,
) -> Result<ImageRow, ProvideError> {
    (means.report)(Step::Build(recipe.tag.clone()));
    let watch = |progress: &Progress| (means.report)(Step::Image(progress.clone()));
    let manner = Manner {
        pull: means.pull == Pull::Always,
        no_cache: false,
        logs: means.build_logs,
        watch: &watch,
    };
    let built = images::build(engine, recipe, manner).await?;
    name(engine, recipe, built, means).await
}

/// Gives what was built its name and answers what the name stands for. Another `dp` may
/// have built it as well; the first one's stays: an engine that stores its images in containerd
/// takes a name away before it gives it to another image, and fails whoever asks in between.
async fn name(
    engine: &Engine,
    recipe: &Recipe,
    built: String,
    means: Means<'_>,
) -> Result<ImageRow, ProvideError> {
    let deadline = Instant::now() + NAMING;
    loop {
        if let Some(found) = ready(engine, recipe, means).await? {
            return Ok(found);
        }
        match engine.tag_image(&built, &recipe.tag).await {
            Ok(()) => return Ok(engine.image(&built).await?),
            Err(error) if Instant::now() > deadline => return Err(error.into()),
            Err(_) => tokio::time::sleep(POLL).await,
        }
    }
}
