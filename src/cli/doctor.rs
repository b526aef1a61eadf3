//! `dp doctor`: is everything there that sandboxes need?

use super::output::{Answer, Page, Tone, answer};
use super::{Context, Error, Result, privileged};
use crate::engine::Engine;
use crate::labels::{self, Kind};
use crate::sandbox::reach::{self, Reach};
use crate::values::text::without_gaps;
use crate::volumes::{GuestBinary, own_architecture};
use crate::workspace::Report;
use clap::Args;
use serde::Serialize;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

const HOST_LISTENERS: &str = "host-listeners";
const PRIVILEGED_FILES: &str = "privileged-files";
/// How many addresses are shown to people.
const SHOWN: usize = 10;

/// Check everything that sandboxes need
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warning,
    Failed,
}

#[derive(Debug, Serialize)]
struct Row {
    key: &'static str,
    state: State,
    milliseconds: u128,
    message: String,
    cause: Option<String>,
    hint: Option<String>,
    /// Addresses of this machine that a sandbox reaches, where somebody listens.
    #[serde(skip_serializing_if = "Option::is_none")]
    listeners: Option<Vec<SocketAddr>>,
    /// Everything that is wrong with a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    mistakes: Option<Box<Report>>,
}

/// The rows.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Health(Vec<Row>);

pub(super) async fn run(ctx: &Context, _: &DoctorArgs) -> Result<u8> {
    let mut rows = Vec::new();
    let begun = Instant::now();
    rows.push(row(
        "config",
        begun,
        ctx.config().map(|_| "the configuration is right".into()),
    ));
    let begun = Instant::now();
    match engine(ctx).await {
        Ok((engine, message)) => {
            rows.push(row("docker-engine", begun, Ok(message)));
            let begun = Instant::now();
            rows.push(row("docker-volume-api", begun, probe_volume(&engine).await));
            rows.push(host_listeners(&engine).await);
        }
        Err(error) => rows.push(row("docker-engine", begun, Err(error))),
    }
    let begun = Instant::now();
    let guest = GuestBinary::find(own_architecture()).map_err(Error::from);
    rows.push(row(
        "guest",
        begun,
        guest.map(|guest| format!("the guest is {}", guest.path.display())),
    ));
    let begun = Instant::now();
    let state = ctx.paths().and_then(|paths| {
        crate::files::private_directory(&paths.state)?;
        Ok(format!("{} can be written", paths.state.display()))
    });
    rows.push(row("state", begun, state));
    rows.push(git());
    rows.push(privileged_files().await);
    let failed = rows.iter().any(|row| row.state == State::Failed);
    answer(ctx, &Health(rows))?;
    Ok(u8::from(failed))
}

fn row(key: &'static str, begun: Instant, outcome: Result<String>) -> Row {
    let milliseconds = begun.elapsed().as_millis();
    match outcome {
        Ok(message) => Row {
            key,
            state: State::Ok,
            milliseconds,
            message,
            cause: None,
            hint: None,
            listeners: None,
            mistakes: None,
        },
        Err(error) => Row {
            key,
            state: State::Failed,
            milliseconds,
            hint: error.hints.first().cloned(),
            cause: error.cause.map(String::from),
            message: error.message,
            listeners: None,
            mistakes: error.report,
        },
    }
}

async fn engine(ctx: &Context) -> Result<(Engine, String)> {
    let engine = ctx.engine()?;
    let version = engine.version().await?;
    let endpoint = engine.endpoint();
    let message = format!(
        "Docker {} (API {}) answers at {endpoint}, found by {}",
        version.release, version.api, endpoint.source
    );
    Ok((engine, message))
}

async fn probe_volume(engine: &Engine) -> Result<String> {
    let name = format!("dp-probe-{}", std::process::id());
    engine
        .create_volume(&name, &labels::of(Kind::Probe))
        .await?;
    engine.remove_volume(&name).await?;
    Ok("a volume was created and removed".into())
}

/// What of this machine a sandbox reaches.
async fn host_listeners(engine: &Engine) -> Row {
    let begun = Instant::now();
    match reach::look(engine).await {
        Err(error) => row(HOST_LISTENERS, begun, Err(error.into())),
        Ok(Reach::Elsewhere) => {
            let message = "the engine's network is not this machine's: `dp` cannot see who listens";
            row(HOST_LISTENERS, begun, Ok(message.into()))
        }
        Ok(Reach::Listeners { gateway, listeners }) => Row {
            listeners: Some(listeners.clone()),
            ..row(HOST_LISTENERS, begun, Ok(reached(gateway, &listeners)))
        },
    }
}

fn reached(gateway: Option<IpAddr>, listeners: &[SocketAddr]) -> String {
    let by = gateway.map_or_else(String::new, |gateway| format!(" by {gateway}"));
    if listeners.is_empty() {
        return format!("a sandbox reaches no TCP port of this machine{by}");
    }
    let shown = listeners.iter().take(SHOWN).map(ToString::to_string);
    let mut shown: Vec<String> = shown.collect();
    let more = listeners.len() - shown.len();
    shown.extend((more > 0).then(|| format!("and {more} more")));
    let shown = shown.join(", ");
    format!("a sandbox reaches this machine{by}: what listens on {shown}")
}

/// What an agent may have left in the current directory.
async fn privileged_files() -> Row {
    let begun = Instant::now();
    let Ok(here) = std::env::current_dir() else {
        let message = "the current directory is gone".into();
        return row(PRIVILEGED_FILES, begun, Ok(message));
    };
    let found = match privileged::look(vec![here.clone()]).await {
        Ok(found) => found,
        Err(error) => return row(PRIVILEGED_FILES, begun, Err(error)),
    };
    let mut message = match found.count {
        0 => "no file below this directory has a set-user-ID bit".into(),
        _ => privileged::files(&found, Some(&here)),
    };
    if let Some(unseen) = &found.unseen {
        message = format!("{message}; {}", privileged::incomplete(unseen));
    }
    let row = row(PRIVILEGED_FILES, begun, Ok(message));
    if found.count == 0 {
        return row;
    }
    Row {
        state: State::Warning,
        hint: Some(privileged::remedies(&found).join(", ")),
        ..row
    }
}

fn git() -> Row {
    let begun = Instant::now();
    let identity = crate::git::identity(std::path::Path::new("."));
    let state = match (&identity.name, &identity.email) {
        (Some(_), Some(_)) if identity.problem.is_none() => State::Ok,
        _ => State::Warning,
    };
    Row {
        key: "git-identity",
        state,
        milliseconds: begun.elapsed().as_millis(),
        message: match (identity.name, identity.email) {
            _ if identity.problem.is_some() => {
                "git cannot read the configuration of this project".into()
            }
            (Some(name), Some(email)) => format!("commits are by {name} <{email}>"),
            _ => "git does not know you here, so commits inside will fail".into(),
        },
        hint: (state != State::Ok && identity.problem.is_none())
            .then(|| "git config --global user.name \"Your Name\", and user.email".into()),
        cause: identity.problem,
        listeners: None,
        mistakes: None,
    }
}

impl Answer for Health {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        let words = |text: &str| without_gaps(text, 1);
        for row in &self.0 {
            let mark = match row.state {
                State::Ok => (Tone::Green, "ok     "),
                State::Warning => (Tone::LightYellow, "warning"),
                State::Failed => (Tone::LightRed, "failed "),
            };
            let text = format!(
                "  {:18} {} ({} ms)",
                row.key,
                words(&row.message),
                row.milliseconds
            );
            out.toned(&[mark, (Tone::Plain, &text)]);
            if let Some(cause) = &row.cause {
                writeln!(out, "           cause: {}", words(cause))?;
            }
            if let Some(hint) = &row.hint {
                writeln!(out, "           hint: {}", words(hint))?;
            }
            if let Some(mistakes) = &row.mistakes {
                out.report_below("           ", mistakes);
            }
        }
        Ok(())
    }
}
