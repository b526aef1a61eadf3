//! A team's processes: started, attached to, and what came of those that nobody looked at.

use super::super::super::output::{form_of_logs, note, warn};
use super::super::super::{Context, Error, Result};
use super::super::after::{self, After};
use super::super::ask::{ask, unexpected};
use super::super::{enter, ps};
use super::gather::Player;
use super::lineup::Lineup;
use crate::engine::Engine;
use crate::guest::message::{Exit, ProcessInfo, Reply, Request, Start};
use crate::sandbox::apply::Ready;
use crate::sandbox::session::crowd::{self, Ended, Voice};
use crate::sandbox::session::{self, Outcome, Wanted};
use crate::sandbox::{channel, environment};
use crate::terminal::Drawn;
use std::collections::BTreeMap;

/// How many of its last lines are told of an agent that crashed.
const LAST_LINES: usize = 5;

/// What it takes to start somebody.
pub(super) struct Launch<'a> {
    pub(super) ctx: &'a Context,
    pub(super) engine: &'a Engine,
    pub(super) ready: &'a Ready,
    pub(super) is_quiet: bool,
    pub(super) keep_going: bool,
}

/// An agent in the background.
pub(super) struct Started {
    name: String,
    id: u64,
}

impl Launch<'_> {
    /// Starts everybody, those on the stage last, and stays until they end.
    pub(super) async fn attached(&self, lineup: Lineup, after: Option<After>) -> Result<u8> {
        let waiting: Vec<String> = interactive(&lineup.background);
        let started = self.in_background(lineup.background).await?;
        if !self.is_quiet {
            for name in &waiting {
                note(&format!(
                    "{name} has a terminal of its own; `dp run {name}` comes to it"
                ));
            }
        }
        let outcome = match lineup.stage.len() {
            0 => Ok(Outcome::Started),
            1 => self.alone(lineup.stage.into_iter().next()).await,
            _ => self.together(lineup.stage).await,
        };
        self.look_after(&started, &outcome).await;
        if let Some(after) = after {
            let ours: Vec<String> = started.into_iter().map(|agent| agent.name).collect();
            let sandbox = self.ready.sandbox.clone();
            after::see_to(self.engine, sandbox, after, &outcome, &ours, self.is_quiet).await?;
        }
        outcome.map(enter::code)
    }

    /// Starts everybody who does not run yet, and leaves them.
    pub(super) async fn in_background(&self, players: Vec<Player>) -> Result<Vec<Started>> {
        let mut started = Vec::new();
        let running = self.running_for(&players).await?;
        for player in players {
            player.expect_no_arguments(&running)?;
            let name = player.member.process.clone();
            match self.start(player).await {
                Ok(id) => started.push(Started { name, id }),
                Err(error) if self.keep_going => {
                    warn(&format!("{name} cannot be started: {}", error.message));
                }
                Err(error) => return Err(error.of_agent(&name)),
            }
        }
        Ok(started)
    }

    async fn start(&self, player: Player) -> Result<u64> {
        let tty = player.member.is_interactive.then(enter::terminal_size);
        let start = Start {
            detached: true,
            tty,
            ..self.describe(player, tty.is_some())
        };
        match ask(self.engine, &self.ready.sandbox, Request::Start(start)).await? {
            Reply::Started { id } => Ok(id),
            _ => Err(unexpected()),
        }
    }

    /// One agent that has the terminal to itself.
    async fn alone(&self, player: Option<Player>) -> Result<Outcome> {
        let Some(player) = player else {
            return Ok(Outcome::Started);
        };
        let running = self.running().await?;
        player.expect_no_arguments(&running)?;
        let process = running.get(&player.member.process);
        // What runs without a terminal has none to give.
        let has_terminal = process.is_none_or(|process| process.tty);
        let tty = (has_terminal && session::is_interactive()).then(enter::terminal_size);
        let alternatives = player.program.as_ref();
        let alternatives = alternatives.map(|outfit| outfit.agent.definition.alternatives.clone());
        let wanted = Wanted {
            attach: process.map(|process| process.id),
            interrupt_leaves: process.is_some() && !has_terminal,
            alternatives: alternatives.unwrap_or_default(),
            detach_keys: enter::detach_keys(self.ctx)?,
            start: Start {
                tty,
                stdin: true,
                ..self.describe(player, tty.is_some())
            },
            ..Wanted::default()
        };
        enter::outcome(self.engine, self.ready, wanted, self.is_quiet).await
    }

    /// Several that are heard line by line. The first that failed says how it went.
    async fn together(&self, players: Vec<Player>) -> Result<Outcome> {
        let running = self.running_for(&players).await?;
        let mut voices = Vec::new();
        for player in players {
            player.expect_no_arguments(&running)?;
            let name = player.member.process.clone();
            let stream = channel::open(self.engine, &self.ready.sandbox, false).await?;
            let request = Request::Start(self.describe(player, false));
            voices.push(Voice {
                name,
                stream,
                request,
            });
        }
        let ended = match crowd::run(voices, form_of_logs(false)).await? {
            Ended::All(ended) => ended,
            Ended::Left(signal) => return Ok(Outcome::Interrupted(signal)),
        };
        let mut worst = Exit {
            code: Some(0),
            signal: None,
        };
        for (name, exit) in ended {
            if exit.status() == 0 {
                continue;
            }
            if !self.is_quiet {
                warn(&format!("{name} ended with exit code {}", exit.status()));
            }
            if worst.status() == 0 {
                worst = exit;
            }
        }
        Ok(Outcome::Exited(worst))
    }

    /// The process of a player, without a terminal.
    fn describe(&self, player: Player, is_terminal: bool) -> Start {
        let sandbox = &self.ready.sandbox;
        let mut env = environment::of_session(is_terminal, &sandbox.settings);
        if let Some(outfit) = player.program {
            env.extend(environment::of_agent(&outfit.agent, outfit.own, sandbox));
            env.extend(outfit.secrets);
        }
        env.extend(player.member.env);
        Start {
            argv: player.member.argv,
            env,
            cwd: Some(crate::sandbox::spec::WORKSPACE_TARGET.into()),
            key: Some(player.member.process),
            unless_running: true,
            ..Start::default()
        }
    }

    /// The agents that run, where it matters to `players`: they were given arguments.
    async fn running_for(&self, players: &[Player]) -> Result<BTreeMap<String, ProcessInfo>> {
        if players.iter().any(|player| player.has_arguments) {
            return self.running().await;
        }
        Ok(BTreeMap::new())
    }

    /// The agents that run, by name.
    async fn running(&self) -> Result<BTreeMap<String, ProcessInfo>> {
        let processes = ps::processes(self.engine, &self.ready.sandbox).await?;
        let running = processes
            .into_iter()
            .filter(|process| process.exit.is_none());
        Ok(running
            .filter_map(|process| Some((process.key.clone()?, process)))
            .collect())
    }

    /// Says who crashed meanwhile, and who goes on. A sandbox that is gone says nothing.
    async fn look_after(&self, started: &[Started], outcome: &Result<Outcome>) {
        if started.is_empty() || self.is_quiet {
            return;
        }
        let Ok(processes) = ps::processes(self.engine, &self.ready.sandbox).await else {
            return;
        };
        let mut on = Vec::new();
        for Started { name, id } in started {
            match processes.iter().find(|process| process.id == *id) {
                Some(ProcessInfo { exit: None, .. }) => on.push(name.as_str()),
                Some(ProcessInfo {
                    exit: Some(exit), ..
                }) if exit.status() != 0 => {
                    warn(&format!("{name} ended with exit code {}", exit.status()));
                    self.last_lines(name).await;
                }
                _ => {}
            }
        }
        if !on.is_empty() && matches!(outcome, Ok(Outcome::Exited(_) | Outcome::Started)) {
            let name = &self.ready.sandbox.name;
            let (who, verb) = (on.join(", "), if on.len() == 1 { "goes" } else { "go" });
            note(&format!(
                "{who} {verb} on in {name}; `dp sandbox logs -f {name}` listens"
            ));
        }
    }

    async fn last_lines(&self, key: &str) {
        let Ok(stream) = channel::open(self.engine, &self.ready.sandbox, false).await else {
            return;
        };
        let request = Request::Logs {
            key: key.to_string(),
            tail: Some(LAST_LINES),
            follow: false,
        };
        if let Ok(bytes) = session::collect(stream, request).await {
            let mut drawn = Drawn::whole(LAST_LINES, false);
            let lines = [drawn.push(&bytes), drawn.finish()].concat();
            for line in lines {
                note(&format!("  {line}"));
            }
        }
    }
}

impl Player {
    /// What runs already cannot be given arguments.
    fn expect_no_arguments(&self, running: &BTreeMap<String, ProcessInfo>) -> Result<()> {
        let name = &self.member.process;
        if !self.has_arguments || !running.contains_key(name) {
            return Ok(());
        }
        let message = format!("`{name}` runs already, without these arguments");
        Err(Error::refused("running", message).hint(format!(
            "`dp run {name}` comes to it; `dp sandbox stop --agent {name} .` ends it"
        )))
    }
}

/// Those that have a terminal of their own.
fn interactive(players: &[Player]) -> Vec<String> {
    let players = players.iter().filter(|player| player.member.is_interactive);
    players
        .map(|player| player.member.process.clone())
        .collect()
}
