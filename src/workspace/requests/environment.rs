//! Requests for secrets, and for variables.

use super::super::file::EnvValue;
use super::super::place::{Place, Placed};
use super::{Asks, Request, RequestKind};
use crate::values::informing::{informs, is_called_a_secret};
use crate::values::placeholder;
use crate::values::text::{quoted, quoted_ascii};
use crate::values::url::without_password;
use std::path::Path;

/// How many hex digits of a hidden value's hash are shown.
const DIGITS: usize = 8;

impl Asks<'_> {
    /// Variables of the workspace are of every agent, also of those that the file does not name:
    /// `dp run codex` gives them to codex. Those of one agent may make another program of what was
    /// approved for what it is.
    pub(super) fn environment(&mut self) {
        let given = self.given;
        for (path, variables) in self.file.env_files.iter().zip(given.variables) {
            let real = (given.real)(path);
            for (name, value) in variables {
                self.secrets(path.place, name, value, None);
                let variable = Variable {
                    place: path.place,
                    name,
                    value,
                    agent: None,
                    of_file: Some(&real),
                    is_persons: self.outside(path).is_some(),
                };
                self.variable(&variable);
            }
        }
        let file = self.file;
        for (name, value) in &file.env {
            self.secrets(value.place, name, value.expose(), None);
            self.variable(&Variable::of_file(name, value, None));
        }
        for agent in file.agents() {
            let key = Some(agent.key.as_str());
            for (name, value) in &agent.env {
                self.secrets(value.place, name, value.expose(), key);
                self.variable(&Variable::of_file(name, value, key));
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

    fn variable(&mut self, asked: &Variable<'_>) {
        let &Variable {
            place, name, value, ..
        } = asked;
        // A key that the person keeps, and is asked for by name.
        let is_kept_key = is_called_a_secret(name) && is_placeholder(value);
        if is_kept_key || informs(name, value) {
            return;
        }
        let (shown, name, whom) = (asked.shown(), quoted(name), whom(asked.agent));
        self.requests.push(match shown {
            Shown::Whole => {
                let words = format!("set {name} to {} for {whom}", quoted_ascii(value));
                Request::new(RequestKind::Variable, place, words)
            }
            Shown::Masked(url) => {
                let (url, hash) = (quoted_ascii(&url), (self.given.hash)(&asked.parts()));
                let short = shortened(&hash);
                let words =
                    format!("set {name} to {url} for {whom}, with a password not shown ({short})");
                Request::new(RequestKind::Variable, place, words).hiding(&hash)
            }
            Shown::Nothing => {
                let hash = (self.given.hash)(&asked.parts());
                let short = shortened(&hash);
                let words = format!("set {name} to a value that is not shown ({short}) for {whom}");
                Request::new(RequestKind::Variable, place, words).hiding(&hash)
            }
        });
    }
}

/// A variable that somebody is to get.
struct Variable<'a> {
    place: Place,
    name: &'a str,
    value: &'a str,
    /// `None` for every agent.
    agent: Option<&'a str>,
    /// The environment file that has it, links resolved.
    of_file: Option<&'a Path>,
    /// It is of a file elsewhere, which the author of the workspace file only names: whoever may
    /// read what `dp` prints must not read that file by it.
    is_persons: bool,
}

/// What of a value is shown.
enum Shown {
    Whole,
    /// Without the password.
    Masked(String),
    Nothing,
}

/// Who gets a variable.
fn whom(agent: Option<&str>) -> String {
    match agent {
        Some(key) => format!("the agent {}", quoted(key)),
        None => "every agent".into(),
    }
}

impl<'a> Variable<'a> {
    fn of_file(name: &'a str, value: &'a Placed<EnvValue>, agent: Option<&'a str>) -> Self {
        Self {
            place: value.place,
            name,
            value: value.expose(),
            agent,
            of_file: None,
            is_persons: false,
        }
    }

    /// The value and its place in the file: who writes guesses into other places of it, or into other
    /// files, learns nothing of this value.
    fn parts(&self) -> [&'a [u8]; 4] {
        let (list, of) = match (self.of_file, self.agent) {
            (Some(path), _) => ("env_file", path.as_os_str().as_encoded_bytes()),
            (None, Some(key)) => ("agents", key.as_bytes()),
            (None, None) => ("env", "".as_bytes()),
        };
        let (name, value) = (self.name.as_bytes(), self.value.as_bytes());
        [list.as_bytes(), of, name, value]
    }

    /// Only a secret is hidden. A placeholder is none: it names one.
    fn shown(&self) -> Shown {
        let is_secret =
            is_called_a_secret(self.name) && placeholder::names(self.value).next().is_none();
        if is_secret || self.is_persons {
            return Shown::Nothing;
        }
        let url = without_password(self.value);
        if url == self.value {
            Shown::Whole
        } else {
            Shown::Masked(url)
        }
    }
}

/// Tells a hidden value from another: `hash 2bd806c9`. The hash is by the person's own key, so that
/// nobody else can try values against it.
fn shortened(hash: &str) -> String {
    format!("hash {}", hash.get(..DIGITS).unwrap_or(hash))
}

/// It is `{{apikey:NAME}}` and nothing else.
fn is_placeholder(value: &str) -> bool {
    let inner = value.strip_prefix(placeholder::OPEN);
    let inner = inner.and_then(|rest| rest.strip_suffix(placeholder::CLOSE));
    inner.is_some_and(|name| placeholder::is_secret_name(name.trim()))
}
