//! What a command that does not exist may have meant, where its letters alone do not tell: verbs
//! without their noun, agents without `run`, and `help`.

use crate::agents::Catalogue;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::OsString;

/// `dp help run` is `dp run --help`.
pub(super) fn help_as_option(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.get(1).is_some_and(|word| word == "help") {
        arguments.remove(1);
        arguments.push("--help".into());
    }
    arguments
}

/// Adds tips to an error about a command that does not exist.
pub(super) fn add_tips(error: &mut clap::Error, arguments: &[OsString]) {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return;
    };
    let is_first = arguments.get(1).is_some_and(|first| *first == **word);
    if error.kind() != ErrorKind::InvalidSubcommand || !(is_first || word == "help") {
        return;
    }
    // Where clap knows one that is spelled alike, that is meant.
    let is_alike = error.get(ContextKind::SuggestedSubcommand).is_some();
    let tips = match word.as_str() {
        "help" => vec!["`--help` in its place".to_string()],
        "version" => vec!["`dp --version`".to_string()],
        word if is_alike => in_full(word),
        word => [in_full(word), swapped(word), of_agent(word)].concat(),
    };
    if !tips.is_empty() {
        let tips = tips.into_iter().map(|tip| format!("try {tip}").into());
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(tips.collect()),
        );
    }
}

/// The commands that end in this verb; those of sandboxes are meant first.
fn in_full(verb: &str) -> Vec<String> {
    let command = super::command();
    let with_verb = command
        .get_subcommands()
        .filter(|noun| noun.find_subcommand(verb).is_some());
    let mut nouns: Vec<&str> = with_verb.map(clap::Command::get_name).collect();
    if nouns.contains(&"sandbox") {
        nouns = vec!["sandbox"];
    }
    nouns
        .into_iter()
        .map(|noun| format!("`dp {noun} {verb}`"))
        .collect()
}

/// The command whose name is this with two letters in each other's place, which no likeness of
/// short words finds.
fn swapped(word: &str) -> Vec<String> {
    let command = super::command();
    let names = command.get_subcommands().map(clap::Command::get_name);
    names
        .filter(|name| name.len() == word.len() && strsim::osa_distance(name, word) == 1)
        .filter(|name| strsim::levenshtein(name, word) == 2)
        .map(|name| format!("`dp {name}`"))
        .collect()
}

/// The command that runs an agent of this name, or of one like it.
fn of_agent(name: &str) -> Vec<String> {
    let catalogue = Catalogue::new(&std::collections::BTreeMap::default());
    let known = match catalogue.find(name) {
        Ok(agent) => Some(agent.name.clone()),
        Err(unknown) => unknown.near,
    };
    known
        .into_iter()
        .map(|agent| format!("`dp run {agent}`"))
        .collect()
}
