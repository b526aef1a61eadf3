//! The Docker engine inside, waited for before the first step that really runs. It starts with the
//! sandbox, so most of the time it is there already and nothing is told.

use super::super::inner_engine::Supervisor;
use super::{HEARTBEAT, report};
use crate::guest::INNER_ENGINE_KEY;
use crate::guest::message::set_up::{ENGINE_STEP, StepReport, StepState};
use std::time::Duration;
use tokio::time::Instant;

/// How long it is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `engine` answers. One that does not come is told, and that is all: a step that needs
/// it fails with its own words, and the others need not.
pub async fn wait(engine: &Supervisor, tell: &impl Fn(StepReport)) {
    let began = Instant::now();
    let told = |state, detail| {
        tell(StepReport {
            milliseconds: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            log: INNER_ENGINE_KEY.into(),
            ..report("", ENGINE_STEP, state, detail)
        });
    };
    let mut patience = Duration::ZERO;
    loop {
        match engine.wait(patience).await {
            Ok(true) if patience.is_zero() => return,
            Ok(true) => return told(StepState::Done, String::new()),
            Ok(false) if began.elapsed() < PATIENCE => told(StepState::Waiting, String::new()),
            Ok(false) => {
                let why = format!(
                    "the Docker engine inside did not answer within {} s",
                    PATIENCE.as_secs()
                );
                return told(StepState::Failed, why);
            }
            Err(failure) => return told(StepState::Failed, failure.message),
        }
        patience = HEARTBEAT;
    }
}
