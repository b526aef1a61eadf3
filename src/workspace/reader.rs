//! From the tree to typed values: the file's own keys. What has the wrong type was complained of
//! already and counts as missing here.

use super::fields::Fields;
use super::file::{Docker, EnvValue, Environment, WorkspaceFile};
use super::keys::FILE;
use super::mistake::{Mistake, Mistakes};
use super::node::{Entry, Node};
use super::place::{Place, Placed};
use super::shape::Path as At;
use super::source::Source;
use super::{agents, docker, mounts, templates};
use crate::values::{placeholder, variable};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What paths in a file are below.
#[derive(Debug, Clone, Copy)]
pub struct Base<'a> {
    /// The file's directory, absolute.
    pub directory: &'a Path,
    /// What `~` stands for.
    pub home: Option<&'a Path>,
}

impl Base<'_> {
    /// An absolute path.
    ///
    /// # Errors
    /// What is wrong with it, to follow its text.
    pub(super) fn resolve(&self, text: &str) -> Result<PathBuf, String> {
        if text.contains('\0') {
            return Err("is no path".into());
        }
        let Some(rest) = text.strip_prefix('~') else {
            return Ok(self.directory.join(text).components().collect());
        };
        let rest = match rest.strip_prefix('/') {
            Some(rest) => rest.trim_start_matches('/'),
            None if rest.is_empty() => "",
            None => return Err("is the home of another user: write the path".into()),
        };
        let home = self
            .home
            .ok_or("is below a home, and you have none: set `HOME`")?;
        Ok(home.join(rest).components().collect())
    }
}

/// What readers share.
pub(super) struct Reader<'a> {
    pub(super) base: Base<'a>,
    pub(super) mistakes: &'a mut Mistakes,
}

/// The whole file, as far as it can be read.
pub(super) fn read(root: &Node, source: Arc<Source>, reader: &mut Reader<'_>) -> WorkspaceFile {
    let fields = Fields::new(root, &FILE);
    let docker = match fields.entry("docker") {
        Some(entry) => docker::read(&entry.node, reader),
        None => Docker::default(),
    };
    let templates = templates::read(fields.map("templates"), reader);
    let agents = agents::read(fields.map("agents"), &templates, reader);
    WorkspaceFile {
        source,
        directory: reader.base.directory.to_path_buf(),
        name: reader.text(&fields, "name"),
        workspace_dir: reader.path(&fields, "workspace_dir"),
        env: reader.environment(fields.map("env"), At::Key(&At::Root, "env")),
        env_files: { fields.texts("env_file").into_iter() }
            .filter_map(|text| reader.resolve("env_file", text))
            .collect(),
        mounts: mounts::read(fields.items("mounts"), &docker, reader),
        templates,
        docker,
        agents,
        warnings: Vec::new(),
    }
}

impl Reader<'_> {
    pub(super) fn error(&mut self, place: Place, message: String) {
        self.mistakes.add(Mistake::error(place, message));
    }

    /// Text that is not blank.
    pub(super) fn text(&mut self, fields: &Fields<'_>, name: &str) -> Option<Placed<String>> {
        let text = fields.text(name)?;
        if text.trim().is_empty() {
            self.error(text.place, format!("`{name}` is empty"));
            return None;
        }
        Some(text.map(str::to_string))
    }

    pub(super) fn path(&mut self, fields: &Fields<'_>, name: &str) -> Option<Placed<PathBuf>> {
        self.resolve(name, fields.text(name)?)
    }

    pub(super) fn resolve(&mut self, name: &str, text: Placed<&str>) -> Option<Placed<PathBuf>> {
        if text.trim().is_empty() {
            self.error(text.place, format!("`{name}` is empty"));
            return None;
        }
        match self.base.resolve(&text) {
            Ok(path) => Some(Placed::new(path, text.place)),
            Err(problem) => {
                self.error(text.place, format!("`{}` {problem}", *text));
                None
            }
        }
    }

    /// Variables; a value is never part of a message.
    pub(super) fn environment(&mut self, entries: &[Entry], at: At<'_>) -> Environment {
        let mut environment = Environment::new();
        for entry in entries {
            let name = &entry.key;
            if !variable::is_name(name) {
                let mistake =
                    Mistake::error(entry.place, format!("`{name}` is no variable's name"));
                let form = "letters, digits and `_`, and no digit first";
                self.mistakes.add(mistake.label(form));
                continue;
            }
            if variable::is_reserved(name) {
                self.error(entry.place, format!("the variable `{name}` is reserved"));
                continue;
            }
            let Some(value) = entry.node.value.scalar() else {
                continue;
            };
            self.value(value, entry.node.place, At::Key(&at, name));
            let value = Placed::new(EnvValue(value.to_string()), entry.node.place);
            environment.entry(name.clone()).or_insert(value);
        }
        environment
    }

    fn value(&mut self, value: &str, place: Place, at: At<'_>) {
        if value.contains('\0') {
            self.error(place, format!("`{at}` holds a byte that no variable can"));
        }
        for name in placeholder::names(value) {
            match name {
                None => self.error(place, format!("`{at}` has `{{{{apikey:` without `}}}}`")),
                Some(name) if !placeholder::is_secret_name(name) => {
                    let mistake =
                        Mistake::error(place, format!("`{at}` asks for no valid name of a secret"));
                    let form = "`{{apikey:NAME}}`: letters, digits, `_`, `-` and `.`";
                    self.mistakes.add(mistake.label(form));
                }
                Some(_) => {}
            }
        }
    }
}
