//! Makes templates ready to run: hooks and dependencies, each step bounded, logged, and skipped
//! when nothing has changed since it last succeeded.
//!
//! One set-up at a time; a second client waits and then finds nothing left to do. A client that
//! goes away takes its running step with it.

mod run;
pub mod sources;
mod stamps;
mod steps;
pub mod unpack;

use super::process::Processes;
use crate::guest::TEMPLATES_DIR;
use crate::guest::message::set_up::{SetUp, StepReport, StepState};
use crate::guest::message::{Failure, FailureCode, Reply};
use stamps::Stamps;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc};

/// How often a client hears that a step still runs.
const HEARTBEAT: Duration = Duration::from_secs(3);

/// The set-ups of this sandbox.
#[derive(Default)]
pub struct Workshop {
    turn: Mutex<()>,
}

/// Where reports go.
pub type Reports = mpsc::UnboundedSender<Reply>;

impl Workshop {
    /// Carries `set_up` out, telling each step.
    ///
    /// # Errors
    /// `StepFailed` for the first step that fails, unless it is to keep going.
    pub async fn set_up(
        &self,
        set_up: &SetUp,
        processes: &Rc<Processes>,
        reports: &Reports,
    ) -> Result<(), Failure> {
        let _turn = self.take_turn(reports).await;
        let mut stamps = Stamps::read();
        for template in &set_up.templates {
            let directory = Path::new(TEMPLATES_DIR).join(&template.name);
            let tell = |report: StepReport| {
                // A client that is gone hears nothing.
                let _gone = reports.send(Reply::Step(report));
            };
            let inputs = steps::inputs(&directory, template);
            let steps = match steps::of(&directory, template, set_up) {
                Ok(steps) => steps,
                Err(failure) if set_up.keep_going => {
                    tell(report(
                        &template.name,
                        "hooks",
                        StepState::Failed,
                        failure.message,
                    ));
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            let mut has_changed = false;
            for step in &steps {
                if stamps.holds(&template.name, step.name, &inputs) && step.is_intact(&directory) {
                    tell(report(
                        &template.name,
                        step.name,
                        StepState::Skipped,
                        String::new(),
                    ));
                    continue;
                }
                let ran =
                    run::run(step, &template.name, &directory, set_up, processes, &tell).await;
                match ran {
                    Ok(()) => {
                        stamps.set(&template.name, step.name, &inputs);
                        has_changed = true;
                    }
                    Err(_) if set_up.keep_going => {
                        has_changed = false;
                        break;
                    }
                    Err(failure) => return Err(failure),
                }
            }
            if has_changed {
                let names: Vec<&str> = steps.iter().map(|step| step.name).collect();
                let inputs = steps::inputs(&directory, template);
                stamps.add(&template.name, &names, &inputs);
            }
        }
        Ok(())
    }

    async fn take_turn(&self, reports: &Reports) -> tokio::sync::MutexGuard<'_, ()> {
        loop {
            if let Ok(turn) = tokio::time::timeout(HEARTBEAT, self.turn.lock()).await {
                return turn;
            }
            let waiting = report("", "", StepState::Waiting, String::new());
            let _gone = reports.send(Reply::Step(waiting));
        }
    }
}

fn report(template: &str, step: &str, state: StepState, detail: String) -> StepReport {
    StepReport {
        template: template.into(),
        step: step.into(),
        state,
        milliseconds: 0,
        log: log_key(template, step),
        detail,
    }
}

/// The key of a step's log; no agent can be called so.
fn log_key(template: &str, step: &str) -> String {
    format!(":{template}:{}", step.replace(' ', "-"))
}

fn step_failed(template: &str, step: &str, why: &str) -> Failure {
    super::command::failure(
        FailureCode::StepFailed,
        format!("the step `{step}` of the template `{template}` {why}"),
    )
}
