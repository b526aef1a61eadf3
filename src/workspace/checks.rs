//! The second step: what only this machine knows. The caller looks, this module asks and points.

use super::file::{Runs, TemplateSource, WorkspaceFile};
use super::mistake::{Mistake, Mistakes, nearest};
use super::place::Place;
use std::path::{Path, PathBuf};

/// What a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Nothing is there.
    Nothing,
    /// A directory.
    Directory,
    /// A file, or a device, or a socket.
    File,
    /// It may be there, but we may not look.
    Closed,
}

/// What this machine is asked.
pub struct Machine<'a> {
    /// What a path is, links followed.
    pub look: &'a dyn Fn(&Path) -> Found,
    /// The user's own templates.
    pub templates: Option<PathBuf>,
    /// The names of the catalogue's agents.
    pub agents: Vec<String>,
}

/// Everything that the file names and this machine should have.
pub(super) fn check(file: &WorkspaceFile, machine: &Machine<'_>, mistakes: &mut Mistakes) {
    let mut look = Look { machine, mistakes };
    if let Some(directory) = &file.workspace_dir {
        look.directory(directory, directory.place, "the workspace");
    }
    for path in &file.env_files {
        look.file(path, path.place);
    }
    for mount in &file.mounts {
        look.mount(&mount.host_path, mount.host_path.place);
    }
    for (name, template) in &file.templates {
        if let TemplateSource::Directory(path) = &template.source.value {
            look.directory(
                path,
                template.source.place,
                &format!("the template `{name}`"),
            );
        }
    }
    for agent in file.agents() {
        match &agent.runs {
            Runs::Catalogue(name) => look.agent(name, name.place),
            Runs::Template(source) => match &source.value {
                TemplateSource::Directory(path) => {
                    look.directory(path, source.place, "the template");
                }
                TemplateSource::Named(name) => look.template(file, name, source.place),
                TemplateSource::Git { .. } | TemplateSource::Declared(_) => {}
            },
        }
    }
}

struct Look<'a, 'b> {
    machine: &'a Machine<'b>,
    mistakes: &'a mut Mistakes,
}

impl Look<'_, '_> {
    fn say(&mut self, place: Place, what: &str, path: &Path, problem: &str) {
        let mistake = Mistake::error(place, format!("{what} {problem}"));
        self.mistakes.add(mistake.label(path.display().to_string()));
    }

    fn directory(&mut self, path: &Path, place: Place, what: &str) {
        match (self.machine.look)(path) {
            Found::Directory | Found::Closed => {}
            Found::Nothing => self.say(place, what, path, "is not there"),
            Found::File => self.say(place, what, path, "is not a directory"),
        }
    }

    fn file(&mut self, path: &Path, place: Place) {
        match (self.machine.look)(path) {
            Found::File | Found::Closed => {}
            Found::Nothing => self.say(place, "the environment file", path, "is not there"),
            Found::Directory => self.say(place, "the environment file", path, "is a directory"),
        }
    }

    fn mount(&mut self, path: &Path, place: Place) {
        if (self.machine.look)(path) == Found::Nothing {
            self.say(place, "the source of the mount", path, "is not there");
        }
    }

    fn agent(&mut self, name: &str, place: Place) {
        let known = &self.machine.agents;
        if !known.iter().any(|known| known == name) {
            let mistake = Mistake::error(
                place,
                format!("there is no agent `{name}` in the catalogue"),
            );
            let mistake = match nearest(name, known.iter().map(String::as_str)) {
                None => mistake.hint("`dp agents ls` lists them"),
                near => mistake.meant(near),
            };
            self.mistakes.add(mistake);
        }
    }

    fn template(&mut self, file: &WorkspaceFile, name: &str, place: Place) {
        let look = self.machine.look;
        let persons = self.machine.templates.as_deref().unwrap_or(Path::new(""));
        let found = file.named_template(name, persons, &|path| look(path) == Found::Directory);
        if matches!(look(found.path()), Found::Directory | Found::Closed) {
            return;
        }
        let mistake = Mistake::error(place, format!("there is no template `{name}`"));
        let declared = file.templates.keys().map(String::as_str);
        let mistake = match nearest(name, declared) {
            None => mistake.hint("name it under `templates`, or begin a path with `./`"),
            near => mistake.meant(near),
        };
        self.mistakes.add(mistake);
    }
}
