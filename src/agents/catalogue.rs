//! All agents there are, by name.

use super::definition::{Agent, Changes, Definition};
use std::collections::BTreeMap;

const BUILT_IN: &str = include_str!("catalogue.toml");

/// Every agent, the user's own in place of built-in ones of the same name.
#[derive(Debug, Clone)]
pub struct Catalogue(BTreeMap<String, Agent>);

/// A name that no agent has.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no agent `{name}`")]
pub struct UnknownAgent {
    /// As typed.
    pub name: String,
    /// The one that was probably meant.
    pub near: Option<String>,
    /// All names.
    pub known: Vec<String>,
}

impl Catalogue {
    /// The built-in agents with the user's changes, and the user's own.
    #[must_use]
    pub fn new(custom: &BTreeMap<String, Changes>) -> Self {
        let built_in: BTreeMap<String, Definition> =
            toml::from_str(BUILT_IN).expect("the catalogue is checked by a test");
        let mut agents: BTreeMap<String, Agent> = BTreeMap::new();
        for (name, definition) in built_in {
            let agent = Agent {
                name: name.clone(),
                is_custom: false,
                definition,
            };
            agents.insert(name, agent);
        }
        for (name, changes) in custom {
            let base = agents.get(name).map(|agent| agent.definition.clone());
            let agent = Agent {
                name: name.clone(),
                is_custom: true,
                definition: changes.over(base.unwrap_or_default()),
            };
            agents.insert(name.clone(), agent);
        }
        Self(agents)
    }

    /// The agent of this name.
    ///
    /// # Errors
    /// [`UnknownAgent`] with the nearest name and all of them.
    pub fn find(&self, name: &str) -> Result<&Agent, UnknownAgent> {
        self.0.get(name).ok_or_else(|| UnknownAgent {
            name: name.to_string(),
            near: self
                .0
                .keys()
                .map(|known| (strsim::damerau_levenshtein(known, name), known))
                .filter(|(distance, known)| *distance <= known.len().div_ceil(3))
                .min()
                .map(|(_, known)| known.clone()),
            known: self.0.keys().cloned().collect(),
        })
    }

    /// Every agent, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Agent> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_catalogue_reads_and_is_complete() {
        let catalogue = Catalogue::new(&BTreeMap::new());
        let names: Vec<_> = catalogue.iter().map(|agent| agent.name.as_str()).collect();
        assert_eq!(
            names,
            ["claude", "codex", "copilot", "gemini", "opencode", "shell"]
        );
        for agent in catalogue.iter() {
            let definition = &agent.definition;
            assert!(!definition.description.is_empty(), "{}", agent.name);
            assert!(!definition.version.is_empty(), "{}", agent.name);
            if agent.name != "shell" {
                assert!(definition.state.is_some(), "{}", agent.name);
                assert!(!definition.install.is_empty(), "{}", agent.name);
                assert!(!definition.api_keys.is_empty(), "{}", agent.name);
            }
        }
    }

    #[test]
    fn a_typo_is_answered_with_the_near_name() {
        let catalogue = Catalogue::new(&BTreeMap::new());
        let table = [
            ("cluade", Some("claude")),
            ("codx", Some("codex")),
            ("something", None),
        ];
        for (name, near) in table {
            let error = catalogue.find(name).expect_err("a typo");
            assert_eq!(error.near.as_deref(), near, "{name}");
        }
    }

    #[test]
    fn a_custom_table_overrides_what_it_names() {
        let own = Changes {
            bypass: Some(vec!["--careful".into()]),
            ..Changes::default()
        };
        let catalogue = Catalogue::new(&BTreeMap::from([("claude".into(), own)]));
        let claude = catalogue.find("claude").expect("claude");
        assert_eq!(claude.argv(&["x".into()]), ["claude", "--careful", "x"]);
        assert!(claude.is_custom);
    }

    #[test]
    fn a_command_of_an_agents_own_may_come_first() {
        let catalogue = Catalogue::new(&BTreeMap::new());
        let gemini = catalogue.find("gemini").expect("gemini");
        let table: [(&[&str], &[&str]); 3] = [
            (&[], &["gemini", "--yolo"]),
            (&["mcp", "list"], &["gemini", "mcp", "list"]),
            (&["-p", "mcp"], &["gemini", "--yolo", "-p", "mcp"]),
        ];
        for (given, expected) in table {
            let given: Vec<String> = given.iter().map(ToString::to_string).collect();
            assert_eq!(gemini.argv(&given), expected);
        }
    }
}
