//! The Docker engine: the only module that names bollard.
//!
//! Owns the endpoint, the connection and the words for what goes wrong. Each method is one call of
//! the Engine API (1.41 and newer) unless its description says otherwise. It must not know what a
//! sandbox is.

pub mod archive;
mod connect;
pub mod containers;
mod context;
pub mod endpoint;
mod error;
mod exec;
pub mod facilities;
pub mod images;
pub mod networks;
mod tls;
mod transport;
mod upload;
mod usage;
pub mod volumes;

pub use endpoint::Endpoint;
pub use error::EngineError;
pub use exec::Hijacked;

use bollard::Docker;
use futures_util::future::BoxFuture;
use std::time::Duration;
use tokio::time::timeout;

/// How long one call may take, its whole answer included. Streams have no end of their own: whoever reads
/// one bounds it, or a person follows it.
const CALL: Duration = Duration::from_secs(120);

/// A connection to an engine. Nothing is sent until the first call.
#[derive(Clone)]
pub struct Engine {
    docker: Docker,
    endpoint: Endpoint,
}

/// What an engine says of itself.
#[derive(Debug, Clone)]
pub struct Version {
    /// Release, such as `20.10.24`.
    pub release: String,
    /// The newest API it speaks, such as `1.41`.
    pub api: String,
    /// The kernel its containers run on.
    pub kernel: String,
    /// Architecture in Go's words, such as `amd64`.
    pub architecture: String,
}

impl Engine {
    /// Prepares a connection to `endpoint`.
    ///
    /// # Errors
    /// [`EngineError::Unreachable`] for a socket that does not exist or an address that is none.
    pub fn connect(endpoint: Endpoint) -> Result<Self, EngineError> {
        let docker = connect::connect(&endpoint)?;
        Ok(Self { docker, endpoint })
    }

    /// Where this engine is.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Release, API, kernel and architecture.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn version(&self) -> Result<Version, EngineError> {
        let version = self.call(self.docker.version()).await?;
        Ok(Version {
            release: version.version.unwrap_or_default(),
            api: version.api_version.unwrap_or_default(),
            kernel: version.kernel_version.unwrap_or_default(),
            architecture: version.arch.unwrap_or_default(),
        })
    }

    /// Waits for the whole answer of one call, and no longer than [`CALL`]: an engine may begin an answer
    /// and never end it.
    fn call<'a, T: 'a>(
        &'a self,
        call: impl Future<Output = Result<T, bollard::errors::Error>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, EngineError>> {
        // The library's futures are large, and would be a part of everything that calls.
        Box::pin(async move {
            let answer = timeout(CALL, call).await;
            let answer = answer.unwrap_or(Err(bollard::errors::Error::RequestTimeoutError));
            answer.map_err(|error| self.error(error))
        })
    }

    fn error(&self, error: bollard::errors::Error) -> EngineError {
        EngineError::of(&self.endpoint, error)
    }
}
