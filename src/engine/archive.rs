//! Files in and out of a container, as tar archives.

use super::upload::Waiting;
use super::{Engine, EngineError};
use bollard::query_parameters::{
    ContainerArchiveInfoOptions, DownloadFromContainerOptions, UploadToContainerOptions,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};

/// What is at a path of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// In Go's bits (`io/fs`).
    pub mode: u32,
    /// In bytes.
    pub size: u64,
    /// Where a link leads inside, all links resolved; empty for anything else.
    pub target: String,
}

impl Stat {
    /// A file that has an end and is not waited for.
    #[must_use]
    pub fn is_regular(&self) -> bool {
        const KINDS: u32 = 1 << 31 | 1 << 27 | 1 << 26 | 1 << 25 | 1 << 24 | 1 << 21 | 1 << 19;
        self.mode & KINDS == 0
    }

    /// A directory itself, and no link to one.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        const DIRECTORY: u32 = 1 << 31;
        self.mode & DIRECTORY != 0
    }
}

impl Engine {
    /// Unpacks a tar archive into a directory of a container, running or not.
    ///
    /// # Errors
    /// [`EngineError`]; `NotFound` for the container or the directory.
    pub async fn put_archive(
        &self,
        container: &str,
        directory: &str,
        archive: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static,
    ) -> Result<(), EngineError> {
        let options = UploadToContainerOptions {
            path: directory.to_string(),
            ..UploadToContainerOptions::default()
        };
        let waiting = Waiting::new();
        let body = bollard::body_try_stream(waiting.watch(archive));
        let docker = self.for_uploads();
        self.sent(
            &waiting,
            docker.upload_to_container(container, Some(options), body),
        )
        .await
    }

    /// True for a directory that is there, also through a link.
    ///
    /// # Errors
    /// [`EngineError`]; a path that is not there is no error.
    pub async fn is_directory(&self, container: &str, path: &str) -> Result<bool, EngineError> {
        const DIRECTORY: u32 = 1 << 31;
        let mode = self.file_mode(container, path).await?;
        Ok(mode.is_some_and(|mode| mode & DIRECTORY != 0))
    }

    /// The mode of a file, in Go's bits; `None` when it is not there.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn file_mode(&self, container: &str, path: &str) -> Result<Option<u32>, EngineError> {
        Ok(self.stat(container, path).await?.map(|stat| stat.mode))
    }

    /// What is at a path of a container, running or not. Nothing is opened.
    ///
    /// # Errors
    /// [`EngineError`]; a path that is not there is no error.
    pub async fn stat(&self, container: &str, path: &str) -> Result<Option<Stat>, EngineError> {
        let options = ContainerArchiveInfoOptions {
            path: path.to_string(),
        };
        let asked = self
            .call(
                self.docker
                    .get_container_archive_info(container, Some(options)),
            )
            .await;
        match asked {
            Ok(info) => Ok(Some(Stat {
                mode: info.file_mode,
                size: u64::try_from(info.size).unwrap_or_default(),
                target: info.link_target,
            })),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A file or directory of a container, as a tar archive.
    pub fn archive<'a>(
        &'a self,
        container: &'a str,
        path: &str,
    ) -> impl Stream<Item = Result<Bytes, EngineError>> + 'a {
        let options = DownloadFromContainerOptions {
            path: path.to_string(),
        };
        self.docker
            .download_from_container(container, Some(options))
            .map(|chunk| chunk.map_err(|e| self.error(e)))
    }
}
