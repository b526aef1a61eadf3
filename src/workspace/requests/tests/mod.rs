//! Requests of files, without a machine.

mod beside;
mod keys;
mod words;

use super::super::{Base, Credentials, WorkspaceFile, read};
use super::{Circumstances, Request};
use std::collections::BTreeMap;
use std::path::Path;

fn file(text: &str) -> WorkspaceFile {
    let base = Base {
        directory: Path::new("/team/app"),
        home: Some(Path::new("/home/ann")),
    };
    read("dp.yml", text, base).finish().expect("right")
}

/// The requests of a file for a person whose configuration says that logins come from `own`.
fn of(text: &str, own: Option<Credentials>) -> Vec<Request> {
    let file = file(text);
    let real = |path: &Path| match path.to_str() {
        Some("/team/app/link") => "/etc".into(),
        Some("/team/app/.dspatch/templates/coder") => "/srv/coder".into(),
        _ => path.to_path_buf(),
    };
    let in_file = [
        ("OF_FILE_KEY", "{{apikey:OF_FILE}}"),
        ("LOG_LEVEL", "plain"),
        ("LD_PRELOAD", "./x.so"),
    ];
    let in_file = in_file.map(|(name, value)| (name.to_string(), value.to_string()));
    let variables = vec![BTreeMap::from(in_file); file.env_files.len()];
    let has_keys = |name: &str| name != "shell";
    let keeps = |name: &str, from: Option<Credentials>| {
        has_keys(name) && from != Some(Credentials::None) || name.starts_with("with-key")
    };
    let persons = Path::new("/home/ann/.config/dp/templates");
    let is_directory = |path: &Path| path.ends_with(".dspatch/templates/coder");
    let template = |name: &str| file.named_template(name, persons, &is_directory);
    file.requests(&Circumstances {
        real: &real,
        variables: &variables,
        template: &template,
        is_known: &|name| ["claude", "codex", "shell"].contains(&name),
        has_keys: &has_keys,
        keeps: &keeps,
        hash: &|parts| crate::digest::sha256(parts.last().expect("a value")),
        image: Some("own/image"),
        credentials: own,
    })
}

fn requests(text: &str) -> Vec<String> {
    let requests = of(text, None).into_iter();
    requests.map(|request| request.words).collect()
}
