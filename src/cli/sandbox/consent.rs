//! Making a sandbox anew ends what runs in it and loses what was installed there: asked, or said.

use super::super::explain::list;
use super::super::output::{note, warn};
use super::super::{Context, Error, Result, prompt};
use super::after::at_work;
use super::options::SandboxOptions;
use super::refusal::{lines, refusal};
use crate::engine::Engine;
use crate::sandbox::plan::Plan;
use crate::sandbox::{Difference, Existing, SandboxName, Spec};

/// What would be ended.
enum Ended {
    Nothing,
    /// It cannot be asked what runs.
    Paused,
    Processes(Vec<String>),
}

/// The plan as the person wants it: a refusal may become a recreation, a recreation must be meant.
pub(super) async fn settle(
    engine: &Engine,
    ctx: &Context,
    spec: &Spec,
    plan: Plan,
    options: &SandboxOptions,
) -> Result<Plan> {
    if !options.quiet {
        say_left_out(spec, &plan, options.yes);
    }
    match plan {
        Plan::Refuse(found, differences) if options.yes => Ok(Plan::Recreate(found, differences)),
        Plan::Refuse(found, differences) => {
            settle_refusal(engine, ctx, spec, found, differences).await
        }
        Plan::Recreate(found, differences) if !options.yes && !options.force => {
            let ended = Ended::of(engine, &found).await;
            if matches!(ended, Ended::Nothing) {
                return Ok(Plan::Recreate(found, differences));
            }
            if !ctx.may_ask() {
                return Err(running(&found.name, &ended));
            }
            if !is_agreed(&found.name, &ended)? {
                return Err(Error::unconfirmed("the sandbox is as it was"));
            }
            Ok(Plan::Recreate(found, differences))
        }
        plan => Ok(plan),
    }
}

/// One that differs from what is asked: a person may have it made anew.
async fn settle_refusal(
    engine: &Engine,
    ctx: &Context,
    spec: &Spec,
    found: Existing,
    differences: Vec<Difference>,
) -> Result<Plan> {
    let left_out = spec.left_out(&found, &differences);
    if !ctx.may_ask() {
        let lost: Vec<String> = lines(&left_out).collect();
        let refused = refusal(&Plan::Refuse(found, differences));
        return Err(if lost.is_empty() {
            refused
        } else {
            let lost = lost.join("; ");
            refused.hint(format!(
                "repeat what is to stay when it is made anew: {lost}"
            ))
        });
    }
    let name = &found.name;
    warn(&format!(
        "the sandbox `{name}` was made with other options:"
    ));
    lines(&differences).for_each(|line| note(&format!("  {line}")));
    lines(&left_out).for_each(|line| note(&format!("  {line}, not asked for again")));
    if is_agreed(name, &Ended::of(engine, &found).await)? {
        Ok(Plan::Recreate(found, differences))
    } else {
        Err(refusal(&Plan::Refuse(found, differences)))
    }
}

/// A question says it too; without one, this does.
fn say_left_out(spec: &Spec, plan: &Plan, is_agreed: bool) {
    let (Plan::Recreate(found, differences) | Plan::Refuse(found, differences)) = plan else {
        return;
    };
    if is_agreed || matches!(plan, Plan::Recreate(..)) {
        let left_out = spec.left_out(found, differences);
        lines(&left_out).for_each(|line| note(&format!("not asked for again: {line}")));
    }
}

impl Ended {
    async fn of(engine: &Engine, found: &Existing) -> Self {
        if !found.is_active() {
            return Self::Nothing;
        }
        if !found.is_running() {
            return Self::Paused;
        }
        // A guest that does not answer can only be helped by making the sandbox anew.
        match at_work(engine, found).await {
            Ok(names) if !names.is_empty() => Self::Processes(names),
            _ => Self::Nothing,
        }
    }
}

/// Whatever runs is ended by a yes, and wants more than a `y`.
fn is_agreed(name: &SandboxName, ended: &Ended) -> Result<bool> {
    let question = question(name, ended);
    match ended {
        Ended::Nothing => prompt::confirm(&question),
        Ended::Paused | Ended::Processes(_) => prompt::confirm_by_word(&question),
    }
}

fn question(name: &SandboxName, ended: &Ended) -> String {
    let ended = match ended {
        Ended::Nothing => String::new(),
        Ended::Paused => "it is paused, and what runs in it is ended; ".into(),
        Ended::Processes(names) if names.len() == 1 => {
            format!("{} runs in it and is ended; ", list(names))
        }
        Ended::Processes(names) => format!("{} run in it and are ended; ", list(names)),
    };
    format!(
        "Make {name} anew? {ended}what was installed in it is lost; the workspace and logins are kept."
    )
}

fn running(name: &SandboxName, ended: &Ended) -> Error {
    let message = match ended {
        Ended::Processes(names) => {
            let verb = if names.len() == 1 { "runs" } else { "run" };
            format!("{} {verb} in the sandbox `{name}`", list(names))
        }
        _ => format!("the sandbox `{name}` is paused, with what runs in it"),
    };
    Error::refused("running", message)
        .hint("`--yes` ends it and makes the sandbox anew; the workspace and logins are kept")
}
