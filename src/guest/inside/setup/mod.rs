//! Makes templates ready to run: hooks and dependencies, each step bounded, logged, and skipped
//! when nothing has changed since it last succeeded.
//!
//! One set-up at a time; a second client waits and then finds nothing left to do. A client that
//! goes away takes its running step with it.

mod left;
mod run;
pub mod sources;
mod stamps;
mod steps;
pub mod unpack;

use super::process::Processes;
use crate::guest::message::set_up::{SetUp, StepReport, StepState, Template};
use crate::guest::message::{Failure, FailureCode, Reply};
use crate::guest::{INNER_ENGINE_SOCKET, TEMPLATES_DIR};
use stamps::Stamps;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc};

/// How often a client hears that a step still runs.
const HEARTBEAT: Duration = Duration::from_secs(3);

/// The set-ups of this sandbox.
pub struct Workshop {
    turn: Mutex<()>,
    processes: Rc<Processes>,
    has_docker: bool,
}

/// Where reports go.
pub type Reports = mpsc::UnboundedSender<Reply>;

impl Workshop {
    /// Steps are processes among `processes`. With `has_docker` they find a Docker engine.
    pub fn new(processes: Rc<Processes>, has_docker: bool) -> Self {
        Self {
            turn: Mutex::new(()),
            processes,
            has_docker,
        }
    }

    /// Carries `set_up` out, telling each step.
    ///
    /// # Errors
    /// `StepFailed` for the first step that fails, unless it is to keep going.
    pub async fn set_up(&self, set_up: &SetUp, reports: &Reports) -> Result<(), Failure> {
        let _turn = self.take_turn(reports).await;
        let mut job = Job {
            set_up,
            env: self.environment(set_up),
            processes: &self.processes,
            stamps: Stamps::read(),
            reports,
        };
        for template in &set_up.templates {
            match job.make_ready(template).await {
                Err(_) if set_up.keep_going => {}
                outcome => outcome?,
            }
        }
        Ok(())
    }

    async fn take_turn(&self, reports: &Reports) -> tokio::sync::MutexGuard<'_, ()> {
        loop {
            if let Ok(turn) = tokio::time::timeout(HEARTBEAT, self.turn.lock()).await {
                return turn;
            }
            tell(reports, report("", "", StepState::Waiting, String::new()));
        }
    }

    /// A step finds the Docker engine inside as an agent does.
    fn environment(&self, set_up: &SetUp) -> BTreeMap<String, String> {
        let mut env = set_up.env.clone();
        if self.has_docker {
            let address = || format!("unix://{INNER_ENGINE_SOCKET}");
            env.entry("DOCKER_HOST".into()).or_insert_with(address);
        }
        env
    }
}

/// One set-up under way.
struct Job<'a> {
    set_up: &'a SetUp,
    /// Of every step.
    env: BTreeMap<String, String>,
    processes: &'a Rc<Processes>,
    stamps: Stamps,
    reports: &'a Reports,
}

impl Job<'_> {
    /// Runs the steps of a template that are not done yet.
    async fn make_ready(&mut self, template: &Template) -> Result<(), Failure> {
        let name = template.name.as_str();
        let directory = Path::new(TEMPLATES_DIR).join(name);
        let inputs = steps::inputs(&directory, template);
        let steps = steps::of(&directory, template, self.set_up).inspect_err(|failure| {
            let words = failure.message.clone();
            self.tell(report(name, "hooks", StepState::Failed, words));
        })?;
        let mut has_changed = false;
        for step in &steps {
            if self.stamps.holds(name, step.name, &inputs) && step.is_intact(&directory) {
                self.tell(report(name, step.name, StepState::Skipped, String::new()));
                continue;
            }
            let mut env = self.env.clone();
            env.extend(template.env.clone());
            let place = run::Place {
                template: name,
                directory: &directory,
                env: &env,
            };
            run::run(step, &place, self.processes, &|report| self.tell(report)).await?;
            self.stamps.set(name, step.name, &inputs);
            has_changed = true;
        }
        if has_changed {
            let names: Vec<&str> = steps.iter().map(|step| step.name).collect();
            let inputs = steps::inputs(&directory, template);
            self.stamps.add(name, &names, &inputs);
        }
        Ok(())
    }

    fn tell(&self, report: StepReport) {
        tell(self.reports, report);
    }
}

/// A client that is gone hears nothing.
fn tell(reports: &Reports, report: StepReport) {
    let _gone = reports.send(Reply::Step(report));
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
