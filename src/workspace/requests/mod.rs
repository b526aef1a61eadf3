//! What a file asks for beyond its own directory: to be shown in words, and approved by a person.
//!
//! The words are what is approved, so they name everything that matters and change when it does.
//! Every text of the file in them is quoted, so that two requests never read alike. The table of
//! keys says for each key which kinds of requests come of it.

mod container;
mod environment;
mod paths;
mod programs;

use super::file::{Credentials, WorkspaceFile};
use super::named_template::NamedTemplate;
use super::place::Place;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

/// The kinds of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestKind {
    /// The file itself, whatever it says.
    File,
    /// The directory that agents work on.
    WorkspaceDir,
    /// A file of variables elsewhere.
    EnvFile,
    /// A variable.
    Variable,
    /// A kept secret.
    Secret,
    /// A template from elsewhere.
    Template,
    /// A program of the file's own.
    Program,
    /// What the person types for a run, to a program of the file's own. It comes of the command line: no
    /// key asks for it by itself.
    Given,
    /// A mount.
    Mount,
    /// An image.
    Image,
    /// A network.
    Network,
    /// A published port.
    Port,
    /// The GPUs.
    Gpu,
    /// Docker inside, in a way that takes protection from the sandbox.
    Docker,
    /// Another user than the person.
    User,
    /// A runtime.
    Runtime,
    /// More processes than usual.
    Processes,
    /// A home that outlives the sandbox.
    Home,
    /// More of the person's logins than their configuration gives, or those of several agents in
    /// one sandbox.
    Credentials,
}

/// Something that a person must agree to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What it is about.
    pub kind: RequestKind,
    /// In words: `mount "/srv/data" at "/data", writable`.
    pub words: String,
    /// What is approved: the words, and a hash of what they do not show because it may be secret.
    pub exact: String,
    /// Where the file asks for it.
    pub place: Place,
}

/// What parts the words of an approval from the hash of what they do not show.
pub const HIDDEN: char = '\0';

impl Request {
    /// Of words that say everything.
    #[must_use]
    pub fn new(kind: RequestKind, place: Place, words: impl Into<String>) -> Self {
        let words = words.into();
        Self {
            kind,
            exact: words.clone(),
            words,
            place,
        }
    }

    /// It stands for what has this hash as well, which the words do not show.
    #[must_use]
    fn hiding(mut self, hash: &str) -> Self {
        self.exact = format!("{}{HIDDEN}{hash}", self.words);
        self
    }
}

/// What requests depend on beside the file.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// Where a path leads: a link in the directory may lead anywhere.
    pub real: &'a dyn Fn(&Path) -> PathBuf,
    /// The variables of each environment file, in order.
    pub variables: &'a [BTreeMap<String, String>],
    /// Where the name of a template leads.
    pub template: &'a dyn Fn(&str) -> NamedTemplate,
    /// The catalogue has an agent of this name.
    pub is_known: &'a dyn Fn(&str) -> bool,
    /// This agent of the catalogue may have a login or keys of the person in its sandbox.
    pub has_keys: &'a dyn Fn(&str) -> bool,
    /// It has some that not every agent has, where logins come from this place; `None` for the usual
    /// one.
    pub keeps: &'a dyn Fn(&str, Option<Credentials>) -> bool,
    /// The hash of a value that is not shown, of its place in the file and of the file, by a key that is
    /// the person's own.
    pub hash: &'a dyn Fn(&[&[u8]]) -> String,
    /// The image that the person's configuration names.
    pub image: Option<&'a str>,
    /// Where the person's configuration says that logins come from; `None` for another place than
    /// a file can name, or when it says nothing.
    pub credentials: Option<Credentials>,
}

impl WorkspaceFile {
    /// Everything that goes beyond the file's own directory, in the order of the file.
    #[must_use]
    pub fn requests(&self, given: &Circumstances<'_>) -> Vec<Request> {
        let mut asks = Asks {
            file: self,
            directory: (given.real)(&self.directory),
            given,
            requests: Vec::new(),
        };
        asks.paths();
        asks.container();
        asks.sources();
        asks.company();
        asks.impostors();
        asks.programs();
        asks.environment();
        let mut requests = asks.requests;
        requests.sort_by_key(|request| request.place);
        let mut said = HashSet::new();
        requests.retain(|request| said.insert(request.exact.clone()));
        requests
    }

    /// The requests to give what a person types for a run, such as a variable or a mount, to programs of
    /// the file's own: whoever allowed those to run was not asked to give them that.
    #[must_use]
    pub fn requests_of_given(&self, given: &Circumstances<'_>) -> Vec<Request> {
        let mut asks = Asks {
            file: self,
            directory: (given.real)(&self.directory),
            given,
            requests: Vec::new(),
        };
        asks.receivers();
        asks.requests
    }

    /// The request to work on another directory than the file's or one below it. `real` says where
    /// a path leads.
    #[must_use]
    pub fn request_elsewhere(&self, real: &dyn Fn(&Path) -> PathBuf) -> Option<Request> {
        paths::elsewhere(self, &real(&self.directory), real)
    }
}

struct Asks<'a> {
    file: &'a WorkspaceFile,
    directory: PathBuf,
    given: &'a Circumstances<'a>,
    requests: Vec<Request>,
}

impl Asks<'_> {
    fn add(&mut self, kind: RequestKind, place: Place, words: impl Into<String>) {
        self.requests.push(Request::new(kind, place, words));
    }

    /// Where a path leads, when that is beyond the file's directory.
    fn outside(&self, path: &Path) -> Option<PathBuf> {
        paths::outside(path, &self.directory, self.given.real)
    }
}

#[cfg(test)]
mod tests;
