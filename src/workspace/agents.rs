//! The tree of agents, flattened.

use super::fields::Fields;
use super::file::{Agent, Runs, Template, TemplateSource};
use super::git_source;
use super::keys::{AGENT, AGENT_KEY};
use super::mistake::{Mistake, nearest};
use super::node::Entry;
use super::place::Placed;
use super::reader::Reader;
use super::shape::Path as At;
use std::collections::{BTreeMap, HashSet};

/// The deepest that agents may lie.
const DEEPEST: usize = 10;
/// Agents of one file, those below others included.
const AGENTS: usize = 500;
/// What they may be together: each instance is a process.
const PROCESSES: u32 = 500;
/// Their own variables together.
const VARIABLES: usize = 2000;
/// Repositories that they come from.
const REPOSITORIES: usize = 50;

/// All agents in the order of the file, those below an agent right after it.
pub(super) fn read(
    entries: &[Entry],
    templates: &BTreeMap<String, Template>,
    reader: &mut Reader<'_>,
) -> Vec<Agent> {
    let mut tree = Tree {
        templates,
        keys: HashSet::new(),
        agents: Vec::new(),
        peers: Vec::new(),
        reader,
    };
    tree.level(entries, None, At::Key(&At::Root, "agents"));
    tree.check_peers();
    tree.check_sums();
    tree.agents
}

struct Tree<'a, 'b> {
    templates: &'a BTreeMap<String, Template>,
    /// Of every agent, those with mistakes included.
    keys: HashSet<&'a str>,
    agents: Vec<Agent>,
    /// Who names whom as a peer.
    peers: Vec<(&'a str, Placed<&'a str>)>,
    reader: &'a mut Reader<'b>,
}

impl<'a> Tree<'a, '_> {
    fn level(&mut self, entries: &'a [Entry], parent: Option<(&str, usize)>, at: At<'_>) {
        let depth = parent.map_or(1, |(_, depth)| depth + 1);
        let mut here = HashSet::new();
        for entry in entries {
            if self.keys.len() >= AGENTS {
                let message = format!("there are more than {AGENTS} agents");
                self.reader.error(entry.place, message);
                return;
            }
            if depth > DEEPEST {
                let message = format!("agents are more than {DEEPEST} deep");
                self.reader.error(entry.place, message);
                return;
            }
            // A key that is twice in the same map was complained of already.
            if !here.insert(&entry.key) {
                continue;
            }
            if !is_agent_key(&entry.key) {
                let message = format!("`{}` is no key of an agent", entry.key);
                let mistake = Mistake::error(entry.place, message);
                self.reader.mistakes.add(mistake.label(AGENT_KEY.says));
            }
            if !self.keys.insert(&entry.key) {
                let message = format!("two agents have the key `{}`", entry.key);
                let mistake = Mistake::error(entry.place, message).label("already taken above");
                self.reader.mistakes.add(mistake);
            }
            self.agent(entry, parent, depth, At::Key(&at, &entry.key));
        }
    }

    fn agent(&mut self, entry: &'a Entry, parent: Option<(&str, usize)>, depth: usize, at: At<'_>) {
        let fields = Fields::new(&entry.node, &AGENT);
        let runs = self.runs(&fields, at);
        let peers = fields.texts("peers").into_iter();
        self.peers
            .extend(peers.map(|peer| (entry.key.as_str(), peer)));
        let env = self
            .reader
            .environment(fields.map("env"), At::Key(&at, "env"));
        let command = fields
            .entry("command")
            .map(|entry| (entry, owned(fields.texts("command"))));
        if let Some((entry, words)) = &command
            && words.first().is_none_or(|word| word.is_empty())
        {
            self.reader
                .error(entry.place, format!("`{at}.command` names no program"));
        }
        if let Some(runs) = runs {
            self.agents.push(Agent {
                key: Placed::new(entry.key.clone(), entry.place),
                parent: parent.map(|(key, _)| key.to_string()),
                depth,
                runs,
                command: command.map(|(_, words)| words),
                args: owned(fields.texts("args")),
                env,
                peers: owned(fields.texts("peers")),
                auto_start: fields
                    .flag("auto_start")
                    .map_or(parent.is_none(), |flag| flag.value),
                instances: fields.whole("instances").map_or(1, |number| number.value),
            });
        }
        let below = fields.map("sub_agents");
        self.level(below, Some((&entry.key, depth)), At::Key(&at, "sub_agents"));
    }

    fn runs(&mut self, fields: &Fields<'_>, at: At<'_>) -> Option<Runs> {
        if let Some(text) = self.reader.text(fields, "template") {
            let source = if self.templates.contains_key(&text.value) {
                TemplateSource::Declared(text.value)
            } else {
                match git_source::parse(&text.value, &self.reader.base) {
                    Ok(Some(source)) => source,
                    Ok(None) => TemplateSource::Named(text.value),
                    Err(problem) => {
                        let message = format!("`{at}.template` {problem}");
                        self.reader.error(text.place, message);
                        return None;
                    }
                }
            };
            return Some(Runs::Template(Placed::new(source, text.place)));
        }
        self.reader.text(fields, "agent").map(Runs::Catalogue)
    }

    /// What all of them come to together, with the agent that is too much.
    fn check_sums(&mut self) {
        let (mut processes, mut variables) = (0_u32, 0);
        let mut repositories = HashSet::new();
        for agent in &self.agents {
            processes = processes.saturating_add(agent.instances);
            variables += agent.env.len();
            let declared = |name: &String| self.templates.get(name).map(|it| &it.source.value);
            let source = match &agent.runs {
                Runs::Template(source) => match &source.value {
                    TemplateSource::Declared(name) => declared(name),
                    source => Some(source),
                },
                Runs::Catalogue(_) => None,
            };
            if let Some(TemplateSource::Git { url, reference, .. }) = source {
                repositories.insert((url, reference));
            }
            let message = if processes > PROCESSES {
                format!("the agents are more than {PROCESSES} processes together")
            } else if variables > VARIABLES {
                format!("the agents have more than {VARIABLES} variables together")
            } else if repositories.len() > REPOSITORIES {
                format!("the agents come from more than {REPOSITORIES} repositories")
            } else {
                continue;
            };
            return self.reader.error(agent.key.place, message);
        }
    }

    /// Whoever is a peer is there. Agents may be peers of each other.
    fn check_peers(&mut self) {
        for (agent, peer) in &self.peers {
            if *agent == peer.value {
                let message = format!("the agent `{agent}` is its own peer");
                self.reader
                    .mistakes
                    .add(Mistake::warning(peer.place, message));
            } else if !self.keys.contains(peer.value) {
                let message = format!("there is no agent `{}`", peer.value);
                let mistake = Mistake::error(peer.place, message);
                let wants_hint = self.reader.mistakes.is_short();
                let near = wants_hint.then(|| nearest(peer, self.keys.iter().copied()));
                self.reader.mistakes.add(mistake.meant(near.flatten()));
            }
        }
    }
}

fn owned(texts: Vec<Placed<&str>>) -> Vec<Placed<String>> {
    let texts = texts.into_iter().map(|text| text.map(str::to_string));
    texts.collect()
}

/// `[a-z0-9][a-z0-9_-]{0,62}`
#[must_use]
pub fn is_agent_key(key: &str) -> bool {
    let is_first = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_plain = |c: char| is_first(c) || c == '_' || c == '-';
    key.len() <= 63 && key.starts_with(is_first) && key.chars().all(is_plain)
}
