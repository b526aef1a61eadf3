//! Requests for programs of the file's own beside logins and keys that a person keeps for agents of
//! the catalogue: whatever runs in the same sandbox can read them.

use super::super::file::{Agent, Runs, TemplateSource};
use super::super::place::{Place, Placed};
use super::{Asks, RequestKind};
use crate::values::text::{quoted, quoted_ascii, quoted_path, quoted_words};
use crate::values::url::without_password;

impl Asks<'_> {
    pub(super) fn programs(&mut self) {
        let file = self.file;
        let mut keepers: Vec<&str> = Vec::new();
        for agent in file.agents() {
            if let Runs::Catalogue(name) = &agent.runs
                && (self.given.has_keys)(name)
                && !keepers.contains(&name.value.as_str())
            {
                keepers.push(name);
            }
        }
        if keepers.is_empty() {
            return;
        }
        let keys: Vec<String> = keepers.iter().map(|name| quoted(name)).collect();
        let keys = keys.join(", ");
        for agent in file.agents() {
            if let Some((place, what)) = self.own_program(agent) {
                let key = quoted(&agent.key);
                let words =
                    format!("run {what} as the agent {key}, beside your logins and keys of {keys}");
                self.add(RequestKind::Program, place, words);
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

    /// Where a template comes from, as its own request says it.
    fn source(&self, source: &TemplateSource) -> String {
        match source {
            TemplateSource::Directory(path) => quoted_path(&(self.given.real)(path)),
            TemplateSource::Git { url, .. } => quoted_ascii(&without_password(url)),
            TemplateSource::Declared(name) | TemplateSource::Named(name) => quoted(name),
        }
    }
}
