//! Comes by the image of a sandbox: looks it up, builds or pulls it, puts the agent on top.

use super::means::{Means, Pull, Step};
use super::spec::{Image, Spec};
use crate::engine::images::{ImageRow, Progress};
use crate::engine::{Engine, EngineError};
use crate::images::{self, BuildError, Recipe};

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
            let has_agent = found.labels.get(crate::labels::AGENT) == Some(&spec.agent.name);
            let layer = Recipe::layer(&spec.agent, &found.id, means.authorities);
            let Some(layer) = layer.filter(|_| !has_agent) else {
                return Ok(Provided {
                    name: reference.clone(),
                    id: found.id,
                });
            };
            given = [layer];
            &given
        }
    };
    let Some(last) = recipes.last() else {
        return Err(ProvideError::Missing {
            reference: String::new(),
        });
    };
    if means.pull != Pull::Always
        && let Some(id) = find(engine, &last.tag).await?
    {
        return Ok(Provided {
            name: last.tag.clone(),
            id: id.id,
        });
    }
    for recipe in recipes {
        if means.pull == Pull::Always || find(engine, &recipe.tag).await?.is_none() {
            build(engine, recipe, means).await?;
        }
    }
    Ok(Provided {
        name: last.tag.clone(),
        id: engine.image(&last.tag).await?.id,
    })
}

async fn find(engine: &Engine, reference: &str) -> Result<Option<ImageRow>, ProvideError> {
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

async fn build(engine: &Engine, recipe: &Recipe, means: Means<'_>) -> Result<(), ProvideError> {
    (means.report)(Step::Build(recipe.tag.clone()));
    let watch = |progress: &Progress| (means.report)(Step::Image(progress.clone()));
    let pull = means.pull == Pull::Always;
    Ok(images::build(engine, recipe, pull, false, &watch).await?)
}
