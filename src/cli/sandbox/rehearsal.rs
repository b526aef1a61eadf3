//! What a dry run tells beside the container: what the workspace file asks for, how templates
//! would be made ready, and which agents would be started. Names of variables, never their values.

use super::super::approval::{self, Asked};
use super::super::workspace_file::Loaded;
use super::super::{Context, Result};
use super::rows::Rows;
use crate::agents::Agent;
use crate::engine::containers::MountRow;
use crate::sandbox::{Spec, environment};
use crate::secrets::SecretError;
use crate::values::placeholder;
use crate::values::text::{quoted, without_gaps, word, word_path};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// All of it.
#[derive(Serialize, Default)]
pub(super) struct Rehearsal {
    pub(super) file: Option<PlannedFile>,
    pub(super) templates: Vec<PlannedTemplate>,
    pub(super) agents: Vec<PlannedAgent>,
}

/// A workspace file.
#[derive(Serialize)]
pub(super) struct PlannedFile {
    path: PathBuf,
    /// What it asks for beyond its directory.
    requests: Vec<Asked>,
}

/// A template.
#[derive(Serialize)]
pub(super) struct PlannedTemplate {
    pub(super) name: String,
    /// A path, or a URL without its password.
    pub(super) source: String,
    /// It was cloned before; a run may clone it anew.
    pub(super) is_clone: bool,
    /// Hooks and installations, in order; `None` before it was cloned.
    pub(super) steps: Option<Vec<&'static str>>,
    /// Why a run would be refused.
    pub(super) lacking: Vec<String>,
}

/// An agent.
#[derive(Serialize)]
pub(super) struct PlannedAgent {
    pub(super) key: String,
    /// Its template, when it is made of one.
    pub(super) template: Option<String>,
    pub(super) auto_start: bool,
    pub(super) processes: Vec<PlannedProcess>,
    /// Program and arguments; `None` before its template was cloned.
    pub(super) command: Option<Vec<String>>,
    /// The names of its variables.
    pub(super) env: BTreeSet<String>,
    pub(super) peers: Vec<String>,
    /// Why a run would be refused.
    pub(super) lacking: Vec<String>,
}

/// A process of an agent.
#[derive(Serialize)]
pub(super) struct PlannedProcess {
    pub(super) name: String,
    pub(super) starts: Starts,
}

/// Where a process would be started.
#[derive(Serialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Starts {
    Terminal,
    Background,
    No,
}

/// What an agent of the catalogue that is alone in its sandbox would be given.
pub(super) struct Part {
    pub(super) agent: Agent,
    pub(super) arguments: Vec<String>,
    pub(super) starts: Starts,
    /// Of the file and the person, with `{{apikey:…}}` not yet replaced.
    pub(super) env: BTreeMap<String, String>,
}

impl Rehearsal {
    /// Of a catalogue's agent in a sandbox of its own.
    pub(super) fn alone(
        ctx: &Context,
        loaded: Option<&Loaded>,
        spec: &Spec,
        part: &Part,
    ) -> Result<Self> {
        let variables = Variables::new(ctx, spec)?;
        let Part { agent, env, .. } = part;
        let planned = PlannedAgent {
            key: agent.name.clone(),
            template: None,
            auto_start: true,
            processes: vec![PlannedProcess {
                name: agent.name.clone(),
                starts: part.starts,
            }],
            command: Some(agent.argv(&part.arguments)),
            env: variables.names(Some(agent), env)?,
            peers: Vec::new(),
            lacking: variables.missing_secrets(Some(agent), &[env])?,
        };
        Ok(Self {
            file: PlannedFile::new(ctx, loaded)?,
            templates: Vec::new(),
            agents: vec![planned],
        })
    }

    pub(super) fn rows(&self, rows: &mut Rows) {
        for template in &self.templates {
            template.rows(rows);
        }
        for agent in &self.agents {
            agent.rows(rows);
        }
    }
}

impl PlannedFile {
    /// Nothing is asked, and nothing is allowed by it.
    pub(super) fn new(ctx: &Context, loaded: Option<&Loaded>) -> Result<Option<Self>> {
        let Some(loaded) = loaded else {
            return Ok(None);
        };
        Ok(Some(Self {
            path: loaded.path.clone(),
            requests: approval::asked(ctx, loaded)?,
        }))
    }

    pub(super) fn rows(&self, rows: &mut Rows) {
        rows.add("file", word_path(&self.path));
        for asked in &self.requests {
            let may = if asked.is_allowed {
                "allowed"
            } else {
                "not allowed yet"
            };
            rows.add("asks", format!("{}, {may}", asked.line()));
        }
    }
}

impl PlannedTemplate {
    fn rows(&self, rows: &mut Rows) {
        rows.add(
            "template",
            format!("{} from {}", word(&self.name), word(&self.source)),
        );
        let steps = match &self.steps {
            _ if !self.lacking.is_empty() => None,
            None => Some("known after cloning".to_string()),
            Some(steps) if steps.is_empty() => Some("nothing to install".into()),
            Some(steps) => Some(steps.join(", ")),
        };
        let clone = if self.is_clone && self.steps.is_some() {
            ", as last cloned"
        } else {
            ""
        };
        if let Some(steps) = steps {
            rows.add("  install", format!("{steps}{clone}"));
        }
        lacking(&self.lacking, rows);
    }
}

impl PlannedAgent {
    fn rows(&self, rows: &mut Rows) {
        let of = |template: &String| format!(" of template {}", word(template));
        let of = self.template.as_ref().map_or_else(String::new, of);
        rows.add("agent", format!("{}{of}", word(&self.key)));
        rows.add("  starts", self.starts());
        match &self.command {
            Some(words) => rows.add("  command", in_one_line(words)),
            None => rows.add("  command", "known after cloning"),
        }
        if !self.env.is_empty() {
            rows.add("  env", listed(self.env.iter()));
        }
        if !self.peers.is_empty() {
            rows.add("  peers", listed(self.peers.iter()));
        }
        lacking(&self.lacking, rows);
    }

    /// `a.1, a.2 in the background`: a part for each place.
    fn starts(&self) -> String {
        let later = self.later();
        let places = [
            (Starts::Terminal, "in the terminal"),
            (Starts::Background, "in the background"),
            (Starts::No, &later),
        ];
        let own = |place: Starts| self.processes.iter().filter(move |one| one.starts == place);
        let parts = places.into_iter().filter_map(|(place, words)| {
            let names: Vec<&str> = own(place).map(|one| one.name.as_str()).collect();
            match names.as_slice() {
                [] => None,
                [name] if *name == self.key => Some(words.to_string()),
                names => Some(format!("{} {words}", names.join(", "))),
            }
        });
        parts.collect::<Vec<_>>().join("; ")
    }

    fn later(&self) -> String {
        if self.auto_start {
            "by itself with the next `dp run`".into()
        } else {
            format!("when `dp run {}` calls it", self.key)
        }
    }
}

fn lacking(lines: &[String], rows: &mut Rows) {
    for line in lines {
        rows.add("  lacks", without_gaps(line, 1));
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<String> = names.map(|name| word(name)).collect();
    names.join(", ")
}

/// As a shell would take it.
fn in_one_line(words: &[String]) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,@%+".contains(c);
    let words = words.iter().map(|word| {
        if !word.is_empty() && word.chars().all(is_plain) {
            word.clone()
        } else {
            let shown = quoted(word);
            let inner = &shown[1..shown.len() - 1];
            format!("'{}'", inner.replace('\'', "'\\''").replace("\\\"", "\""))
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What it takes to name the variables of an agent.
pub(super) struct Variables<'a> {
    ctx: &'a Context,
    spec: &'a Spec,
    mounts: Vec<MountRow>,
    known: BTreeSet<String>,
}

impl<'a> Variables<'a> {
    pub(super) fn new(ctx: &'a Context, spec: &'a Spec) -> Result<Self> {
        let mounts = spec.all_mounts();
        Ok(Self {
            mounts: mounts
                .iter()
                .map(|(mount, _)| MountRow::of(mount))
                .collect(),
            known: ctx.secrets()?.read_names()?.into_keys().collect(),
            ctx,
            spec,
        })
    }

    /// Where something is mounted inside.
    pub(super) fn targets(&self) -> Vec<String> {
        self.mounts
            .iter()
            .map(|mount| mount.target.clone())
            .collect()
    }

    /// All that an agent with `env` has, but for those of a terminal.
    pub(super) fn names(
        &self,
        program: Option<&Agent>,
        env: &BTreeMap<String, String>,
    ) -> Result<BTreeSet<String>> {
        let settings = self.spec.effective();
        let mut names: BTreeSet<String> = env.keys().cloned().collect();
        names.extend(environment::of_session(false, &settings).into_keys());
        if let Some(agent) = program {
            names.extend(agent.definition.env.keys().cloned());
            let login = environment::of_login(agent, &settings, &self.mounts);
            names.extend(login.map(|(name, _)| name));
            names.extend(self.secrets(agent)?.into_keys());
        }
        Ok(names)
    }

    /// The secrets that are asked for and are not there, in the words of the refusal.
    pub(super) fn missing_secrets(
        &self,
        program: Option<&Agent>,
        env: &[&BTreeMap<String, String>],
    ) -> Result<Vec<String>> {
        let own = program
            .iter()
            .flat_map(|agent| agent.definition.env.values());
        let asked = env.iter().flat_map(|env| env.values()).chain(own);
        let asked = asked.flat_map(|value| placeholder::names(value).flatten());
        let mut asked: BTreeSet<String> = asked.map(str::to_string).collect();
        if let Some(agent) = program {
            asked.extend(self.secrets(agent)?.into_values());
        }
        let missing = asked.into_iter().filter(|name| !self.known.contains(name));
        Ok(missing
            .map(|name| SecretError::Missing { name }.to_string())
            .collect())
    }

    fn secrets(&self, agent: &Agent) -> Result<BTreeMap<String, String>> {
        let configured = &self.ctx.config()?.secrets;
        let store = self.ctx.secrets()?;
        Ok(environment::secret_names(agent, configured, &store)?)
    }
}

#[cfg(test)]
mod tests {
    use super::in_one_line;

    #[test]
    fn a_command_is_one_line_that_a_shell_would_take() {
        let table: [(&[&str], &str); 5] = [
            (&["python3", "/a/b.py", "--x=1"], "python3 /a/b.py --x=1"),
            (&["sh", "-c", "echo \"$A\""], "sh -c 'echo \"$A\"'"),
            (&["echo", "it's", ""], "echo 'it'\\''s' ''"),
            (&["a\nb"], "'a\\nb'"),
            (&["a   agent  b"], "'a \\u{20}\\u{20}agent \\u{20}b'"),
        ];
        for (words, expected) in table {
            let words: Vec<String> = words.iter().map(ToString::to_string).collect();
            assert_eq!(in_one_line(&words), expected);
        }
    }
}
