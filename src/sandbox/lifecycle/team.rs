//! The agents of a workspace file as processes: which there are, what each runs, in which
//! environment. Pure; what the machine has to say is handed in.

use super::sources::Template;
use crate::agents::Agent as Program;
use crate::guest::TEMPLATES_DIR;
use crate::sandbox::spec::WORKSPACE_TARGET;
use crate::workspace::{Agent, Environment, Manifest, Runs};
use std::collections::BTreeMap;
use std::path::Path;

/// One process of one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The agent's key in the file.
    pub key: String,
    /// The process's: the key, with a number when there are several.
    pub process: String,
    /// Not below another agent.
    pub is_root: bool,
    /// Starts with the workspace.
    pub auto_start: bool,
    /// Meant to be spoken to in a terminal.
    pub is_interactive: bool,
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Its own environment, with `{{apikey:…}}` not yet replaced.
    pub env: BTreeMap<String, String>,
}

/// What an agent runs, as far as it is known outside.
pub enum Kind<'a> {
    /// Of the catalogue.
    Program(&'a Program),
    /// Of a template.
    Template(&'a Template, &'a Manifest),
    /// Of a template that is not on this machine yet.
    Unseen,
}

/// Something that a template needs and the file does not give.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lacking {
    /// A variable.
    #[error("the agent `{agent}` needs the variable `{name}`, which is not set or empty")]
    Variable {
        /// Its key.
        agent: String,
        /// The variable.
        name: String,
    },
    /// A mount.
    #[error("the agent `{agent}` needs something mounted at `{path}`")]
    Mount {
        /// Its key.
        agent: String,
        /// Inside.
        path: String,
    },
}

/// The processes of an agent and everything that its template needs and does not get.
/// `workspace` is the environment that all agents share, `given` what
/// the person adds to it, which counts more than anything in the file. An unseen template has no
/// command but what the file says.
#[must_use]
pub fn foretell(
    agent: &Agent,
    kind: &Kind<'_>,
    workspace: &BTreeMap<String, String>,
    given: &BTreeMap<String, String>,
    workspace_id: &str,
    mounted: &[String],
) -> (Vec<Member>, Vec<Lacking>) {
    let mut env = all(agent, workspace, given);
    let mut lacking = Vec::new();
    if let Kind::Template(_, manifest) = kind {
        lacking.extend(unset(agent, manifest, &env));
        env = of_template(agent, manifest, workspace, given);
        let is_mounted = |path: &String| {
            mounted
                .iter()
                .any(|target| target == path.trim_end_matches('/'))
        };
        let missing = manifest
            .required_mounts
            .iter()
            .filter(|path| !is_mounted(path));
        lacking.extend(missing.map(|path| Lacking::Mount {
            agent: agent.key.value.clone(),
            path: path.clone(),
        }));
    }
    let argv = command(agent, kind);
    let is_interactive = matches!(agent.runs, Runs::Catalogue(_)) && agent.command.is_none();
    let one = |(instance, process): (u32, String)| {
        let key = agent.key.value.clone();
        let mut env = env.clone();
        env.extend(identity(agent, &process, instance, workspace_id));
        Member {
            process,
            is_root: agent.is_root(),
            auto_start: agent.auto_start,
            is_interactive,
            argv: argv.clone(),
            env,
            key,
        }
    };
    let members = (1..).zip(agent.processes()).map(one).collect();
    (members, lacking)
}

/// The values of a part of the file.
#[must_use]
pub fn plain(environment: &Environment) -> BTreeMap<String, String> {
    let values = environment.iter();
    values
        .map(|(name, value)| (name.clone(), value.expose().to_string()))
        .collect()
}

/// Everything that the file and the person have for an agent.
fn all(
    agent: &Agent,
    workspace: &BTreeMap<String, String>,
    given: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut env = workspace.clone();
    env.extend(plain(&agent.env));
    env.extend(given.clone());
    env
}

/// The environment of an agent of a template, and of the steps that make the template ready: of
/// what the file has, with a list of what is required nothing else is handed on.
#[must_use]
pub fn of_template(
    agent: &Agent,
    manifest: &Manifest,
    workspace: &BTreeMap<String, String>,
    given: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut env = all(agent, workspace, given);
    if !manifest.required_env.is_empty() {
        env.retain(|name, _| manifest.required_env.contains(name));
        env.extend(given.clone());
    }
    for (name, value) in &manifest.fields {
        env.insert(format!("DSPATCH_FIELD_{}", variable(name)), value.clone());
    }
    env
}

/// The variables that a template requires and does not get.
fn unset<'a>(
    agent: &'a Agent,
    manifest: &'a Manifest,
    env: &'a BTreeMap<String, String>,
) -> impl Iterator<Item = Lacking> + 'a {
    let is_set = |name: &&String| env.get(*name).is_some_and(|value| !value.is_empty());
    let missing = { manifest.required_env.iter() }.filter(move |name| !is_set(name));
    missing.map(|name| Lacking::Variable {
        agent: agent.key.value.clone(),
        name: name.clone(),
    })
}

/// What every agent is told of itself and of the others.
fn identity(
    agent: &Agent,
    process: &str,
    instance: u32,
    workspace_id: &str,
) -> [(String, String); 6] {
    let peers: Vec<&str> = agent.peers.iter().map(|peer| peer.value.as_str()).collect();
    [
        ("DSPATCH_AGENT_KEY", agent.key.value.clone()),
        ("DSPATCH_AGENT_ID", format!("{workspace_id}-{process}")),
        ("DSPATCH_AGENT_INSTANCE", instance.to_string()),
        ("DSPATCH_IS_ROOT", agent.is_root().to_string()),
        ("DSPATCH_PEERS", peers.join(",")),
        ("DSPATCH_WORKSPACE_DIR", WORKSPACE_TARGET.to_string()),
    ]
    .map(|(name, value)| (name.to_string(), value))
}

/// `my field` as the end of a variable's name.
fn variable(name: &str) -> String {
    let keep = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    name.chars().map(keep).collect()
}

/// The file's command, else the template's, else what its entry point asks for.
fn command(agent: &Agent, kind: &Kind<'_>) -> Vec<String> {
    let own = |words: &[crate::workspace::Placed<String>]| {
        words
            .iter()
            .map(|word| word.value.clone())
            .collect::<Vec<_>>()
    };
    let arguments = own(&agent.args);
    let mut argv = match (&agent.command, kind) {
        (Some(command), _) => own(command),
        (None, Kind::Program(program)) => return program.argv(&arguments),
        (None, Kind::Template(template, manifest)) => entry(template, manifest),
        (None, Kind::Unseen) => return Vec::new(),
    };
    argv.extend(arguments);
    argv
}

fn entry(template: &Template, manifest: &Manifest) -> Vec<String> {
    if let Some(command) = &manifest.command {
        return command.clone();
    }
    let inside = format!("{TEMPLATES_DIR}/{}", template.name);
    let program = format!("{inside}/{}", manifest.entry_point);
    let ending = manifest
        .entry_point
        .rsplit_once('.')
        .map(|(_, ending)| ending);
    let interpreter = match ending {
        Some("py") => {
            let has = |name: &str| {
                let found = template.directory.below(Path::new(name));
                found.is_ok_and(|found| found.is_regular())
            };
            // Where dependencies are installed, they are in an environment of their own.
            if has("pyproject.toml") || has("requirements.txt") {
                format!("{inside}/.venv/bin/python")
            } else {
                "python3".into()
            }
        }
        Some("js" | "mjs" | "ts") => "node".into(),
        _ => return vec![program],
    };
    vec![interpreter, program]
}
