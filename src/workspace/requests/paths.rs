//! Requests for places of this machine: the workspace, environment files, mounts, templates.

use super::super::file::{Runs, TemplateSource, WorkspaceFile};
use super::super::named_template::NamedTemplate;
use super::super::place::{Place, Placed};
use super::{Asks, Request, RequestKind};
use crate::values::target;
use crate::values::text::{quoted, quoted_ascii, quoted_path};
use std::path::{Component, Path, PathBuf};

/// Where a path leads, when that is beyond `directory`, which has no links.
pub(super) fn outside(
    path: &Path,
    directory: &Path,
    real: &dyn Fn(&Path) -> PathBuf,
) -> Option<PathBuf> {
    let real = real(path);
    let is_below = real.starts_with(directory);
    let climbs = real.components().any(|part| part == Component::ParentDir);
    (!is_below || climbs).then_some(real)
}

/// See [`WorkspaceFile::request_elsewhere`].
pub(super) fn elsewhere(
    file: &WorkspaceFile,
    directory: &Path,
    real: &dyn Fn(&Path) -> PathBuf,
) -> Option<Request> {
    let asked = file.workspace_dir.as_ref()?;
    let real = outside(asked, directory, real)?;
    let words = format!("work on {}", quoted_path(&real));
    Some(Request::new(RequestKind::WorkspaceDir, asked.place, words))
}

impl Asks<'_> {
    pub(super) fn paths(&mut self) {
        let elsewhere = elsewhere(self.file, &self.directory, self.given.real);
        self.requests.extend(elsewhere);
        for path in &self.file.env_files {
            if let Some(real) = self.outside(path) {
                let words = format!("read the variables of {}", quoted_path(&real));
                self.add(RequestKind::EnvFile, path.place, words);
            }
        }
        for mount in &self.file.mounts {
            let target = &mount.container_path.value;
            let outside = self.outside(&mount.host_path);
            if outside.is_none() && target::is_plain(target) {
                continue;
            }
            let source = outside.unwrap_or_else(|| (self.given.real)(&mount.host_path));
            let access = if mount.read_only {
                "read-only"
            } else {
                "writable"
            };
            let words = format!(
                "mount {} at {}, {access}",
                quoted_path(&source),
                quoted(target)
            );
            self.add(RequestKind::Mount, mount.host_path.place, words);
        }
    }

    pub(super) fn sources(&mut self) {
        let of_agents = { self.file.agents().iter() }.filter_map(|agent| match &agent.runs {
            Runs::Template(source) => Some(source),
            Runs::Catalogue(_) => None,
        });
        let declared = { self.file.templates.values() }.map(|template| &template.source);
        let sources: Vec<Placed<TemplateSource>> = declared.chain(of_agents).cloned().collect();
        for source in sources {
            match &source.value {
                TemplateSource::Git { .. } => {
                    let words = format!("clone {}", self.source(&source));
                    self.add(RequestKind::Template, source.place, words);
                }
                TemplateSource::Directory(path) => self.copy(path, source.place),
                TemplateSource::Named(name) => match (self.given.template)(name) {
                    NamedTemplate::OfFile(path) => self.copy(&path, source.place),
                    NamedTemplate::OfPerson(path) => {
                        let path = quoted_path(&(self.given.real)(&path));
                        let words = format!("copy your template {path} into the sandbox");
                        self.add(RequestKind::Template, source.place, words);
                    }
                },
                TemplateSource::Declared(_) => {}
            }
        }
    }

    /// Where a template comes from: everything that decides what it is.
    pub(super) fn source(&self, source: &TemplateSource) -> String {
        match source {
            TemplateSource::Directory(path) => quoted_path(&(self.given.real)(path)),
            TemplateSource::Named(name) => {
                quoted_path(&(self.given.real)((self.given.template)(name).path()))
            }
            TemplateSource::Declared(name) => match self.file.templates.get(name) {
                Some(template) if !matches!(*template.source, TemplateSource::Declared(_)) => {
                    self.source(&template.source)
                }
                _ => quoted(name),
            },
            TemplateSource::Git {
                url,
                reference,
                subdir,
            } => {
                let mut words = quoted_ascii(url);
                if let Some(at) = reference {
                    words.push_str(&format!(" at {}", quoted_ascii(at)));
                }
                if let Some(below) = subdir {
                    words.push_str(&format!(", directory {}", quoted_path(below)));
                }
                words
            }
        }
    }

    fn copy(&mut self, path: &Path, place: Place) {
        if let Some(real) = self.outside(path) {
            let words = format!("copy {} into the sandbox", quoted_path(&real));
            self.add(RequestKind::Template, place, words);
        }
    }
}
