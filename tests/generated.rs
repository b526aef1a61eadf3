//! Files that are made from the program and checked in are what the program prints. `UPDATE=1`
//! writes them anew.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

const SHELLS: [(&str, &str); 4] = [
    ("bash", "dp.bash"),
    ("zsh", "_dp"),
    ("fish", "dp.fish"),
    ("powershell", "_dp.ps1"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn dp(arguments: &[&str]) -> Vec<u8> {
    let home = tempfile::tempdir().expect("a directory");
    let output = Command::new(env!("CARGO_BIN_EXE_dp"))
        .args(arguments)
        .env_clear()
        .env("HOME", home.path())
        .output()
        .expect("dp can be started");
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

/// Compares a directory with what it should hold, or writes it.
fn hold_equal(directory: &str, ending: &str, expected: &BTreeMap<String, Vec<u8>>) {
    let path = root().join(directory);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(&path).expect("a directory");
        for name in files(&path, ending).difference(&expected.keys().cloned().collect()) {
            std::fs::remove_file(path.join(name)).expect("an old file");
        }
        for (name, content) in expected {
            std::fs::write(path.join(name), content).expect("a file");
        }
    }
    let names: BTreeSet<String> = expected.keys().cloned().collect();
    assert_eq!(
        files(&path, ending),
        names,
        "{directory}/: set UPDATE=1 to write it anew"
    );
    for (name, content) in expected {
        let is_equal = std::fs::read(path.join(name)).is_ok_and(|found| found == *content);
        assert!(
            is_equal,
            "{directory}/{name} is old: set UPDATE=1 to write it anew"
        );
    }
}

fn files(directory: &Path, ending: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name.ends_with(ending))
        .collect()
}

#[test]
fn completions_are_what_the_program_prints() {
    let scripts = SHELLS
        .iter()
        .map(|(shell, file)| ((*file).to_string(), dp(&["completions", shell])));
    hold_equal("completions", "", &scripts.collect());
}

#[test]
fn manual_pages_are_what_the_program_writes() {
    let directory = tempfile::tempdir().expect("a directory");
    let target = directory.path().join("man");
    dp(&["man", target.to_str().expect("UTF-8")]);
    let pages = files(&target, ".1").into_iter().map(|name| {
        let page = std::fs::read(target.join(&name)).expect("a page");
        (name, page)
    });
    let pages: BTreeMap<_, _> = pages.collect();
    assert!(
        pages.len() > 30,
        "every command has a page: {:?}",
        pages.keys()
    );
    hold_equal("man", ".1", &pages);
}

#[test]
fn the_schema_is_what_the_program_prints() {
    let schema = ("workspace.json".to_string(), dp(&["config", "schema"]));
    hold_equal("schema", "", &BTreeMap::from([schema]));
}

/// Every command that does something, as it is typed: `dp sandbox run`.
fn commands() -> BTreeSet<String> {
    fn collect(command: &clap::Command, path: &str, found: &mut BTreeSet<String>) {
        let mut subcommands = command
            .get_subcommands()
            .filter(|sub| !sub.is_hide_set())
            .peekable();
        if subcommands.peek().is_none() {
            found.insert(path.to_string());
        }
        for sub in subcommands {
            collect(sub, &format!("{path} {}", sub.get_name()), found);
        }
    }
    let mut found = BTreeSet::new();
    collect(&dp::cli::command(), "dp", &mut found);
    found
}

/// The commands of a table: in its first column, in backticks, `dp noun verb` followed by anything
/// that is no lower-case word.
fn listed(table: &str) -> BTreeSet<String> {
    let is_word = |word: &&str| {
        word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-')
    };
    let cells = table
        .lines()
        .filter_map(|line| line.trim().strip_prefix('|')?.split('|').next());
    let codes = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    codes
        .filter(|code| code.starts_with("dp "))
        .map(|code| {
            code.split(' ')
                .take_while(is_word)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

#[test]
fn commands_are_read_from_a_table() {
    let table = "| command | does |\n|---|---|\n| `dp run AGENT`, `dp sandbox run` | `dp x` runs |\n\
                 | `dp sandbox ls -q` | lists |\n";
    let expected = ["dp run", "dp sandbox ls", "dp sandbox run"].map(str::to_string);
    assert_eq!(listed(table), BTreeSet::from(expected));
}

/// What stands in README.md between `<!-- NAME -->` and `<!-- /NAME -->`.
fn of_readme(name: &str) -> String {
    let path: PathBuf = root().join("README.md");
    let text = std::fs::read_to_string(path).expect("there is a README.md");
    let found = text
        .split_once(&format!("<!-- {name} -->"))
        .and_then(|(_, rest)| Some(rest.split_once(&format!("<!-- /{name} -->"))?.0));
    found
        .unwrap_or_else(|| panic!("README.md marks no `{name}`"))
        .to_string()
}

#[test]
fn the_readme_lists_every_command_and_no_other() {
    assert_eq!(listed(&of_readme("commands")), commands());
}

/// Every key that a schema knows.
fn keys(schema: &serde_json::Value, found: &mut BTreeSet<String>) {
    match schema {
        serde_json::Value::Object(entries) => {
            if let Some(properties) = entries
                .get("properties")
                .and_then(|found| found.as_object())
            {
                found.extend(properties.keys().cloned());
            }
            entries.values().for_each(|value| keys(value, found));
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

#[test]
fn the_readmes_workspace_file_is_right_and_complete() {
    let text = of_readme("workspace file");
    let lines = text
        .lines()
        .map(|line| line.strip_prefix("    ").unwrap_or(line));
    let text = lines.collect::<Vec<_>>().join("\n");
    let base = dp::workspace::Base {
        directory: Path::new("/team/app"),
        home: Some(Path::new("/home/ann")),
    };
    let file = dp::workspace::read("dp.yml", &text, base).finish();
    let file = file.unwrap_or_else(|report| panic!("{:?}", report.mistakes));
    assert!(file.warnings.is_empty(), "{:?}", file.warnings);
    let schema = serde_json::from_slice(&dp(&["config", "schema"])).expect("JSON");
    let mut all = BTreeSet::new();
    keys(&schema, &mut all);
    let is_said = |key: &String| {
        let words = [format!(" {key}:"), format!("\n{key}:"), format!("or {key}")];
        words.iter().any(|word| text.contains(word))
    };
    let unsaid: Vec<_> = all.iter().filter(|key| !is_said(key)).collect();
    assert!(unsaid.is_empty(), "{unsaid:?}");
}

#[test]
fn the_command_line_is_consistent() {
    dp::cli::command().debug_assert();
}
