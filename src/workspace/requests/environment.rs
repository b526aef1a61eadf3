//! Requests for secrets, and variables that steer the person's own agents.

use super::super::file::Runs;
use super::super::place::Place;
use super::{Asks, Request, RequestKind};
use crate::values::placeholder;
use crate::values::steering::{may_be_secret, steers};
use crate::values::text::quoted;
use crate::values::url::without_password;

impl Asks<'_> {
    /// Variables of the workspace are of every agent, also of those that the file does not name:
    /// `dp run codex` gives them to codex. Those of a template are its own program's alone.
    pub(super) fn environment(&mut self) {
        let given = self.given;
        for (path, variables) in self.file.env_files.iter().zip(given.variables) {
            for (name, value) in variables {
                self.secrets(path.place, name, value, None);
                self.variable(path.place, name, value, None);
            }
        }
        let file = self.file;
        for (name, value) in &file.env {
            self.secrets(value.place, name, value.expose(), None);
            self.variable(value.place, name, value.expose(), None);
        }
        for agent in file.agents() {
            let key = Some(agent.key.as_str());
            for (name, value) in &agent.env {
                self.secrets(value.place, name, value.expose(), key);
                if matches!(agent.runs, Runs::Catalogue(_)) {
                    self.variable(value.place, name, value.expose(), key);
                }
            }
        }
    }

    fn secrets(&mut self, place: Place, variable: &str, value: &str, agent: Option<&str>) {
        for name in placeholder::names(value).flatten() {
            let (name, variable, whom) = (quoted(name), quoted(variable), whom(agent));
            let words = format!("give your secret {name} to {whom} in {variable}");
            self.add(RequestKind::Secret, place, words);
        }
    }

    fn variable(&mut self, place: Place, name: &str, value: &str, agent: Option<&str>) {
        // A key that the person keeps, and is asked for by name.
        let is_kept_key = may_be_secret(name) && is_placeholder(value);
        if is_kept_key || !steers(name, self.given.vendors) {
            return;
        }
        let whom = whom(agent);
        let shown = shown(name, value);
        let to = shown.as_ref().map_or_else(
            || "a value that is not shown".to_string(),
            |value| quoted(value),
        );
        let words = format!("set {} to {to} for {whom}", quoted(name));
        let request = Request::new(RequestKind::Variable, place, words);
        self.requests.push(match shown {
            Some(shown) if shown == value => request,
            _ => request.hiding(value),
        });
    }
}

/// Who gets a variable.
fn whom(agent: Option<&str>) -> String {
    match agent {
        Some(key) => format!("the agent {}", quoted(key)),
        None => "every agent".into(),
    }
}

/// A value as it may be shown, without a password; `None` when all of it may be secret.
fn shown(name: &str, value: &str) -> Option<String> {
    (!may_be_secret(name)).then(|| without_password(value))
}

/// It is `{{apikey:NAME}}` and nothing else.
fn is_placeholder(value: &str) -> bool {
    let inner = value.strip_prefix(placeholder::OPEN);
    let inner = inner.and_then(|rest| rest.strip_suffix(placeholder::CLOSE));
    inner.is_some_and(|name| placeholder::is_secret_name(name.trim()))
}
