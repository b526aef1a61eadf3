//! What is shown while something takes time: on a terminal one bar a layer or one line that
//! changes, elsewhere one line when it begins; nothing at all for what is quick.

use super::output;
use crate::engine::images::Progress as Image;
use crate::sandbox::means::Step;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

/// What takes time, for how long, and what it is at.
const LINE: &str = "{spinner} {prefix} {elapsed:.dim} {wide_msg:.dim}";

/// Shows steps on standard error until it is dropped.
pub(super) struct Progress {
    is_lively: bool,
    is_quiet: bool,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    bars: Option<MultiProgress>,
    line: Option<ProgressBar>,
    layers: BTreeMap<String, ProgressBar>,
}

impl Progress {
    pub(super) fn new(is_lively: bool, is_quiet: bool) -> Self {
        Self {
            is_lively,
            is_quiet,
            state: RefCell::default(),
        }
    }

    /// Takes note of a step.
    pub(super) fn step(&self, step: Step) {
        if self.is_quiet {
            return;
        }
        match step {
            Step::Build(tag) => self.begin(&format!("building the image {tag}")),
            Step::Pull(reference) => self.begin(&format!("pulling the image {reference}")),
            Step::Deliver => self.begin("delivering the guest to the engine"),
            Step::NoEngine(reason) => output::warn(&format!(
                "agents get no Docker engine, since its image cannot be made: {reason}"
            )),
            Step::AllCpus(cpus) => {
                output::warn(&format!(
                    "the engine's CPUs are fewer than the file's limit, which is {cpus} now"
                ));
            }
            Step::Image(progress) => self.image(&progress),
        }
    }

    fn begin(&self, text: &str) {
        self.end();
        if !self.is_lively {
            output::note(text);
            return;
        }
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let line = bars.add(ProgressBar::new_spinner());
        line.set_style(style(LINE));
        line.set_prefix(output::moving(text));
        line.enable_steady_tick(Duration::from_millis(120));
        let mut state = self.state.borrow_mut();
        state.bars = Some(bars);
        state.line = Some(line);
    }

    fn image(&self, progress: &Image) {
        let mut state = self.state.borrow_mut();
        let State { bars, line, layers } = &mut *state;
        let (Some(bars), Some(line)) = (bars, line) else {
            return;
        };
        match progress {
            Image::Line(text) => {
                if let Some(text) = text.lines().rfind(|text| !text.trim().is_empty()) {
                    line.set_message(output::moving(text));
                }
            }
            Image::Layer {
                id,
                status,
                current,
                total,
            } => {
                let bar = layers.entry(id.clone()).or_insert_with(|| {
                    let bar = bars.add(ProgressBar::new(*total));
                    bar.set_style(style(
                        "  {prefix:12} {bar:24} {bytes:>10}/{total_bytes:10} {msg}",
                    ));
                    bar.set_prefix(output::moving(id));
                    bar
                });
                if *total > 0 {
                    bar.set_length(*total);
                    bar.set_position(*current);
                }
                bar.set_message(output::moving(status));
            }
            Image::Built(_) => {}
        }
    }

    fn end(&self) {
        let mut state = self.state.borrow_mut();
        for bar in state.layers.values().chain(&state.line) {
            bar.finish_and_clear();
        }
        *state = State::default();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

/// One line that moves while something takes time: on a terminal, elsewhere it is said once.
pub(super) struct Spinner(Option<ProgressBar>);

impl Spinner {
    pub(super) fn begin(is_lively: bool, is_quiet: bool, text: &str) -> Self {
        if is_quiet {
            return Self(None);
        }
        if !is_lively {
            output::note(text);
            return Self(None);
        }
        let line = ProgressBar::new_spinner().with_prefix(output::moving(text));
        line.set_draw_target(ProgressDrawTarget::stderr());
        line.set_style(style(LINE));
        line.enable_steady_tick(Duration::from_millis(120));
        Self(Some(line))
    }

    /// What it is at.
    pub(super) fn say(&self, text: &str) {
        if let Some(line) = &self.0 {
            line.set_message(output::moving(text));
        }
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(line) = &self.0 {
            line.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .progress_chars("━╸ ")
}
