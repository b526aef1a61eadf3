//! What an image is built from. The tag carries a hash of it all, so that nothing is built again
//! that has not changed and nothing is used that has.

use super::authorities::Authorities;
use crate::agents::Agent;
use crate::digest::sha256;
use crate::engine::images::Build;
use crate::labels::{self, Kind};
use bytes::Bytes;
use std::collections::BTreeMap;

/// The repository of base images.
pub const BASE_REPOSITORY: &str = "dp-base";
/// The repository of images with a Docker engine.
pub const ENGINE_REPOSITORY: &str = "dp-engine";
/// The prefix of the repositories of agents' layers.
pub const AGENT_REPOSITORY: &str = "dp-agent-";

const BASE_DOCKERFILE: &str = include_str!("../../images/base/Dockerfile");
const ENGINE_DOCKERFILE: &str = include_str!("../../images/engine/Dockerfile");
/// What a layer's build says when the image lacks a tool that the agent's installation needs.
pub const MISSING: &str = "dp: this image lacks";
/// Where an agent's layer finds the host's authorities while it is built.
const LAYER_BUNDLE: &str = "/tmp/dp-host-ca.crt";

/// Everything that an image is built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// `repository:hash`.
    pub tag: String,
    /// The image it stands on, when that is ours or the person's; to be there before the build.
    pub parent: Option<String>,
    dockerfile: String,
    arguments: BTreeMap<String, String>,
    authorities: Option<String>,
    kind: Kind,
    agent: Option<String>,
    /// The command that installs the agent.
    pub(super) install: Option<String>,
}

impl Recipe {
    /// The base image, with the user's build arguments.
    #[must_use]
    pub fn base(arguments: &BTreeMap<String, String>, ca: Option<&Authorities>) -> Self {
        Self::whole(BASE_DOCKERFILE, Kind::Base, arguments, ca).tagged(BASE_REPOSITORY)
    }

    /// The image of the Docker engine beside a sandbox, with those of the user's build arguments
    /// that concern it.
    #[must_use]
    pub fn engine(arguments: &BTreeMap<String, String>, ca: Option<&Authorities>) -> Self {
        let takes = |name: &str| ENGINE_DOCKERFILE.contains(&format!("\nARG {name}="));
        let arguments = arguments.iter().filter(|(name, _)| takes(name));
        let arguments = arguments.map(|(name, value)| (name.clone(), value.clone()));
        Self::whole(ENGINE_DOCKERFILE, Kind::Engine, &arguments.collect(), ca)
            .tagged(ENGINE_REPOSITORY)
    }

    fn whole(
        dockerfile: &str,
        kind: Kind,
        arguments: &BTreeMap<String, String>,
        ca: Option<&Authorities>,
    ) -> Self {
        Self {
            tag: String::new(),
            parent: None,
            dockerfile: dockerfile.into(),
            arguments: arguments.clone(),
            authorities: ca.map(|ca| ca.pem.clone()),
            kind,
            agent: None,
            install: None,
        }
    }

    /// `agent` on top of `parent`, a reference or (so that a moved tag is seen) an image ID.
    /// `None` when the agent has nothing to install.
    #[must_use]
    pub fn layer(agent: &Agent, parent: &str, ca: Option<&Authorities>) -> Option<Self> {
        let install = agent.definition.install.trim();
        if install.is_empty() {
            return None;
        }
        let mut dockerfile = format!("FROM {parent}\nUSER 0:0\n");
        let mut exports = String::new();
        if ca.is_some() {
            dockerfile.push_str(&format!("COPY ca/host.crt {LAYER_BUNDLE}\n"));
            for variable in super::authorities::VARIABLES {
                exports.push_str(&format!("{variable}={LAYER_BUNDLE} "));
            }
            exports = format!("export {}; ", exports.trim_end());
        }
        let clean = if ca.is_some() {
            format!(" && rm {LAYER_BUNDLE}")
        } else {
            String::new()
        };
        let program = agent.program();
        let needs = agent.definition.requires.join(" ");
        dockerfile.push_str(&format!(
            "RUN {exports}if ! command -v {program} >/dev/null 2>&1; then \
             for tool in {needs}; do command -v $tool >/dev/null 2>&1 || \
             {{ echo \"{MISSING} $tool\"; exit 127; }}; done; \
             {{ {install} ; }} && rm -rf /root/.npm /root/.cache; fi{clean}\n"
        ));
        let recipe = Self {
            tag: String::new(),
            parent: Some(parent.to_string()),
            dockerfile,
            arguments: BTreeMap::new(),
            authorities: ca.map(|ca| ca.pem.clone()),
            kind: Kind::AgentLayer,
            agent: Some(agent.name.clone()),
            install: Some(install.to_string()),
        };
        Some(recipe.tagged(&format!("{AGENT_REPOSITORY}{}", slug(&agent.name))))
    }

    /// `agents` one on top of the other, the first on `parent`; the last is the whole.
    #[must_use]
    pub fn layers<'a>(
        agents: impl Iterator<Item = &'a Agent>,
        parent: &str,
        ca: Option<&Authorities>,
    ) -> Vec<Self> {
        let mut layers: Vec<Self> = Vec::new();
        for agent in agents {
            let parent = layers.last().map_or(parent, |below| &below.tag);
            layers.extend(Self::layer(agent, parent, ca));
        }
        layers
    }

    /// A name that a recipe may have: no image comes by it but by a build here, because nothing of
    /// this name is pulled.
    #[must_use]
    pub fn is_name(name: &str) -> bool {
        let (repository, tag) = name.rsplit_once(':').unwrap_or((name, ""));
        let is_ours = repository == BASE_REPOSITORY || repository.starts_with(AGENT_REPOSITORY);
        let is_hash = tag.len() == 12 && tag.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_ours && is_hash && !repository.contains('/')
    }

    fn tagged(mut self, repository: &str) -> Self {
        let mut inputs = self.dockerfile.clone();
        for (key, value) in &self.arguments {
            inputs.push_str(&format!("\0{key}={value}"));
        }
        if let Some(pem) = &self.authorities {
            inputs.push_str("\0ca\0");
            inputs.push_str(pem);
        }
        self.tag = format!("{repository}:{}", &sha256(inputs)[..12]);
        self
    }

    /// What the engine is asked to build.
    ///
    /// # Errors
    /// None in practice: the archive is written to memory.
    pub fn build(&self, pull: bool, no_cache: bool) -> std::io::Result<Build> {
        let mut labels = labels::of(self.kind);
        labels.insert(labels::INPUTS.into(), self.tag.clone());
        if let Some(agent) = &self.agent {
            labels.insert(labels::AGENT.into(), agent.clone());
        }
        Ok(Build {
            context: self.context()?,
            arguments: self.arguments.clone(),
            labels,
            // Our own parents are in no registry.
            pull: pull && self.parent.is_none(),
            no_cache,
        })
    }

    fn context(&self) -> std::io::Result<Bytes> {
        let mut archive = tar::Builder::new(Vec::new());
        let mut add = |path: &str, content: &str| {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, path, content.as_bytes())
        };
        add("Dockerfile", &self.dockerfile)?;
        add("ca/.keep", "")?;
        if let Some(pem) = &self.authorities {
            add("ca/host.crt", pem)?;
        }
        Ok(archive.into_inner()?.into())
    }
}

fn slug(name: &str) -> String {
    let keep = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    name.chars().map(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::Catalogue;

    #[test]
    fn an_engine_takes_the_arguments_that_concern_it() {
        let arguments = |names: &[&str]| {
            let pairs = names.iter().map(|name| (name.to_string(), "x".to_string()));
            pairs.collect::<BTreeMap<_, _>>()
        };
        let tag = |names: &[&str]| Recipe::engine(&arguments(names), None).tag;
        assert_eq!(tag(&["NODE_IMAGE", "UV_VERSION"]), tag(&[]));
        assert_ne!(tag(&["PYTHON_IMAGE"]), tag(&[]));
    }

    #[test]
    fn what_a_registry_names_is_no_name_of_ours() {
        for name in ["dp-base:0123456789ab", "dp-agent-claude:0123456789ab"] {
            assert!(Recipe::is_name(name), "{name}");
        }
        for name in [
            "evil/x:0123456789ab",
            "dp-agent-x/y:0123456789ab",
            "localhost/dp-base:0123456789ab",
            "dp-base:latest",
            "dp-base",
            "dp-bases:0123456789ab",
        ] {
            assert!(!Recipe::is_name(name), "{name}");
        }
    }

    #[test]
    fn a_tag_changes_with_every_input_and_with_nothing_else() {
        let none = BTreeMap::new();
        let ca = Authorities {
            path: "/x".into(),
            pem: "P".into(),
            hash: "h".into(),
        };
        let base = Recipe::base(&none, None);
        assert_eq!(base.tag, Recipe::base(&none, None).tag);
        assert_ne!(base.tag, Recipe::base(&none, Some(&ca)).tag);
        let mirror = BTreeMap::from([("DEBIAN".to_string(), "mirror/debian".to_string())]);
        assert_ne!(base.tag, Recipe::base(&mirror, None).tag);
        let catalogue = Catalogue::new(&BTreeMap::new());
        let layer = |name: &str, parent: &str| {
            let agent = catalogue.find(name).expect("an agent");
            Recipe::layer(agent, parent, None).map(|recipe| recipe.tag)
        };
        assert_ne!(layer("claude", "a"), layer("claude", "b"));
        assert_ne!(layer("claude", "a"), layer("codex", "a"));
        assert_eq!(layer("shell", "a"), None);
    }
}
