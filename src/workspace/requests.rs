//! What a file asks for beyond its own directory: to be shown in words, and approved by a person.
//!
//! The words are what is approved, so they name everything that matters and change when it does.

use super::file::{Dind, NetworkMode, OWN_TEMPLATES, TemplateSource, WorkspaceFile};
use super::place::Place;
use crate::values::placeholder;
use crate::values::url::without_password;
use std::collections::{BTreeMap, HashSet};
use std::path::{Component, Path, PathBuf};

/// Something that a person must agree to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// In words: `mount /srv/data at /data, writable`.
    pub words: String,
    /// Where the file asks for it.
    pub place: Place,
}

impl WorkspaceFile {
    /// Everything that goes beyond the file's own directory, in the order of the file. `real` says
    /// where a path leads: a link in the directory may lead anywhere. `from_files` are the variables
    /// of each environment file, in order: they may ask for secrets as well.
    #[must_use]
    pub fn requests(
        &self,
        real: &dyn Fn(&Path) -> PathBuf,
        from_files: &[BTreeMap<String, String>],
    ) -> Vec<Request> {
        let mut asks = Asks {
            file: self,
            directory: real(&self.directory),
            real,
            requests: Vec::new(),
        };
        asks.paths();
        asks.docker();
        asks.sources();
        asks.secrets();
        asks.secrets_of_files(from_files);
        let mut requests = asks.requests;
        requests.sort_by_key(|request| request.place);
        let mut said = HashSet::new();
        requests.retain(|request| said.insert(request.words.clone()));
        requests
    }
}

struct Asks<'a> {
    file: &'a WorkspaceFile,
    directory: PathBuf,
    real: &'a dyn Fn(&Path) -> PathBuf,
    requests: Vec<Request>,
}

impl Asks<'_> {
    fn add(&mut self, place: Place, words: String) {
        self.requests.push(Request { words, place });
    }

    /// Where a path leads, when that is beyond the file's directory.
    fn outside(&self, path: &Path) -> Option<PathBuf> {
        let real = (self.real)(path);
        let is_below = real.starts_with(&self.directory);
        let climbs = real.components().any(|part| part == Component::ParentDir);
        (!is_below || climbs).then_some(real)
    }

    fn paths(&mut self) {
        if let Some(directory) = &self.file.workspace_dir
            && let Some(real) = self.outside(directory)
        {
            let words = format!("work on {}", real.display());
            self.add(directory.place, words);
        }
        for path in &self.file.env_files {
            if let Some(real) = self.outside(path) {
                let words = format!("read the variables of {}", real.display());
                self.add(path.place, words);
            }
        }
        for mount in &self.file.mounts {
            if let Some(real) = self.outside(&mount.host_path) {
                let writable = if mount.read_only { "" } else { ", writable" };
                let words = format!(
                    "mount {} at {}{writable}",
                    real.display(),
                    mount.container_path.value
                );
                self.add(mount.host_path.place, words);
            }
        }
    }

    fn docker(&mut self) {
        let docker = &self.file.docker;
        if let Some(mode) = &docker.network_mode {
            match &mode.value {
                NetworkMode::Host => self.add(mode.place, "share this machine's network".into()),
                NetworkMode::Named(name) => {
                    let words = format!("join the engine's network {name}, and who is there");
                    self.add(mode.place, words);
                }
                NetworkMode::Bridge | NetworkMode::None => {}
            }
        }
        for port in &docker.ports {
            let is_loopback = port.ip.starts_with("127.") || port.ip == "::1";
            if !is_loopback {
                let words = format!("publish port {} on {}", port.container, port.ip);
                self.add(port.place, words);
            }
        }
        if let Some(dind) = &docker.dind
            && dind.value == Dind::Privileged
        {
            let words = "run privileged, and so become root of this machine";
            self.add(dind.place, words.into());
        }
        if let Some(runtime) = &docker.runtime {
            let words = format!("run by the engine's runtime {}", runtime.value);
            self.add(runtime.place, words);
        }
    }

    fn sources(&mut self) {
        let of_agents = self
            .file
            .agents()
            .iter()
            .filter_map(|agent| match &agent.runs {
                super::Runs::Template(source) => Some(source),
                super::Runs::Catalogue(_) => None,
            });
        let declared = self
            .file
            .templates
            .values()
            .map(|template| &template.source);
        let sources: Vec<_> = declared.chain(of_agents).cloned().collect();
        for source in sources {
            match &source.value {
                TemplateSource::Git { url, reference, .. } => {
                    let reference = reference.as_deref().map(|name| format!(" at {name}"));
                    let words = format!(
                        "clone {}{}",
                        without_password(url),
                        reference.unwrap_or_default()
                    );
                    self.add(source.place, words);
                }
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

    fn copy(&mut self, path: &Path, place: Place) {
        if let Some(real) = self.outside(path) {
            self.add(place, format!("copy {} into it", real.display()));
        }
    }

    fn secrets(&mut self) {
        let of_agents = self
            .file
            .agents()
            .iter()
            .flat_map(|agent| agent.env.values());
        let all: Vec<_> = self.file.env.values().chain(of_agents).collect();
        for value in all {
            let names: Vec<String> = value.secrets().map(str::to_string).collect();
            for name in names {
                self.secret(value.place, &name);
            }
        }
    }

    fn secrets_of_files(&mut self, from_files: &[BTreeMap<String, String>]) {
        for (path, variables) in self.file.env_files.iter().zip(from_files) {
            let names = variables
                .values()
                .flat_map(|value| placeholder::names(value));
            for name in names.flatten() {
                self.secret(path.place, name);
            }
        }
    }

    fn secret(&mut self, place: Place, name: &str) {
        self.add(place, format!("use your secret {name}"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Base, read};
    use std::collections::BTreeMap;
    use std::path::Path;

    fn requests(text: &str) -> Vec<String> {
        let base = Base {
            directory: Path::new("/team/app"),
            home: Some(Path::new("/home/ann")),
        };
        let file = read("dp.yml", text, base).finish().expect("right");
        let real = |path: &Path| match path.to_str() {
            Some("/team/app/link") => "/etc".into(),
            Some("/team/app/.dspatch/templates/coder") => "/srv/coder".into(),
            _ => path.to_path_buf(),
        };
        let in_file = [("A", "x{{apikey:OF_FILE}}"), ("B", "plain")];
        let in_file = in_file.map(|(name, value)| (name.to_string(), value.to_string()));
        let from_files = vec![BTreeMap::from(in_file); file.env_files.len()];
        file.requests(&real, &from_files)
            .into_iter()
            .map(|request| request.words)
            .collect()
    }

    #[test]
    fn what_stays_in_the_directory_asks_for_nothing() {
        let text = "workspace_dir: sub\nenv: {A: b}\n\
            mounts: [{host_path: ./data, container_path: /data}]\n\
            docker: {ports: [\"8080:80\"], dind: true, gpu: true, memory: 8g, network_mode: none}\n\
            agents: {a: {template: ./a}, b: {agent: claude}}\n";
        assert_eq!(requests(text), Vec::<String>::new());
    }

    #[test]
    fn everything_else_is_named() {
        let table = [
            ("workspace_dir: ..", "work on /team/app/.."),
            ("workspace_dir: ~/x", "work on /home/ann/x"),
            (
                "mounts: [{host_path: ~/.ssh, container_path: /root/.ssh}]",
                "mount /home/ann/.ssh at /root/.ssh",
            ),
            (
                "mounts: [{host_path: /srv, container_path: /srv, read_only: false}]",
                "mount /srv at /srv, writable",
            ),
            (
                "mounts: [{host_path: ./link, container_path: /x}]",
                "mount /etc at /x",
            ),
            (
                "docker: {network_mode: host}",
                "share this machine's network",
            ),
            (
                "docker: {ports: [\"0.0.0.0:80:80\"]}",
                "publish port 80 on 0.0.0.0",
            ),
            (
                "docker: {network_mode: db}",
                "join the engine's network db, and who is there",
            ),
            (
                "docker: {dind: privileged}",
                "run privileged, and so become root of this machine",
            ),
            (
                "docker: {runtime: runsc}",
                "run by the engine's runtime runsc",
            ),
            (
                "agents: {a: {template: \"https://h/o/r#v1\"}}",
                "clone https://h/o/r at v1",
            ),
            ("agents: {a: {template: /srv/t}}", "copy /srv/t into it"),
            (
                "templates: {t: {source: ../t}}",
                "copy /team/app/../t into it",
            ),
            ("agents: {a: {template: coder}}", "copy /srv/coder into it"),
            ("env: {A: \"x{{apikey:KEY}}\"}", "use your secret KEY"),
            (
                "env: {A: \"{{apikey:KEY}}\", B: c, D: \"{{apikey:KEY}}\"}",
                "use your secret KEY",
            ),
        ];
        for (text, expected) in table {
            assert_eq!(requests(text), [expected], "{text}");
        }
        let secret = "use your secret OF_FILE";
        assert_eq!(requests("env_file: .env"), [secret]);
        let elsewhere = "read the variables of /home/ann/.env";
        assert_eq!(requests("env_file: [.env, ~/.env]"), [secret, elsewhere]);
    }
}
