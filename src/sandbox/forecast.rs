//! What carrying out a plan would have to make, for a person who only asks.

use super::apply::ApplyError;
use super::inner_engine::{self, InnerEngine};
use super::means::Pull;
use super::plan::Plan;
use super::provide::{self, ProvideError};
use super::requirements;
use super::spec::{Image, Spec};
use crate::engine::containers::NewMount;
use crate::engine::{Engine, EngineError};
use crate::images::Recipe;
use crate::images::authorities::Authorities;
use serde::Serialize;

/// What is not there yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// Images that a registry would be asked for.
    pub to_pull: Vec<String>,
    /// Images that would be built.
    pub to_build: Vec<String>,
    /// Volumes that would be made.
    pub new_volumes: Vec<String>,
    /// Docker inside, where nobody says anything of it.
    #[serde(skip)]
    pub inner_engine: Option<InnerEngine>,
}

impl Forecast {
    /// Looks at the images and volumes of a sandbox that would be made, and at what it needs. A
    /// call for each.
    ///
    /// # Errors
    /// [`ApplyError`], as the run would say it.
    pub async fn of(
        engine: &Engine,
        spec: &Spec,
        plan: &Plan,
        pull: Pull,
        authorities: Option<&Authorities>,
        engine_recipe: &Recipe,
    ) -> Result<Self, ApplyError> {
        let mut forecast = Self::default();
        if matches!(plan, Plan::Create | Plan::Recreate(..)) {
            let mut spec = spec.clone();
            requirements::check(engine, &mut spec).await?;
            inner_engine::check(&spec.effective())?;
            forecast.images(engine, &spec, pull, authorities).await?;
            forecast.inner_engine = inner_engine::by_default(&spec);
            let spec = forecast.complete(&spec);
            if spec.effective().dind.is_some_and(InnerEngine::is_beside) {
                forecast.engine(engine, engine_recipe, pull).await?;
            }
            forecast.volumes(engine, &spec).await?;
        }
        Ok(forecast)
    }

    /// What a person asks for, completed by what holds where nobody asks.
    #[must_use]
    pub fn complete(&self, spec: &Spec) -> Spec {
        let mut spec = spec.clone();
        spec.asked.dind = spec.effective().dind.or(self.inner_engine);
        spec
    }

    async fn images(
        &mut self,
        engine: &Engine,
        spec: &Spec,
        pull: Pull,
        authorities: Option<&Authorities>,
    ) -> Result<(), ProvideError> {
        let given;
        let recipes: &[Recipe] = match &spec.image {
            Image::Recipes(recipes) => recipes,
            Image::Given(reference) => match provide::find(engine, reference).await? {
                Some(found) if pull != Pull::Always => {
                    given = provide::layers(&found, spec, authorities);
                    &given
                }
                None if pull == Pull::Never => {
                    return Err(ProvideError::Missing {
                        reference: reference.clone(),
                    });
                }
                _ => {
                    // What goes on top is named after what will have come.
                    self.to_pull.push(reference.clone());
                    return Ok(());
                }
            },
        };
        let is_ready = |tag: &str| {
            let tag = tag.to_string();
            async move { Ok::<_, ProvideError>(provide::find(engine, &tag).await?.is_some()) }
        };
        let Some(last) = recipes.last() else {
            return Ok(());
        };
        if pull != Pull::Always && is_ready(&last.tag).await? {
            return Ok(());
        }
        for recipe in recipes {
            if pull == Pull::Always || !is_ready(&recipe.tag).await? {
                self.to_build.push(recipe.tag.clone());
            }
        }
        Ok(())
    }

    /// The image of the engine beside it.
    async fn engine(
        &mut self,
        engine: &Engine,
        recipe: &Recipe,
        pull: Pull,
    ) -> Result<(), ProvideError> {
        if pull == Pull::Always || provide::find(engine, &recipe.tag).await?.is_none() {
            self.to_build.push(recipe.tag.clone());
        }
        Ok(())
    }

    async fn volumes(&mut self, engine: &Engine, spec: &Spec) -> Result<(), EngineError> {
        let mounts = spec.container("", "").mounts.into_iter();
        for mount in mounts.chain(inner_engine::data(spec)) {
            let NewMount::Volume { name, .. } = mount else {
                continue;
            };
            match engine.volume(&name).await {
                Ok(_) => {}
                Err(error) if error.is_not_found() => self.new_volumes.push(name),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
