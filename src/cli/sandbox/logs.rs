//! `dp sandbox logs`: what agents wrote, also while nobody looked. A guest that runs is asked; of
//! a sandbox that is stopped the files are read.

use super::super::explain;
use super::super::output;
use super::super::{Context, Error, Result};
use super::{enter, keys, ps, written};
use crate::engine::Engine;
use crate::guest::message::Request;
use crate::guest::{INNER_ENGINE_KEY, log};
use crate::sandbox::existing::Selector;
use crate::sandbox::session::crowd::{self, Voice};
use crate::sandbox::session::{self, Form, Signals};
use crate::sandbox::spec::TEAM;
use crate::sandbox::{Existing, beside, channel};
use clap::Args;

/// Print what an agent wrote
///
/// In the sandbox of a workspace file it is all of its agents, unless one is named: each line begins
/// with the agent's key. A log is printed as the text that a terminal would have shown of it, without
/// what else a terminal obeys; `--raw` prints the bytes as the agent wrote them.
#[derive(Debug, Args)]
#[command(before_long_help = "Examples:\n  \
    dp sandbox logs -f             all agents of this directory's workspace file\n  \
    dp sandbox logs -f lead        one of them\n  \
    dp sandbox logs -n 20 . lead   the end of its log")]
pub(in crate::cli) struct LogsArgs {
    /// Go on with what is written from now
    #[arg(short, long)]
    follow: bool,
    /// Print the bytes as they were written: a terminal obeys every sequence in them
    #[arg(long)]
    raw: bool,
    /// Only this many lines from the end, of each agent
    #[arg(short = 'n', long, value_name = "N")]
    tail: Option<usize>,
    /// Name, ID or directory of the sandbox
    #[arg(default_value = ".")]
    sandbox: Selector,
    /// Agent, or an instance of one [default: the sandbox's own, or all of the workspace file]
    agent: Option<String>,
}

pub(super) async fn run(ctx: &Context, args: LogsArgs) -> Result<u8> {
    let engine = ctx.engine()?;
    let (sandbox, agent) = keys::select(ctx, &engine, &args.sandbox, args.agent).await?;
    let is_at_rest = matches!(sandbox.state.as_str(), "exited" | "created" | "dead");
    let logs = Logs {
        sandbox: if is_at_rest {
            sandbox
        } else {
            enter::expect_running(sandbox)?
        },
        engine,
        is_at_rest,
        tail: args.tail,
        follow: args.follow,
        form: output::form_of_logs(args.raw),
    };
    let mut signals = Signals::listen()?;
    tokio::select! {
        printed = logs.print(agent) => printed,
        code = signals.end() => Ok(code),
    }
}

/// The logs of a sandbox.
struct Logs {
    engine: Engine,
    sandbox: Existing,
    /// There is no guest to ask.
    is_at_rest: bool,
    tail: Option<usize>,
    follow: bool,
    form: Form,
}

impl Logs {
    async fn print(&self, agent: Option<String>) -> Result<u8> {
        let is_team = self.sandbox.agent == TEAM;
        let Some(word) = agent.or_else(|| (!is_team).then(|| self.sandbox.agent.clone())) else {
            let known = self.known().await?;
            return match known.as_slice() {
                [] => Err(self.nobody()),
                known => self.together(known).await,
            };
        };
        if !is_team || !keys::is_agent(&word) {
            return self.alone(&word).await;
        }
        let known = self.known().await?;
        let is_meant = |key: &&String| keys::stands_for(&word, key);
        let meant: Vec<String> = known.iter().filter(is_meant).cloned().collect();
        match meant.as_slice() {
            [] => {
                let printed = self.alone(&word).await;
                printed.map_err(|error| match explain::near(&word, &known) {
                    Some(near) if error.code == "no-process" => {
                        error.hint(explain::did_you_mean(near))
                    }
                    _ => error,
                })
            }
            [one] => self.alone(one).await,
            several => self.together(several).await,
        }
    }

    /// The agents that have written. A guest knows those that ran since it was started; after a
    /// restart there may be only files.
    async fn known(&self) -> Result<Vec<String>> {
        if !self.is_at_rest {
            let known = keys::of(&ps::processes(&self.engine, &self.sandbox).await?);
            if !known.is_empty() {
                return Ok(known);
            }
        }
        written::keys(&self.engine, &self.sandbox).await
    }

    /// One log.
    async fn alone(&self, key: &str) -> Result<u8> {
        if key == INNER_ENGINE_KEY
            && let Some(id) = beside::find(&self.engine, &self.sandbox).await?
        {
            return self.of_engine(id).await;
        }
        if self.is_at_rest {
            let text = written::text(&self.engine, &self.sandbox, key).await?;
            session::recite(log::last_lines(&text, self.tail), self.form)?;
            return Ok(0);
        }
        let stream = channel::open(&self.engine, &self.sandbox, false).await?;
        session::print(stream, self.request(key), self.form, self.follow).await?;
        Ok(0)
    }

    /// Several, with their names: one after the other, or as they come.
    async fn together(&self, keys: &[String]) -> Result<u8> {
        let width = crowd::width(keys.iter().map(String::as_str));
        let mut voices = Vec::new();
        for key in keys {
            if self.is_at_rest {
                let text = written::text(&self.engine, &self.sandbox, key).await?;
                if !crowd::recite(key, width, log::last_lines(&text, self.tail), self.form)? {
                    return Ok(0);
                }
                continue;
            }
            voices.push(Voice {
                name: key.clone(),
                stream: channel::open(&self.engine, &self.sandbox, false).await?,
                request: self.request(key),
            });
            let form = self.form;
            if !self.follow
                && !crowd::listen(std::mem::take(&mut voices), width, form, false).await?
            {
                return Ok(0);
            }
        }
        crowd::listen(voices, width, self.form, true).await?;
        Ok(0)
    }

    /// What the Docker engine beside the sandbox wrote, as far as it has come.
    async fn of_engine(&self, id: String) -> Result<u8> {
        let text = written::text_of_engine(&self.engine, &self.sandbox, &id).await?;
        session::recite(log::last_lines(&text, self.tail), self.form)?;
        Ok(0)
    }

    fn request(&self, key: &str) -> Request {
        Request::Logs {
            key: key.to_string(),
            tail: self.tail,
            follow: self.follow,
        }
    }

    fn nobody(&self) -> Error {
        let message = format!(
            "no agent has run in the sandbox `{}` yet",
            self.sandbox.name
        );
        Error::not_found("no-process", message).hint(keys::start(&self.sandbox))
    }
}
