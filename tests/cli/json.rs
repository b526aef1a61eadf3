//! What `docs/json.md` says of the answers that need no engine.

use crate::support::{Dp, documented_page, expect_documented};
use serde_json::Value;

fn json(dp: &Dp, line: &str) -> Value {
    let words = line.split(' ').chain(["--format", "json"]);
    let ran = dp.run(words);
    serde_json::from_slice(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran}"))
}

fn error(dp: &Dp, line: &str) -> Value {
    let ran = dp.run(["--format", "json"].into_iter().chain(line.split(' ')));
    let document: Value = serde_json::from_slice(&ran.stderr).expect("one document");
    let fields = document.as_object().expect("an object");
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["error"]);
    document["error"].clone()
}

#[test]
fn answers_without_an_engine() {
    let dp = Dp::new().file("dp.yml", "nonsense: 1\n");
    for line in [
        "agents ls",
        "agents show copilot",
        "config show",
        "config path",
    ] {
        let table = line.trim_end_matches(" copilot");
        expect_documented(table, &json(&dp, line));
    }
    expect_documented("doctor", &json(&dp, "doctor"));
    expect_documented("config check", &json(&dp, "config check"));
    expect_documented("config init", &json(&dp.at("new"), "config init"));
}

#[test]
fn answers_about_secrets() {
    let dp = Dp::new();
    let set = ["secret", "set", "TOKEN", "--format", "json"];
    expect_documented("secret set", &dp.run_with(set, b"x\n").json());
    expect_documented("secret ls", &json(&dp, "secret ls"));
    assert_eq!(json(&dp, "secret ls -q"), serde_json::json!(["TOKEN"]));
    expect_documented("secret rm", &json(&dp, "secret rm TOKEN"));
}

#[test]
fn errors_of_every_form() {
    let dp = Dp::new();
    for line in [
        "run cluade",
        "sandbox ls",
        "sandbox nonsense",
        "secret rm A",
    ] {
        expect_documented("error", &error(&dp, line));
    }
    let wrong = error(&Dp::new().config("x = 1\n"), "config show");
    expect_documented("error", &wrong);
    expect_documented("config check", &wrong["mistakes"]);
    let rows = json(&Dp::new().config("x = 1\n"), "doctor");
    expect_documented("doctor", &rows);
    expect_documented("config check", &rows[0]["mistakes"]);
}

#[test]
fn the_page_names_every_command() {
    fn leaves(command: &clap::Command, path: &str, into: &mut Vec<String>) {
        if command.get_subcommands().next().is_none() {
            into.push(path.trim_start().to_string());
        }
        for below in command.get_subcommands() {
            leaves(below, &format!("{path} {}", below.get_name()), into);
        }
    }
    let mut commands = Vec::new();
    leaves(&dp::cli::command(), "", &mut commands);
    assert!(commands.len() > 20, "{commands:?}");
    for command in commands {
        let verb = command.rsplit(' ').next().unwrap_or_default();
        let names = [
            format!("`{command}`"),
            format!("`dp {command}`"),
            format!("`{verb}`"),
        ];
        let is_there = names.iter().any(|name| documented_page().contains(name));
        assert!(is_there, "docs/json.md does not name `{command}`");
    }
}
