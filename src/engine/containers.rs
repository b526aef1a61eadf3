//! Containers: create, start, find, end.

mod new;
mod row;

pub use new::{Gpus, NewContainer, NewMount};
pub use row::{ContainerRow, MountRow};

use super::{Engine, EngineError};
use bollard::query_parameters::{
    CreateContainerOptions, InspectContainerOptions, KillContainerOptions, ListContainersOptions,
    LogsOptions, RemoveContainerOptions, RenameContainerOptions, RestartContainerOptions,
    StartContainerOptions, StopContainerOptions,
};
use futures_util::StreamExt;
use new::body;
use row::{row_of_inspect, row_of_summary};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What is read of a container's log, in bytes.
const LOG: usize = 64 * 1024;
/// How long an engine may take to give it.
const PATIENCE: Duration = Duration::from_secs(10);

impl Engine {
    /// Creates a container and answers its ID.
    ///
    /// # Errors
    /// [`EngineError`]; `Conflict` when the name is taken, `NotFound` for the image.
    pub async fn create_container(&self, new: NewContainer) -> Result<String, EngineError> {
        let options = CreateContainerOptions {
            name: Some(new.name.clone()),
            ..CreateContainerOptions::default()
        };
        let created = self
            .call(self.docker.create_container(Some(options), body(new)))
            .await;
        Ok(created?.id)
    }

    /// Starts a container; one that runs already is no error.
    ///
    /// # Errors
    /// [`EngineError`]; `Refused` with the runtime's words when it cannot be started.
    pub async fn start_container(&self, container: &str) -> Result<(), EngineError> {
        self.call(
            self.docker
                .start_container(container, None::<StartContainerOptions>),
        )
        .await
    }

    /// Asks the main process to end, and kills it after `seconds`.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn stop_container(&self, container: &str, seconds: u16) -> Result<(), EngineError> {
        let options = StopContainerOptions {
            t: Some(i32::from(seconds)),
            ..StopContainerOptions::default()
        };

        self.call(self.docker.stop_container(container, Some(options)))
            .await
    }

    /// Stops and starts again.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn restart_container(&self, container: &str) -> Result<(), EngineError> {
        self.call(
            self.docker
                .restart_container(container, None::<RestartContainerOptions>),
        )
        .await
    }

    /// Pauses everything in a container.
    ///
    /// # Errors
    /// [`EngineError`]; `Conflict` or `Refused` when it is paused already or does not run, or where the
    /// engine has no way to pause.
    pub async fn pause_container(&self, container: &str) -> Result<(), EngineError> {
        self.call(self.docker.pause_container(container)).await
    }

    /// Lets a container go on that was paused; one that goes on already is no error.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn unpause_container(&self, container: &str) -> Result<(), EngineError> {
        let unpaused = self.call(self.docker.unpause_container(container)).await;
        match unpaused {
            Err(EngineError::Refused { message, .. } | EngineError::Conflict { message })
                if message.contains("is not paused") =>
            {
                Ok(())
            }
            unpaused => unpaused,
        }
    }

    /// Kills the main process at once.
    ///
    /// # Errors
    /// [`EngineError`]; `Conflict` when it does not run.
    pub async fn kill_container(&self, container: &str) -> Result<(), EngineError> {
        self.call(
            self.docker
                .kill_container(container, None::<KillContainerOptions>),
        )
        .await
    }

    /// Gives a container another name.
    ///
    /// # Errors
    /// [`EngineError`]; `NotFound`, and `Conflict` when the name is taken.
    pub async fn rename_container(&self, container: &str, name: &str) -> Result<(), EngineError> {
        let options = RenameContainerOptions {
            name: name.to_string(),
        };

        self.call(self.docker.rename_container(container, options))
            .await
    }

    /// Removes a container, running or not; its named volumes stay.
    ///
    /// # Errors
    /// [`EngineError`]; `NotFound`, and `Conflict` while another removal is under way.
    pub async fn remove_container(&self, container: &str) -> Result<(), EngineError> {
        let options = RemoveContainerOptions {
            force: true,
            v: true,
            link: false,
        };

        self.call(self.docker.remove_container(container, Some(options)))
            .await
    }

    /// Describes one container by name, ID or a prefix of the ID.
    ///
    /// # Errors
    /// [`EngineError`]; `NotFound`.
    pub async fn container(&self, container: &str) -> Result<ContainerRow, EngineError> {
        let found = self
            .call(
                self.docker
                    .inspect_container(container, None::<InspectContainerOptions>),
            )
            .await;
        Ok(row_of_inspect(found?))
    }

    /// All containers, running or not, that carry every one of `labels` (`key=value`).
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn containers(&self, labels: &[String]) -> Result<Vec<ContainerRow>, EngineError> {
        let filters = HashMap::from([("label".to_string(), labels.to_vec())]);
        let options = ListContainersOptions {
            all: true,
            filters: Some(filters),
            ..ListContainersOptions::default()
        };
        let listed = self.call(self.docker.list_containers(Some(options))).await;
        let rows = listed?;
        Ok(rows.into_iter().map(row_of_summary).collect())
    }

    /// The last lines that a container's main process wrote, for a start that failed; no more than
    /// [`LOG`] of them, and what comes within [`PATIENCE`].
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn container_log(&self, container: &str, lines: u16) -> Result<String, EngineError> {
        let options = LogsOptions {
            stdout: true,
            stderr: true,
            tail: lines.to_string(),
            ..LogsOptions::default()
        };
        let mut chunks = self.docker.logs(container, Some(options));
        let deadline = Instant::now() + PATIENCE;
        let mut text = Vec::new();
        while text.len() < LOG
            && let Ok(Some(chunk)) = timeout_at(deadline, chunks.next()).await
        {
            let chunk = chunk.map_err(|e| self.error(e))?;
            text.extend_from_slice(&chunk.into_bytes());
        }
        text.truncate(LOG);
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}
