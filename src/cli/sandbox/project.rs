//! What a command works on: a directory, and the workspace file that speaks of it.

use super::super::approval::{self, Manner};
use super::super::workspace_file::{self, Loaded};
use super::super::{Context, Error, Result, explain, typed};
use super::agent;
use super::options::SandboxOptions;
use crate::agents::Agent;
use crate::config::Config;
use crate::files::{Pins, Typed, TypedError};
use crate::sandbox::lifecycle::team::plain;
use crate::sandbox::workspace::Workspace;
use crate::sandbox::{Origin, Origins, SandboxName, Settings, file_settings};
use std::collections::BTreeMap;
use std::path::Path;

/// A directory and its file.
pub(super) struct Project {
    pub(super) workspace: Workspace,
    /// Who says that it is this directory.
    origin: Origin,
    pub(super) loaded: Option<Loaded>,
    /// Every path of this command, resolved once.
    pub(super) pins: Pins,
    /// Those of them that a person typed.
    pub(super) typed: Typed,
}

/// Who is to work.
pub(super) enum Choice {
    /// An agent of the catalogue, in a sandbox of its own.
    Agent(Box<Agent>),
    /// The agents of the file: this one, or all that start by themselves.
    Team(Option<String>),
}

impl Project {
    /// Finds the file and, with it, the directory. A directory that is named is the workspace,
    /// unless the file lies in it and says otherwise.
    pub(super) fn open(ctx: &Context, options: &SandboxOptions) -> Result<Self> {
        let named = options.workspace.as_deref();
        let directory = named.unwrap_or(Path::new("."));
        let pins = Pins::default();
        let typed = typed::of(ctx, &pins);
        if let Some(named) = named
            && let Err(TypedError::LeadsOut(error)) = typed.resolve(named)
        {
            return Err(error.into());
        }
        let loaded = if options.no_file {
            None
        } else {
            workspace_file::load(
                ctx,
                options.file.as_deref(),
                directory,
                &typed,
                &pins,
                options.quiet,
            )?
        };
        if let (Some(loaded), Some(given)) = (&loaded, options.credentials()) {
            let _first = loaded.credentials.set(given);
        }
        let of_file = loaded.as_ref().filter(|loaded| {
            let is_beside = || {
                let named = loaded.pins.real(directory);
                Some(named.as_path()) == loaded.path.parent()
            };
            named.is_none() || options.file.is_none() && is_beside()
        });
        let origin = match of_file {
            Some(loaded) => of_workspace(loaded),
            None if named.is_some() => Origin::Option("--workspace"),
            None => Origin::Default,
        };
        let directory = of_file.map_or(directory, |loaded| loaded.file.workspace_dir());
        let workspace = Workspace::open(directory, &ctx.paths()?.home, options.force, &pins)?;
        Ok(Self {
            workspace,
            origin,
            loaded,
            pins,
            typed,
        })
    }

    /// The agent of a name: the file's come first. Without a name it is all of the file's.
    pub(super) fn choose(&self, ctx: &Context, name: Option<String>) -> Result<Choice> {
        let keys = self.keys();
        match name {
            None if !keys.is_empty() => Ok(Choice::Team(None)),
            Some(name) if self.has(&name) => Ok(Choice::Team(Some(name))),
            name => {
                let chosen = agent::choose(ctx, name.clone());
                let given = name.unwrap_or_default();
                let chosen = chosen.map_err(|error| of_file(error, &given, &keys))?;
                Ok(Choice::Agent(Box::new(chosen)))
            }
        }
    }

    /// The keys of the file's agents.
    pub(super) fn keys(&self) -> Vec<String> {
        let agents = self.loaded.iter().flat_map(|loaded| loaded.file.agents());
        agents.map(|agent| agent.key.value.clone()).collect()
    }

    /// An agent, or one of its instances.
    fn has(&self, name: &str) -> bool {
        let key = name.split_once('.').map_or(name, |(key, _)| key);
        let agent = self
            .loaded
            .as_ref()
            .and_then(|loaded| loaded.file.agent(key));
        agent.is_some_and(|agent| *agent.key == name || agent.processes().any(|own| own == name))
    }

    /// What the file says of the container, and where it does.
    pub(super) fn settings(&self) -> (Settings, Origins) {
        let Some(Loaded { file, path, .. }) = &self.loaded else {
            return (Settings::default(), Origins::default());
        };
        let settings = file_settings::of(file, path, Path::new(self.workspace.path()), &self.pins);
        let origins = file_settings::origins(file, path, &settings);
        (settings, origins)
    }

    /// Where the directory and the name of its sandbox come from, and what the configuration says
    /// where nobody else does.
    pub(super) fn origins(&self, config: &Config) -> Origins {
        let mut origins = Origins::default();
        origins.set("workspace", self.origin.clone());
        if let Some(Loaded { file, .. }) = &self.loaded
            && let Some(name) = &file.name
        {
            let place = file.locate(name.place);
            let key = "name".into();
            origins.set("name", Origin::File { key, place });
        }
        if config.image.is_some() {
            origins.set("image", Origin::Configuration);
        }
        if config.credentials.is_some() {
            origins.set("credentials", Origin::Configuration);
        }
        origins
    }

    /// What a sandbox of `crew` is called where the file names the workspace.
    pub(super) fn name(&self, crew: &str) -> Option<SandboxName> {
        let name = self.loaded.as_ref()?.file.name.as_ref()?;
        let id = self.workspace.id();
        Some(SandboxName::derive(crew, Path::new(&name.value), id))
    }

    /// Makes sure that a person agreed to what the file asks for.
    pub(super) async fn approve(&self, ctx: &Context, options: &SandboxOptions) -> Result<()> {
        let Some(loaded) = &self.loaded else {
            return Ok(());
        };
        let manner = Manner {
            says_yes: options.yes,
            is_quiet: options.quiet,
            names_image: options.names_image(),
        };
        approval::approve(ctx, loaded, manner).await
    }

    /// Finds out what a rehearsal has to tell of the file beside what it says.
    pub(super) async fn look_around(&self, ctx: &Context) -> Result<()> {
        match &self.loaded {
            Some(loaded) => approval::look_around(ctx, loaded).await,
            None => Ok(()),
        }
    }

    /// What the file gives to every agent, with `{{apikey:…}}` not yet replaced: its environment
    /// files in order, then its own lines.
    pub(super) fn environment(&self) -> Result<BTreeMap<String, String>> {
        let mut env = BTreeMap::new();
        let Some(loaded) = &self.loaded else {
            return Ok(env);
        };
        for variables in loaded.variables()? {
            env.extend(variables.clone());
        }
        env.extend(plain(&loaded.file.env));
        Ok(env)
    }
}

/// A file's directory is the workspace unless it names another one.
fn of_workspace(Loaded { file, .. }: &Loaded) -> Origin {
    let place = match &file.workspace_dir {
        Some(directory) => file.locate(directory.place),
        None => file.source.name.clone(),
    };
    Origin::File {
        key: "workspace_dir".into(),
        place,
    }
}

/// The error, and who else there is in the file.
fn of_file(mut error: Error, given: &str, keys: &[String]) -> Error {
    if keys.is_empty() {
        return error;
    }
    if let Some(near) = explain::near(given, keys) {
        error.hints = vec![explain::did_you_mean(near)];
    }
    error.hint(format!("the workspace file has {}", explain::list(keys)))
}
