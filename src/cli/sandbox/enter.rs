//! The way into a sandbox, shared by `run`, `create`, `exec`, `shell` and `attach`.

use super::super::interrupt::{or_interrupt, or_undo};
use super::super::output::{note, warn};
use super::super::progress::Progress;
use super::super::{Context, Error, Result, typed};
use super::consent;
use super::options::SandboxOptions;
use super::project::Project;
use super::remarks::remark;
use crate::engine::Engine;
use crate::files::Pins;
use crate::guest::client::Client;
use crate::guest::message::{Prepare, Request, Size};
use crate::images::Recipe;
use crate::images::authorities::{self, Authorities};
use crate::sandbox::apply::{self, Ready};
use crate::sandbox::existing::Selector;
use crate::sandbox::gather::{self, Crew, Host};
use crate::sandbox::hold::Known;
use crate::sandbox::inner_engine;
use crate::sandbox::means::Means;
use crate::sandbox::plan::Plan;
use crate::sandbox::recreate::Halfway;
use crate::sandbox::session::{self, DetachKeys, Notice, Outcome, Signals, Wanted};
use crate::sandbox::spec::{TEAM, WORKSPACE_TARGET};
use crate::sandbox::{
    Existing, Spec, beside, channel, collision, environment, guarded, intrusion, recreate,
};
use crate::volumes::{GuestBinary, own_architecture};
use crate::{engine::endpoint::Address, git};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How long git may take to say who commits.
const IDENTITY: Duration = Duration::from_secs(10);

/// What is left when somebody stops us in the middle.
const LEFT: &str = "what was made by now is used by the next run; `dp sandbox ls` shows it";

/// The same when it was in the middle of a recreation.
const AS_IT_WAS: &str = "the sandbox is as it was, but what ran in it was ended";

/// A sandbox that is wanted, before the engine was asked.
pub(super) struct Gathered {
    pub(super) engine: Engine,
    pub(super) spec: Spec,
    pub(super) guest: GuestBinary,
    pub(super) authorities: Option<Authorities>,
    pub(super) engine_recipe: Recipe,
    identity: JoinHandle<git::Identity>,
    pins: Pins,
    known: Known,
    is_named: bool,
}

impl Gathered {
    pub(super) async fn new(
        ctx: &Context,
        options: &SandboxOptions,
        crew: Crew,
        project: &Project,
    ) -> Result<Self> {
        let name = options.name()?;
        let is_named = name.is_some();
        let name = name.or_else(|| project.name(&crew.name));
        let workspace = project.workspace.clone();
        let directory = workspace.path().to_string();
        // Asks a program, so it runs beside everything else.
        let identity = tokio::task::spawn_blocking(move || git::identity(Path::new(&directory)));
        let (mut settings, origins) = options.settings(ctx, &project.typed)?;
        let (file, of_file) = project.settings();
        if settings.credentials.is_none() && file.credentials.is_none() {
            settings.credentials = ctx.config()?.credentials;
        }
        inner_engine::check(&settings.or(&file))?;
        let engine = ctx.engine()?;
        let guest = guest(&engine).await?;
        let authorities = (settings.host_ca == Some(true))
            .then(host_authorities)
            .transpose()?;
        let host = Host {
            paths: ctx.paths()?,
            config: ctx.config()?,
            endpoint: engine.endpoint(),
            guest: &guest,
            authorities: authorities.as_ref(),
        };
        let engine_recipe = gather::engine_recipe(&host);
        let mut spec = gather::gather(&host, workspace, crew, name, settings, file);
        if spec.repository.is_elsewhere() {
            let others = Existing::all(&engine).await?;
            spec.keep_to_proven(&others);
        }
        spec.origins = origins.or(of_file).or(project.origins(ctx.config()?));
        // Without a word about it, there is one wherever a file is used.
        spec.has_engine_by_default = project.loaded.is_some();
        collision::check(&spec)?;
        intrusion::check(&spec)?;
        guarded::check(
            &spec,
            ctx.paths()?,
            engine.endpoint(),
            &project.pins,
            options.force,
        )?;
        typed::prove(&engine, &project.typed).await?;
        Ok(Self {
            engine,
            spec,
            guest,
            authorities,
            engine_recipe,
            identity,
            pins: project.pins.clone(),
            known: Known::default(),
            is_named,
        })
    }

    /// Asks the engine and decides. One call.
    pub(super) async fn plan(&mut self, recreate: bool) -> Result<Plan> {
        let workspace = self.spec.workspace.id();
        let (known, observed) = Known::survey(&self.engine, workspace, &self.spec.agent).await?;
        self.known = known;
        Ok(Plan::new(&self.spec, self.is_named, &observed, recreate))
    }

    /// The plan as the person wants it: asked where it refuses and somebody is there.
    pub(super) async fn settle(
        &self,
        ctx: &Context,
        plan: Plan,
        options: &SandboxOptions,
    ) -> Result<Plan> {
        consent::settle(&self.engine, ctx, &self.spec, plan, options).await
    }

    /// Carries a plan out that was settled.
    pub(super) async fn apply(
        &self,
        ctx: &Context,
        plan: Plan,
        options: &SandboxOptions,
    ) -> Result<Ready> {
        if !options.quiet {
            remark(&self.spec, &plan, options.pull);
        }
        let progress = Progress::new(ctx.is_lively(), options.quiet);
        let build_logs = ctx.paths()?.build_logs();
        let means = Means {
            pull: options.pull,
            build_logs: &build_logs,
            guest: &self.guest,
            engine_recipe: &self.engine_recipe,
            authorities: self.authorities.as_ref(),
            report: &|step| progress.step(step),
            halfway: &Halfway::default(),
            pins: &self.pins,
            known: &self.known,
        };
        let work = async {
            let ready = Box::pin(apply::apply(&self.engine, &self.spec, plan, means)).await?;
            recreate::finish(&self.engine, &ready.sandbox).await?;
            Ok(ready)
        };
        let undo = async {
            if means.halfway.is_begun() && !options.quiet {
                // What runs in it has seconds to end.
                note("taking it back; interrupt again to leave that to the next run");
            }
            let undone = recreate::undo(&self.engine, means).await;
            matches!(undone, Ok(true)).then_some(AS_IT_WAS)
        };
        Box::pin(or_undo(LEFT, work, undo)).await
    }

    /// Waits until the container of the Docker engine beside a sandbox runs: nobody stays who could
    /// start it later.
    pub(super) async fn docker(&self, ready: &Ready) -> Result<()> {
        Ok(beside::wait(&self.engine, &ready.sandbox).await?)
    }

    /// What is renewed inside at each run.
    pub(super) async fn prepare(&mut self, ready: &Ready, is_quiet: bool) -> Result<Prepare> {
        let asked = tokio::time::timeout(IDENTITY, &mut self.identity).await;
        let identity = asked.ok().and_then(std::result::Result::ok);
        let identity = identity.unwrap_or_default();
        let is_told = ready.is_new && !is_quiet;
        if let Some(problem) = identity.problem.as_ref().filter(|_| is_told) {
            note("git cannot read the configuration of this project, so it will fail inside too:");
            note(&format!("  {problem}"));
        } else if identity == git::Identity::default() && is_told {
            note("git does not know you, so commits inside will fail; tell it with");
            note("  git config --global user.name \"Your Name\"");
            note("  git config --global user.email you@example.com");
        }
        // What the sandbox was made with counts, whether it is asked for again or not.
        if self.authorities.is_none() && ready.sandbox.settings.host_ca == Some(true) {
            self.authorities = Some(host_authorities()?);
        }
        Ok(Prepare {
            git_name: identity.name,
            git_email: identity.email,
            authorities: self.authorities.as_ref().map(|found| found.hash.clone()),
            authorities_pem: None,
        })
    }
}

/// Work that Ctrl-C ends at once, with what was made by then left to the next run.
pub(super) async fn interruptible<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    or_interrupt(LEFT, work).await
}

/// Leaves variables in a sandbox for whatever will run there: nobody takes them now.
pub(super) async fn keep(
    engine: &Engine,
    ready: &Ready,
    env: BTreeMap<String, String>,
) -> Result<()> {
    if env.is_empty() {
        return Ok(());
    }
    let stream = channel::open(engine, &ready.sandbox, ready.is_fresh).await?;
    let call = move || Client::new(stream)?.call(&Request::Keep { env });
    let called = tokio::task::spawn_blocking(call).await;
    called.map_err(|error| Error::failed("guest", error.to_string()))??;
    Ok(())
}

/// The guest that this `dp` delivers to an engine.
pub(super) async fn guest(engine: &Engine) -> Result<GuestBinary> {
    let architecture = match engine.endpoint().address {
        Address::Unix(_) => own_architecture().to_string(),
        Address::Tcp { .. } => engine.version().await?.architecture,
    };
    Ok(GuestBinary::find(&architecture)?)
}

fn host_authorities() -> Result<Authorities> {
    authorities::of_host().ok_or_else(|| {
        Error::failed(
            "no-authorities",
            "this machine has no bundle of certificate authorities",
        )
        .hint("`SSL_CERT_FILE` names one; on Debian it is in the package `ca-certificates`")
    })
}

/// A sandbox that a selector names; one that does not run is refused.
pub(super) async fn running(ctx: &Context, selector: &Selector) -> Result<(Engine, Ready)> {
    let engine = ctx.engine()?;
    let sandbox = Existing::select(&engine, selector).await?;
    let sandbox = expect_running(sandbox)?;
    let ready = Ready {
        sandbox,
        is_fresh: false,
        is_new: false,
    };
    Ok((engine, ready))
}

/// Refuses a sandbox whose guest cannot answer.
pub(super) fn expect_running(sandbox: Existing) -> Result<Existing> {
    let name = &sandbox.name;
    match sandbox.state.as_str() {
        "running" => Ok(sandbox),
        "paused" => Err(
            Error::refused("paused", format!("the sandbox `{name}` is paused"))
                .hint(format!("`dp sandbox start {name}` lets it go on")),
        ),
        _ => Err(
            Error::refused("not-running", format!("the sandbox `{name}` does not run"))
                .hint(format!("`dp sandbox start {name}` starts it")),
        ),
    }
}

/// The environment of a command in a sandbox: what its agent has, secrets left out.
pub(super) fn environment(
    ctx: &Context,
    ready: &Ready,
    is_terminal: bool,
) -> Result<BTreeMap<String, String>> {
    let settings = &ready.sandbox.settings;
    let mut env = environment::of_session(is_terminal, settings);
    if let Ok(agent) = ctx.catalogue()?.find(&ready.sandbox.agent) {
        let own = environment::without_secrets(agent.definition.env.clone());
        env.extend(environment::of_agent(agent, own, &ready.sandbox));
    }
    Ok(env)
}

/// Runs a session in a sandbox and answers its exit code.
pub(super) async fn session(
    engine: &Engine,
    ready: &Ready,
    wanted: Wanted,
    is_quiet: bool,
) -> Result<u8> {
    Ok(code(outcome(engine, ready, wanted, is_quiet).await?))
}

/// Runs a session in a sandbox to its end.
pub(super) async fn outcome(
    engine: &Engine,
    ready: &Ready,
    wanted: Wanted,
    is_quiet: bool,
) -> Result<Outcome> {
    let name = ready.sandbox.name.clone();
    let is_agent = wanted.start.key.clone();
    // From before the wait below ends, so that no signal falls between the two.
    let signals = Signals::listen()?;
    let opened = async { Ok(channel::open(engine, &ready.sandbox, ready.is_fresh).await?) };
    let stream = or_interrupt(LEFT, opened).await?;
    let outcome = session::run(stream, wanted, signals, move |notice| {
        if !is_quiet {
            tell(&notice);
        }
    })
    .await?;
    if outcome == Outcome::Detached && !is_quiet {
        let agent = is_agent.unwrap_or_default();
        let back = if ready.sandbox.agent == TEAM {
            format!("dp run {agent}")
        } else {
            format!("dp sandbox attach {name}")
        };
        note(&format!("{agent} goes on in {name}; `{back}` comes back"));
    }
    Ok(outcome)
}

/// What `dp` exits with after a session.
pub(super) fn code(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Exited(exit) => exit.status(),
        Outcome::Started | Outcome::Detached => 0,
        Outcome::HungUp => 129,
        Outcome::Interrupted(signal) => 128 + signal,
    }
}

/// A command's session where the person is, or where the sandbox starts when that place is not
/// there inside.
pub(super) async fn session_here(engine: &Engine, ready: &Ready, wanted: Wanted) -> Result<u8> {
    let sandbox = &ready.sandbox;
    let mut here = wanted.clone();
    here.start.cwd = working_directory(&sandbox.workspace, sandbox.settings.workdir.as_deref());
    match session(engine, ready, here, false).await {
        Err(error) if error.code == "no-directory" => session(engine, ready, wanted, false).await,
        outcome => outcome,
    }
}

/// Where the person is, when that is in the workspace and nobody named another directory.
pub(super) fn working_directory(workspace: &str, workdir: Option<&str>) -> Option<String> {
    // The kernel's answer has no links.
    let here = std::env::current_dir().ok()?;
    if workspace == "/" {
        // The root of this machine is not the root inside.
        return Some(format!("{WORKSPACE_TARGET}{}", here.to_str()?));
    }
    let is_inside = here.starts_with(workspace) && workdir.is_none();
    is_inside
        .then(|| here.into_os_string().into_string().ok())
        .flatten()
}

fn tell(notice: &Notice) {
    match notice {
        Notice::Warning(text) => warn(text),
        Notice::Resumed { age } => note(&format!("back in the session of {} ago", ago(*age))),
    }
}

/// `3 minutes`, the largest unit that fits.
pub(super) fn ago(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..=59 => (seconds, "second"),
        60..=3599 => (seconds / 60, "minute"),
        3600..=86_399 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

/// The keys that leave a session.
pub(super) fn detach_keys(ctx: &Context) -> Result<DetachKeys> {
    Ok(ctx.config()?.detach_keys.clone().unwrap_or_default())
}

/// A terminal that does not tell its size is taken for the usual one.
pub(super) fn terminal_size() -> Size {
    session::size().unwrap_or(Size { rows: 24, cols: 80 })
}
