//! Makes the templates ready in a sandbox that runs: sources that changed go in, hooks and
//! installations run. Nothing is sent when nothing has changed.

use super::deliver::{DeliverError, deliver};
use super::pack::{PackError, Source};
use super::sources::Template;
use crate::engine::Engine;
use crate::guest::client::{Client, ClientError};
use crate::guest::message::set_up::{SetUp, StepReport};
use crate::guest::message::{Account, Reply, Request};
use crate::sandbox::Existing;
use crate::sandbox::channel::{self, ChannelError};
use std::collections::BTreeMap;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Why the templates are not ready.
#[derive(Debug, thiserror::Error)]
pub enum BringUpError {
    /// A source did not arrive.
    #[error("the template `{template}` could not be brought into the sandbox")]
    Deliver {
        /// Its name.
        template: String,
        /// Why.
        source: DeliverError,
    },
    /// The guest could not be reached.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// The guest could not be talked to, or a step failed.
    #[error(transparent)]
    Guest(#[from] ClientError),
}

/// What is told on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A source is brought in.
    Copying {
        /// The template.
        template: String,
    },
    /// It is there.
    Copied {
        /// The template.
        template: String,
        /// How long it took.
        took: Duration,
    },
    /// A step.
    Step(StepReport),
}

/// Whoever hears it.
pub type Listener = Arc<dyn Fn(Told) + Send + Sync>;

/// Brings everything up.
///
/// # Errors
/// [`BringUpError`]; what was done by then is not done again.
pub async fn bring_up(
    engine: &Engine,
    sandbox: &Existing,
    templates: Vec<Template>,
    account: Account,
    set_up: SetUp,
    listener: Listener,
) -> Result<(), BringUpError> {
    if templates.is_empty() {
        return Ok(());
    }
    let known = known(channel::open(engine, sandbox, false).await?).await?;
    for template in templates {
        let name = template.name.clone();
        let failed = |source: DeliverError| BringUpError::Deliver {
            template: name.clone(),
            source,
        };
        let opened = blocking(move || Source::open(&template.directory)).await;
        let source = opened.map_err(|error: PackError| failed(error.into()))?;
        let fingerprint = source.fingerprint();
        if known.get(&name) == Some(&fingerprint) {
            continue;
        }
        listener(Told::Copying {
            template: name.clone(),
        });
        let began = Instant::now();
        let stream = channel::open(engine, sandbox, false).await?;
        let (to, account) = (name.clone(), account.clone());
        let delivered =
            blocking(move || deliver(stream, &source, &to, &fingerprint, &account)).await;
        delivered.map_err(failed)?;
        listener(Told::Copied {
            template: name.clone(),
            took: began.elapsed(),
        });
    }
    let stream = channel::open(engine, sandbox, false).await?;
    Ok(blocking(move || carry_out(stream, set_up, &listener)).await?)
}

async fn known(stream: UnixStream) -> Result<BTreeMap<String, String>, ClientError> {
    let answer = blocking(move || Client::new(stream)?.call(&Request::Sources)).await?;
    match answer {
        Reply::Sources { fingerprints } => Ok(fingerprints),
        _ => Ok(BTreeMap::new()),
    }
}

fn carry_out(stream: UnixStream, set_up: SetUp, listener: &Listener) -> Result<(), ClientError> {
    let mut client = Client::new(stream)?;
    client.send(&Request::SetUp(set_up))?;
    loop {
        match client.answer()? {
            Reply::Step(report) => listener(Told::Step(report)),
            Reply::Done => return Ok(()),
            _ => {}
        }
    }
}

/// Runs what blocks beside the event loop. It cannot panic, so it always answers.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
