//! How answers and errors are written: JSON, colour, closed pipes, scripts and pages.

use crate::support::Dp;
use insta::assert_snapshot;
use std::io::Read;
use std::process::Stdio;

#[test]
fn an_error_as_json() {
    assert_snapshot!(Dp::new().run(["--format", "json", "run", "cluade"]), @r#"
    exit 125
    --- stderr
    {"error":{"cause":"the agents are `claude`, `codex`, `copilot`, `gemini`, `opencode` and `shell`","code":"unknown-agent","hint":"did you mean `claude`?","message":"there is no agent `cluade`"}}
    "#);
}

#[test]
fn an_error_as_json_with_more_lines() {
    let ran = Dp::new()
        .config("x = 1\n")
        .run(["--format", "json", "config", "show"]);
    assert_eq!((ran.code, ran.out()), (3, String::new()));
    let document: serde_json::Value = serde_json::from_slice(&ran.stderr).expect("one document");
    let error = document["error"].as_object().expect("an error");
    let keys: Vec<&str> = error.keys().map(String::as_str).collect();
    assert_eq!(keys, ["cause", "code", "hint", "message", "mistakes"]);
    assert_eq!(error["code"], "config");
}

#[test]
fn a_usage_error_as_json() {
    let ran = Dp::new().run(["--format", "json", "sandbox", "ls", "--nonsense"]);
    assert_eq!(ran.code, 2);
    let document: serde_json::Value = serde_json::from_slice(&ran.stderr).expect("one document");
    assert_eq!(document["error"]["code"], "usage", "{document}");
}

#[test]
fn every_answer_is_one_json_document() {
    for words in [
        "agents ls",
        "agents show shell",
        "config show",
        "config path",
        "secret ls",
    ] {
        let ran = Dp::new().run(["--format", "json"].into_iter().chain(words.split(' ')));
        assert!(ran.json().is_object() || ran.json().is_array(), "{words}");
        assert!(
            ran.out().ends_with('\n') && ran.stderr.is_empty(),
            "{words}"
        );
    }
}

#[test]
fn doctor_is_one_json_document_too() {
    let ran = Dp::new().run(["--format", "json", "doctor"]);
    assert_eq!(ran.code, 1);
    let rows: serde_json::Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    let engine = rows
        .as_array()
        .into_iter()
        .flatten()
        .find(|row| row["key"] == "docker-engine");
    assert_eq!(
        engine.map(|row| &row["state"]),
        Some(&"failed".into()),
        "{rows}"
    );
}

#[test]
fn colour_is_only_where_it_is_wanted() {
    let words = ["run", "cluade"];
    let has_colour = |ran: crate::support::Ran| ran.err().contains("\x1b[");
    let plain = || Dp::new().env_remove("NO_COLOR");
    assert!(!has_colour(plain().run(words)), "not into a pipe");
    assert!(has_colour(
        plain().run(["--color", "always", "run", "cluade"])
    ));
    assert!(
        has_colour(Dp::new().run(["--color", "always", "run", "cluade"])),
        "the option wins"
    );
    assert!(!has_colour(Dp::new().run(words)));
}

#[test]
fn a_reader_that_goes_away_is_a_quiet_end() {
    for words in [
        &["completions", "bash"][..],
        &["run", "--help"],
        &["agents", "ls"],
    ] {
        let dp = Dp::new();
        let mut command = dp.command(words);
        let command = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("dp can be started");
        drop(child.stdout.take());
        let mut complaint = String::new();
        let stderr = child.stderr.as_mut().expect("it is open");
        stderr.read_to_string(&mut complaint).expect("text");
        assert!(
            child.wait().expect("it ends").success(),
            "{words:?}: {complaint}"
        );
        assert_eq!(complaint, "", "{words:?}");
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("Linux has it");
    let dp = Dp::new();
    let output = dp
        .command(["agents", "ls"])
        .stdout(full)
        .output()
        .expect("dp can be started");
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.contains("cannot write the answer"), "{complaint}");
}

#[test]
fn completion_scripts_for_four_shells() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = Dp::new().run(["completions", shell]).ok();
        assert!(script.len() > 1000 && script.contains("sandbox"), "{shell}");
    }
    assert_eq!(Dp::new().run(["completions", "csh"]).code, 2);
}

#[test]
fn the_bash_script_is_one() {
    let dp = Dp::new();
    let script = dp.run(["completions", "bash"]).stdout;
    let dp = dp.file("dp.bash", script);
    let check = "source ./dp.bash && complete -p dp";
    let ran = dp.run_other("bash", ["--norc", "-c", check]);
    assert!(ran.ok().contains("_dp"), "{ran}");
}

#[test]
fn manual_pages_go_into_a_directory_that_is_made() {
    let dp = Dp::new();
    assert_snapshot!(dp.run(["man", "a/man"]), @"
    exit 0
    --- stderr
    wrote the manual pages to a/man
    ");
    let page = std::fs::read_to_string(dp.path("a/man/dp-sandbox-run.1")).expect("a page");
    assert!(
        page.contains(".TH") && page.contains("pids\\-limit"),
        "{page}"
    );
}

#[test]
fn manual_pages_cannot_go_into_a_file() {
    let dp = Dp::new().file("man", "");
    assert_snapshot!(dp.run(["man", "man"]), @"
    exit 1
    --- stderr
    error: the system refused
      cause: failed to create directory `man`: File exists
    ");
}
