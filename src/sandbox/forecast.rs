//! What carrying out a plan would have to make, for a person who only asks.

use super::apply::ApplyError;
use super::inner_engine;
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
    ) -> Result<Self, ApplyError> {
        let mut forecast = Self::default();
        if matches!(plan, Plan::Create | Plan::Recreate(..)) {
            requirements::check(engine, &mut spec.clone()).await?;
            inner_engine::check(&spec.effective())?;
            forecast.images(engine, spec, pull, authorities).await?;
            forecast.volumes(engine, spec).await?;
        }
        Ok(forecast)
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

    async fn volumes(&mut self, engine: &Engine, spec: &Spec) -> Result<(), EngineError> {
        for mount in spec.container("", "").mounts {
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
