//! Requests for programs of the file's own, and for who is in one sandbox with logins and keys:
//! whatever runs there, or ran there before, can read them and send them elsewhere. Agents of several
//! vendors read each other's.

use super::super::file::{Agent, Runs};
use super::super::place::{Place, Placed};
use super::{Asks, RequestKind};
use crate::values::placeholder;
use crate::values::text::{quoted, quoted_words};
use std::collections::BTreeSet;

/// Whose logins and keys are in the file's sandbox.
#[derive(Default)]
pub(super) struct Keepers<'a> {
    /// Agents of the catalogue, in the order of the file.
    agents: Vec<&'a str>,
    /// Secrets that the file asks for.
    secrets: BTreeSet<&'a str>,
}

impl Keepers<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.agents.is_empty() && self.secrets.is_empty()
    }

    /// `your logins and keys of "claude", "codex" and your secret "KEY"`
    fn words(&self) -> String {
        let listed = |names: &mut dyn Iterator<Item = &&str>| {
            let names: Vec<String> = names.map(|name| quoted(name)).collect();
            names.join(", ")
        };
        let mut words = Vec::new();
        if !self.agents.is_empty() {
            let agents = listed(&mut self.agents.iter());
            words.push(format!("your logins and keys of {agents}"));
        }
        if !self.secrets.is_empty() {
            let s = if self.secrets.len() == 1 { "" } else { "s" };
            let secrets = listed(&mut self.secrets.iter());
            words.push(format!("your secret{s} {secrets}"));
        }
        words.join(" and ")
    }
}

impl<'a> Asks<'a> {
    /// Agents of one sandbox share a user, so that each reads what any of them was given.
    pub(super) fn keepers(&self) -> Keepers<'a> {
        let (file, given) = (self.file, self.given);
        let mut keepers = Keepers::default();
        for agent in file.agents() {
            if let Runs::Catalogue(name) = &agent.runs
                && (given.has_keys)(name)
                && !keepers.agents.contains(&name.value.as_str())
            {
                keepers.agents.push(name);
            }
        }
        let of_files = given.variables.iter().flat_map(|file| file.values());
        let own = file.agents().iter().flat_map(|agent| agent.env.values());
        let own = file.env.values().chain(own).map(|value| value.expose());
        let values = of_files.map(String::as_str).chain(own);
        keepers.secrets = values.flat_map(placeholder::names).flatten().collect();
        keepers
    }

    /// Logins of several agents in one sandbox.
    pub(super) fn company(&mut self) {
        let own = self.file.docker.credentials.as_ref();
        let own = own.map(|own| own.value).or(self.given.credentials);
        let mut names = BTreeSet::new();
        let mut place = None;
        for agent in self.file.agents() {
            if let Runs::Catalogue(name) = &agent.runs
                && (self.given.keeps)(name, own)
                && names.insert(name.as_str())
            {
                place = Some(name.place);
            }
        }
        if let Some(place) = place.filter(|_| names.len() > 1) {
            let names: Vec<String> = names.into_iter().map(quoted).collect();
            let words = format!(
                "run the agents {} in one sandbox, where each reads the logins and keys of the others",
                names.join(", ")
            );
            self.add(RequestKind::Credentials, place, words);
        }
    }

    /// Whoever asks for an agent of the catalogue by its name logs in to what they get, so that
    /// something else under that name is asked for, also where nothing is beside it.
    pub(super) fn impostors(&mut self) {
        for agent in self.file.agents() {
            let key = agent.key.as_str();
            let runs_it = matches!(&agent.runs, Runs::Catalogue(name) if *name.value == *key);
            // Arguments are asked for as a program of their own.
            if !(self.given.is_known)(key) || runs_it && agent.command.is_none() {
                continue;
            }
            let (place, what) = self
                .own_program(agent)
                .unwrap_or_else(|| match &agent.runs {
                    Runs::Catalogue(name) => (name.place, quoted(name)),
                    Runs::Template(source) => (source.place, self.source(source)),
                });
            let words = format!("run {what} in place of the agent {} of `dp`", quoted(key));
            self.add(RequestKind::Program, place, words);
        }
    }

    /// Programs of the file's own are asked for wherever they run: what one leaves in the sandbox, such as
    /// another program under the name of an agent, is there when a later file brings a login or a key.
    pub(super) fn programs(&mut self) {
        let file = self.file;
        let keepers = self.keepers();
        let company = if keepers.is_empty() {
            "which can leave programs for all that runs in the sandbox later".into()
        } else {
            format!("beside {}", keepers.words())
        };
        for agent in file.agents() {
            if let Some((place, what)) = self.own_program(agent) {
                let key = quoted(&agent.key);
                let words = format!("run {what} as the agent {key}, {company}");
                self.add(RequestKind::Program, place, words);
            }
        }
    }

    /// Programs of the file's own, which get what is typed for a run. The words name neither: a person who
    /// gives another variable is not asked again.
    pub(super) fn receivers(&mut self) {
        for agent in self.file.agents() {
            if let Some((place, what)) = self.own_program(agent) {
                let key = quoted(&agent.key);
                let words = format!(
                    "give what you type for a run, such as variables and mounts, to {what}, which runs as the agent {key}"
                );
                self.add(RequestKind::Given, place, words);
            }
        }
    }

    /// What an agent runs that is not the catalogue's as it is: its words may make a program do
    /// anything, such as send what it has elsewhere.
    fn own_program(&self, agent: &Agent) -> Option<(Place, String)> {
        let words = |words: &[Placed<String>]| quoted_words(words.iter().map(|it| it.as_str()));
        let arguments = match agent.args.as_slice() {
            [] => String::new(),
            arguments => format!(" with the arguments {}", words(arguments)),
        };
        if let Some(command) = &agent.command {
            let place = command.first().map_or(agent.key.place, |word| word.place);
            return Some((place, format!("the command {}{arguments}", words(command))));
        }
        match &agent.runs {
            Runs::Template(source) => {
                let what = format!("the template {}{arguments}", self.source(source));
                Some((source.place, what))
            }
            Runs::Catalogue(name) => {
                let place = agent.args.first()?.place;
                Some((place, format!("{}{arguments}", quoted(name))))
            }
        }
    }
}
