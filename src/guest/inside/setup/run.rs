//! Runs one step to its end or its deadline.

use super::super::journal;
use super::super::process::{Process, Processes};
use super::steps::Step;
use super::{HEARTBEAT, log_key, report, step_failed};
use crate::guest::message::set_up::{StepReport, StepState};
use crate::guest::message::{Failure, Start};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// Between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(3);
const SIGTERM: i32 = 15;
const SIGKILL: i32 = 9;
/// How many of its last lines are told when it fails.
const LAST_LINES: usize = 12;

/// Where a step runs.
pub struct Place<'a> {
    pub template: &'a str,
    pub directory: &'a Path,
    pub env: &'a BTreeMap<String, String>,
}

/// Runs `step`, telling that it runs and how it ended.
///
/// # Errors
/// `StepFailed`, which was told already.
pub async fn run(
    step: &Step,
    place: &Place<'_>,
    processes: &Rc<Processes>,
    tell: &impl Fn(StepReport),
) -> Result<(), Failure> {
    let template = place.template;
    let began = Instant::now();
    let told = |state, detail| StepReport {
        milliseconds: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        ..report(template, step.name, state, detail)
    };
    let key = log_key(template, step.name);
    journal::forget(&key);
    let ended = match start(step, &key, place, processes) {
        Ok(process) => {
            watch(step, &process, || {
                tell(told(StepState::Running, String::new()));
            })
            .await
        }
        Err(failure) => Err(format!("cannot be started: {}", failure.message)),
    };
    match ended {
        Ok(()) => {
            tell(told(StepState::Done, String::new()));
            Ok(())
        }
        Err(why) => {
            let failure = step_failed(template, step.name, &why);
            let lines = journal::last_lines(&key, LAST_LINES);
            tell(told(
                StepState::Failed,
                format!("{why}\n{lines}").trim_end().into(),
            ));
            Err(failure)
        }
    }
}

fn start(
    step: &Step,
    key: &str,
    place: &Place<'_>,
    processes: &Rc<Processes>,
) -> Result<Guard, Failure> {
    let (process, reader) = processes.start(Start {
        argv: step.argv.clone(),
        env: place.env.clone(),
        cwd: Some(place.directory.to_string_lossy().into_owned()),
        key: Some(key.to_string()),
        ..Start::default()
    })?;
    // Its words are in its log.
    drop(reader);
    Ok(Guard(process))
}

/// A step whose client goes away ends with it.
struct Guard(Rc<Process>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.signal(SIGKILL);
    }
}

async fn watch(step: &Step, process: &Guard, still_runs: impl Fn()) -> Result<(), String> {
    let deadline = Instant::now() + step.deadline;
    still_runs();
    let exit = loop {
        let beat = deadline.min(Instant::now() + HEARTBEAT);
        match tokio::time::timeout_at(beat, process.0.finished()).await {
            Ok(exit) => break exit,
            Err(_) if Instant::now() >= deadline => {
                process.0.signal(SIGTERM);
                let _ended = tokio::time::timeout(GRACE, process.0.exit()).await;
                return Err(format!("took longer than {} s", step.deadline.as_secs()));
            }
            Err(_) => still_runs(),
        }
    };
    match exit.status() {
        0 => Ok(()),
        status => Err(format!("failed with exit code {status}")),
    }
}
