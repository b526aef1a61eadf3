//! Requests for places of this machine: the workspace, environment files, mounts, templates.

use super::super::file::{OWN_TEMPLATES, Runs, TemplateSource, WorkspaceFile};
use super::super::place::{Place, Placed};
use super::{Asks, Request, RequestKind};
use crate::values::target;
use crate::values::text::{quoted, quoted_ascii, quoted_path};
use crate::values::url::without_password;
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
                TemplateSource::Git {
                    url,
                    reference,
                    subdir,
                } => self.clone_of(url, reference.as_deref(), subdir.as_deref(), source.place),
                TemplateSource::Directory(path) => self.copy(path, source.place),
                TemplateSource::Named(name) => {
                    // As it is copied from: the same path is the same place.
                    let own = self.file.directory.join(OWN_TEMPLATES).join(name);
                    self.copy(&own, source.place);
                }
                TemplateSource::Declared(_) => {}
            }
        }
    }

    fn clone_of(&mut self, url: &str, at: Option<&str>, below: Option<&Path>, place: Place) {
        let shown = without_password(url);
        let mut words = format!("clone {}", quoted_ascii(&shown));
        if let Some(at) = at {
            words.push_str(&format!(" at {}", quoted_ascii(at)));
        }
        if let Some(below) = below {
            words.push_str(&format!(", directory {}", quoted_path(below)));
        }
        let request = Request::new(RequestKind::Template, place, words);
        self.requests.push(if shown == url {
            request
        } else {
            request.hiding(url)
        });
    }

    fn copy(&mut self, path: &Path, place: Place) {
        if let Some(real) = self.outside(path) {
            let words = format!("copy {} into the sandbox", quoted_path(&real));
            self.add(RequestKind::Template, place, words);
        }
    }
}
