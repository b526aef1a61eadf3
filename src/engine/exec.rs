//! One process in a container with its streams, for the relay to the guest.

use super::{Engine, EngineError};
use bollard::container::LogOutput;
use bollard::exec::{StartExecOptions, StartExecResults};
use bollard::models::ExecConfig;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::pin::Pin;
use tokio::io::AsyncWrite;

/// The streams of an engine exec.
pub struct Hijacked {
    /// What it writes to standard output; words on standard error are errors of the stream.
    pub output: Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>,
    /// Its standard input.
    pub input: Pin<Box<dyn AsyncWrite + Send>>,
}

impl Engine {
    /// Starts a program as root in a running container. Two calls.
    ///
    /// # Errors
    /// [`EngineError`]; `Conflict` when the container does not run.
    pub async fn exec(&self, container: &str, argv: &[&str]) -> Result<Hijacked, EngineError> {
        let config = ExecConfig {
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            user: Some("0:0".into()),
            cmd: Some(argv.iter().map(ToString::to_string).collect()),
            ..ExecConfig::default()
        };
        let exec = self
            .call(self.docker.create_exec(container, config))
            .await?;
        let options = StartExecOptions {
            output_capacity: Some(64 * 1024),
            ..StartExecOptions::default()
        };
        let started = self
            .call(self.docker.start_exec(&exec.id, Some(options)))
            .await;
        match started? {
            StartExecResults::Attached { output, input } => {
                let output = output.map(|chunk| match chunk {
                    Ok(LogOutput::StdErr { message }) => Err(std::io::Error::other(
                        String::from_utf8_lossy(&message).trim().to_string(),
                    )),
                    Ok(chunk) => Ok(chunk.into_bytes()),
                    Err(error) => Err(std::io::Error::other(error)),
                });
                Ok(Hijacked {
                    output: Box::pin(output),
                    input,
                })
            }
            StartExecResults::Detached => Err(EngineError::Refused {
                status: 200,
                message: "the engine did not attach to the process".into(),
            }),
        }
    }
}
