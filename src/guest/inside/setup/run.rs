//! Runs one step to its end or its deadline.

use super::super::journal::{self, Journal};
use super::super::process::{Process, Processes};
use super::steps::Step;
use super::{HEARTBEAT, left, log_key, report, step_failed};
use crate::guest::message::set_up::{StepReport, StepState};
use crate::guest::message::{Failure, Start};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// How long what an ended step wrote last may take to get into its log.
const LAST_WORDS: Duration = Duration::from_secs(3);
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
        Ok(running) => {
            watch(step, &running, || {
                tell(told(StepState::Running, String::new()));
            })
            .await
        }
        Err(failure) => Err(format!("cannot be started: {}", failure.message)),
    };
    match ended {
        Ok(left) => {
            tell(told(StepState::Done, left));
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
) -> Result<Running, Failure> {
    let (process, reader) = processes.start(Start {
        argv: step.argv.clone(),
        env: place.env.clone(),
        cwd: Some(place.directory.to_string_lossy().into_owned()),
        key: Some(key.to_string()),
        ..Start::default()
    })?;
    // Its words are in its log.
    drop(reader);
    Ok(Running {
        process,
        key: key.to_string(),
        is_over: Cell::new(false),
    })
}

/// A step that runs. Its client gone, it is dropped, and everything of it is killed.
struct Running {
    process: Rc<Process>,
    key: String,
    is_over: Cell<bool>,
}

impl Running {
    /// Ends what still runs of it, which is said in its log, and gives the same words.
    async fn end(&self) -> String {
        let left = left::end(self.process.session()).await;
        let _held = tokio::time::timeout(LAST_WORDS, self.process.finished()).await;
        self.is_over.set(true);
        if left.is_empty() {
            return String::new();
        }
        let names: Vec<String> = left.iter().map(|name| format!("`{name}`")).collect();
        let words = format!("what still ran was ended: {}", names.join(", "));
        Journal::open(&self.key).append(format!("dp: {words}\n").as_bytes());
        words
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_over.get() {
            left::kill(self.process.session());
        }
    }
}

/// Waits for the end of a step and says what it left.
async fn watch(step: &Step, running: &Running, still_runs: impl Fn()) -> Result<String, String> {
    let deadline = Instant::now() + step.deadline;
    still_runs();
    let exit = loop {
        let beat = deadline.min(Instant::now() + HEARTBEAT);
        match tokio::time::timeout_at(beat, running.process.exit()).await {
            Ok(exit) => break exit,
            Err(_) if Instant::now() >= deadline => {
                running.end().await;
                return Err(format!("took longer than {} s", step.deadline.as_secs()));
            }
            Err(_) => still_runs(),
        }
    };
    let left = running.end().await;
    match exit.status() {
        0 => Ok(left),
        status => Err(format!("failed with exit code {status}")),
    }
}
