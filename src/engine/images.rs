//! Images: what is there, building and pulling with their progress.

use super::error::words;
use super::{Engine, EngineError};
use bollard::models::{BuildInfo, CreateImageInfo, ImageInspect, ImageSummary};
use bollard::query_parameters::{
    BuildImageOptions, CreateImageOptions, ListImagesOptions, RemoveImageOptions, TagImageOptions,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::collections::{BTreeMap, HashMap};

/// An image as the engine describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageRow {
    /// `sha256:` and 64 hex digits.
    pub id: String,
    /// `repository:tag`, all of them.
    pub tags: Vec<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Bytes, shared layers included.
    pub size: u64,
    /// Seconds since 1970; only in listings.
    pub created: i64,
    /// Architecture in Go's words; only when described alone.
    pub architecture: String,
    /// Where its containers have a volume without a name; only when described alone.
    pub volumes: Vec<String>,
}

/// One thing that happened during a build or a pull.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A line of the build's output.
    Line(String),
    /// A layer's state.
    Layer {
        /// Short identifier.
        id: String,
        /// Such as `Downloading`.
        status: String,
        /// Bytes done.
        current: u64,
        /// Bytes in all, 0 when unknown.
        total: u64,
    },
    /// The build is done, and this is the image's ID.
    Built(String),
}

/// What a build is made of.
#[derive(Debug, Clone, Default)]
pub struct Build {
    /// A tar archive with a `Dockerfile`.
    pub context: Bytes,
    /// Build arguments.
    pub arguments: BTreeMap<String, String>,
    /// Labels of the result.
    pub labels: BTreeMap<String, String>,
    /// Ask the registry for newer upstream images.
    pub pull: bool,
    /// Build every step again.
    pub no_cache: bool,
}

impl Engine {
    /// One image by reference or ID.
    ///
    /// # Errors
    /// [`EngineError`]; `NotFound`.
    pub async fn image(&self, reference: &str) -> Result<ImageRow, EngineError> {
        let found = self.call(self.docker.inspect_image(reference)).await;
        Ok(row_of_inspect(found?))
    }

    /// All images that carry `label` (`key=value`).
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn images(&self, label: &str) -> Result<Vec<ImageRow>, EngineError> {
        let options = ListImagesOptions {
            filters: Some(HashMap::from([(
                "label".to_string(),
                vec![label.to_string()],
            )])),
            ..ListImagesOptions::default()
        };
        let listed = self.call(self.docker.list_images(Some(options))).await;
        let rows = listed?;
        Ok(rows.into_iter().map(row_of_summary).collect())
    }

    /// Removes an image's tag, and the image with its last one.
    ///
    /// # Errors
    /// [`EngineError`]; `Conflict` when a container uses it.
    pub async fn remove_image(&self, reference: &str, force: bool) -> Result<(), EngineError> {
        let options = RemoveImageOptions {
            force,
            ..RemoveImageOptions::default()
        };
        let removed = self
            .call(self.docker.remove_image(reference, Some(options), None))
            .await;
        removed.map(drop)
    }

    /// Pulls an image; the stream ends when it is there.
    pub fn pull(&self, reference: &str) -> impl Stream<Item = Result<Progress, EngineError>> + '_ {
        let has_tag = reference
            .rsplit('/')
            .next()
            .is_some_and(|last| last.contains([':', '@']));
        let options = CreateImageOptions {
            from_image: Some(reference.to_string()),
            tag: (!has_tag).then(|| "latest".to_string()),
            ..CreateImageOptions::default()
        };
        self.docker
            .create_image(Some(options), None, None)
            .filter_map(|info| async {
                match info.map_err(|e| self.error(e)) {
                    Ok(info) => pulled(info).transpose(),
                    Err(error) => Some(Err(error)),
                }
            })
    }

    /// Gives an image a name, `repository:tag`, which another image may have had.
    ///
    /// # Errors
    /// [`EngineError`]; `NotFound`.
    pub async fn tag_image(&self, image: &str, name: &str) -> Result<(), EngineError> {
        let (repository, tag) = name.rsplit_once(':').unwrap_or((name, "latest"));
        let options = TagImageOptions {
            repo: Some(repository.to_string()),
            tag: Some(tag.to_string()),
        };

        self.call(self.docker.tag_image(image, Some(options))).await
    }

    /// Builds an image without a name with the engine's classic builder; the stream ends when it
    /// is there.
    pub fn build(&self, build: Build) -> impl Stream<Item = Result<Progress, EngineError>> + '_ {
        let options = BuildImageOptions {
            dockerfile: "Dockerfile".into(),
            rm: true,
            forcerm: true,
            pull: build.pull.then(|| "true".to_string()),
            nocache: build.no_cache,
            buildargs: Some(build.arguments.into_iter().collect()),
            labels: Some(build.labels.into_iter().collect()),
            ..BuildImageOptions::default()
        };
        self.docker
            .build_image(options, None, Some(bollard::body_full(build.context)))
            .filter_map(|info| async {
                match info.map_err(|e| self.error(e)) {
                    Ok(info) => built(info).transpose(),
                    Err(error) => Some(Err(error)),
                }
            })
    }
}

fn failed(message: Option<String>) -> EngineError {
    EngineError::Refused {
        status: 200,
        message: message.map_or_else(|| "the engine gave no reason".into(), |text| words(&text)),
    }
}

fn built(info: BuildInfo) -> Result<Option<Progress>, EngineError> {
    if let Some(detail) = info.error_detail {
        return Err(failed(detail.message));
    }
    if let Some(id) = info.aux.and_then(|image| image.id) {
        return Ok(Some(Progress::Built(id)));
    }
    if let (Some(id), Some(status)) = (info.id, info.status) {
        let detail = info.progress_detail.unwrap_or_default();
        return Ok(Some(layer(id, status, detail.current, detail.total)));
    }
    Ok(info.stream.map(Progress::Line))
}

fn pulled(info: CreateImageInfo) -> Result<Option<Progress>, EngineError> {
    if let Some(detail) = info.error_detail {
        return Err(failed(detail.message));
    }
    let detail = info.progress_detail.unwrap_or_default();
    Ok(match (info.id, info.status) {
        (Some(id), Some(status)) => Some(layer(id, status, detail.current, detail.total)),
        (None, status) => status.map(|status| Progress::Line(status + "\n")),
        _ => None,
    })
}

fn layer(id: String, status: String, current: Option<i64>, total: Option<i64>) -> Progress {
    let bytes = |count: Option<i64>| u64::try_from(count.unwrap_or(0)).unwrap_or(0);
    Progress::Layer {
        id,
        status,
        current: bytes(current),
        total: bytes(total),
    }
}

fn row_of_inspect(found: ImageInspect) -> ImageRow {
    let config = found.config.unwrap_or_default();
    ImageRow {
        id: found.id.unwrap_or_default(),
        tags: found.repo_tags.unwrap_or_default(),
        labels: config.labels.unwrap_or_default().into_iter().collect(),
        size: u64::try_from(found.size.unwrap_or(0)).unwrap_or(0),
        created: 0,
        architecture: found.architecture.unwrap_or_default(),
        volumes: config.volumes.unwrap_or_default().into_iter().collect(),
    }
}

fn row_of_summary(found: ImageSummary) -> ImageRow {
    ImageRow {
        id: found.id,
        tags: found.repo_tags,
        labels: found.labels.into_iter().collect(),
        size: u64::try_from(found.size).unwrap_or(0),
        created: found.created,
        architecture: String::new(),
        volumes: Vec::new(),
    }
}
