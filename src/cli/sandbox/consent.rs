//! Making a sandbox anew ends what runs in it and loses what was installed there: asked, or said.

use super::super::explain::list;
use super::super::output::{note, warn};
use super::super::{Context, Error, Result, prompt};
use super::after::at_work;
use super::options::SandboxOptions;
use super::refusal::{lines, refusal};
use crate::engine::Engine;
use crate::sandbox::plan::Plan;
use crate::sandbox::{Existing, SandboxName};

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
    plan: Plan,
    options: &SandboxOptions,
) -> Result<Plan> {
    match plan {
        Plan::Refuse(found, differences) if options.yes => Ok(Plan::Recreate(found, differences)),
        Plan::Refuse(found, differences) if ctx.may_ask() => {
            let name = &found.name;
            warn(&format!(
                "the sandbox `{name}` was made with other options:"
            ));
            lines(&differences).for_each(|line| note(&format!("  {line}")));
            if !prompt::confirm(&question(name, &Ended::of(engine, &found).await))? {
                return Err(refusal(&Plan::Refuse(found, differences)));
            }
            Ok(Plan::Recreate(found, differences))
        }
        Plan::Recreate(found, differences) if !options.yes && !options.force => {
            let ended = Ended::of(engine, &found).await;
            if matches!(ended, Ended::Nothing) {
                return Ok(Plan::Recreate(found, differences));
            }
            if !ctx.may_ask() {
                return Err(running(&found.name, &ended));
            }
            if !prompt::confirm(&question(&found.name, &ended))? {
                return Err(Error::unconfirmed("the sandbox is as it was"));
            }
            Ok(Plan::Recreate(found, differences))
        }
        plan => Ok(plan),
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
        "Make {name} anew? {ended}what was installed in it is lost; the workspace and logins are kept"
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
