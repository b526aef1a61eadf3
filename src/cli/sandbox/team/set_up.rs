//! A team's templates made ready, told as it goes: each step with its time, what has not changed in
//! one line, a failure with the end of its log.

use super::super::super::output::{note, warn};
use super::super::super::progress::Spinner;
use super::super::super::{Context, Error, Result};
use super::super::enter::{Gathered, interruptible};
use super::super::options::SandboxOptions;
use super::gather::Team;
use crate::guest::message::Prepare;
use crate::guest::message::set_up::{SetUp, StepReport, StepState};
use crate::sandbox::apply::Ready;
use crate::sandbox::lifecycle::bring_up::{self, BringUpError, Told};
use crate::sandbox::{channel, environment, session};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Brings sources in, runs hooks and installs dependencies.
pub(super) async fn bring_up(
    ctx: &Context,
    gathered: &Gathered,
    ready: &Ready,
    team: &Team,
    prepare: Prepare,
    options: &SandboxOptions,
) -> Result<()> {
    let timeouts = ctx.config()?.timeouts;
    let set_up = SetUp {
        templates: team.steps.clone(),
        keep_going: options.keep_going,
        env: environment::of_session(false, &ready.sandbox.settings),
        hook_seconds: timeouts.hook_seconds(),
        install_seconds: timeouts.install_seconds(),
    };
    let mut teller = Teller::new(ctx.is_lively(), options);
    interruptible(async {
        let stream = channel::open(&gathered.engine, &ready.sandbox, ready.is_fresh).await?;
        let authorities = gathered.authorities.as_ref().map(|found| found.pem.clone());
        for warning in session::prepare(stream, prepare, authorities).await? {
            if !options.quiet {
                warn(&warning);
            }
        }
        let (say, mut heard) = mpsc::unbounded_channel();
        let listener = Arc::new(move |told| {
            // Nobody hears any more when it was interrupted.
            let _gone = say.send(told);
        });
        let account = gathered.spec.account.clone();
        let templates = team.templates.clone();
        let work = bring_up::bring_up(
            &gathered.engine,
            &ready.sandbox,
            templates,
            account,
            set_up,
            listener,
        );
        let mut work = std::pin::pin!(work);
        let done = loop {
            tokio::select! {
                biased;
                Some(told) = heard.recv() => teller.tell(told),
                done = &mut work => break done,
            }
        };
        while let Ok(told) = heard.try_recv() {
            teller.tell(told);
        }
        teller.end();
        done.map_err(|error| teller.explain(error, ready.sandbox.name.as_str()))
    })
    .await
}

/// Says what happens.
struct Teller {
    is_lively: bool,
    is_quiet: bool,
    keeps_going: bool,
    spinner: Option<(String, Spinner)>,
    /// Templates that have nothing new, in order.
    unchanged: Vec<String>,
    changed: Vec<String>,
    failed: Option<StepReport>,
}

impl Teller {
    fn new(is_lively: bool, options: &SandboxOptions) -> Self {
        Self {
            is_lively,
            is_quiet: options.quiet,
            keeps_going: options.keep_going,
            spinner: None,
            unchanged: Vec::new(),
            changed: Vec::new(),
            failed: None,
        }
    }

    fn tell(&mut self, told: Told) {
        match told {
            Told::Copying { template } => self.begin(&format!("{template}: copying the source")),
            Told::Copied { template, took } => {
                self.done(&format!("{template}: source copied"), took);
                self.changed.push(template);
            }
            Told::Step(report) => self.step(report),
        }
    }

    fn step(&mut self, report: StepReport) {
        let StepReport { template, step, .. } = &report;
        let name = format!("{template}: {step}");
        let took = Duration::from_millis(report.milliseconds);
        match report.state {
            StepState::Waiting => self.begin("waiting for the set-up of another run"),
            StepState::Running => self.begin(&name),
            StepState::Skipped => {
                if !self.unchanged.contains(template) {
                    self.unchanged.push(template.clone());
                }
            }
            StepState::Done => {
                self.done(&name, took);
                if !self.is_quiet {
                    let lines = report.detail.lines();
                    lines.for_each(|line| note(&format!("{name}: {line}")));
                }
                self.changed.push(template.clone());
            }
            StepState::Failed => {
                self.spinner = None;
                // Without going on it is the error that says so.
                if self.keeps_going && !self.is_quiet {
                    let first = report.detail.lines().next().unwrap_or("failed");
                    warn(&format!("{name} {first}"));
                }
                self.changed.push(template.clone());
                self.failed = Some(report);
            }
        }
    }

    fn begin(&mut self, text: &str) {
        if self
            .spinner
            .as_ref()
            .is_some_and(|(shown, _)| shown == text)
        {
            return;
        }
        // One line at a time: the old one goes first.
        self.spinner = None;
        // Elsewhere than on a terminal a step is told when it is done.
        let spinner = Spinner::begin(self.is_lively, !self.is_lively || self.is_quiet, text);
        self.spinner = Some((text.to_string(), spinner));
    }

    fn done(&mut self, text: &str, took: Duration) {
        self.spinner = None;
        if !self.is_quiet {
            note(&format!("{text} ({:.1} s)", took.as_secs_f64()));
        }
    }

    fn end(&mut self) {
        self.spinner = None;
        self.unchanged.retain(|name| !self.changed.contains(name));
        if !self.unchanged.is_empty() && !self.is_quiet {
            note(&format!(
                "nothing new to install for {}",
                self.unchanged.join(", ")
            ));
        }
    }

    /// The error with the step that failed, and where all of its log is.
    fn explain(&self, error: BringUpError, sandbox: &str) -> Error {
        let error = Error::from(error);
        let Some(report) = &self.failed else {
            return error;
        };
        error
            .details(report.detail.lines().skip(1).map(str::to_string))
            .hint(format!("`dp sandbox logs {sandbox} {}` shows all of its log", report.log))
            .hint("the sandbox is kept: run the same command again when it is mended, or with `--keep-going`")
    }
}
