//! Completion in a real shell: bash, on a terminal, with the script that is checked in.

use crate::support::{Dp, Pty};
use std::path::Path;

/// A bash that completes `dp`, which is found by its name.
fn bash(dp: &Dp) -> Pty {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = Path::new(env!("CARGO_BIN_EXE_dp"));
    let path = format!(
        "{}:{}",
        program.parent().expect("a directory").display(),
        std::env::var("PATH").expect("there is one")
    );
    let script = root.join("completions/dp.bash");
    let setup = format!(
        "PS1='$ '; bind 'set show-all-if-ambiguous on'; bind 'set enable-bracketed-paste off'; \
         bind 'set completion-query-items 0'; bind 'set page-completions off'; source {}; echo rea''dy",
        script.display()
    );
    let mut command = dp.other("bash", ["--norc", "--noprofile", "-i"]);
    command.env("PATH", path);
    let pty = Pty::start_command(&command, 50, 200);
    pty.send(&format!("{setup}\r"));
    pty.expect("ready");
    pty.expect("$ ");
    pty
}

/// What a Tab after `line` adds or lists, until a mark that is typed after it.
fn offered(dp: &Dp, line: &str) -> Vec<String> {
    let pty = bash(dp);
    let before = pty.seen().len();
    pty.send(&format!("{line}\t"));
    // Typed after the Tab, so it is read when the Tab has been answered.
    pty.send("@@");
    pty.expect("@@");
    let seen = pty.seen();
    let shown = seen[before..]
        .replace("@@", "")
        .replace(['\r', '\u{7}'], "");
    let words = shown.split_whitespace();
    let typed: Vec<&str> = line.split_whitespace().collect();
    let is_new = |word: &&str| *word != "$" && !typed.contains(word);
    words.filter(is_new).map(str::to_string).collect()
}

#[test]
fn bash_offers_what_may_stand_there_and_nothing_else() {
    let dp = Dp::new().at("work").file("notes", "").file("sub/x", "");
    dp.run_with(["secret", "set", "MY_TOKEN"], b"x\n").ok();
    let agents = ["claude", "codex", "copilot", "gemini", "opencode", "shell"];
    let table: [(&str, &[&str]); 10] = [
        ("dp secret rm ", &["MY_TOKEN"]),
        ("dp run ", &agents),
        ("dp agents ", &["list", "ls", "show"]),
        ("dp config show ", &[]),
        ("dp run -w ", &["sub/"]),
        ("dp run claude ", &["notes", "sub/"]),
        ("dp run claude --", &[]),
        ("dp run --pull ", &["always", "missing", "never"]),
        ("dp run --env-file n", &["notes"]),
        ("dp run --name ", &[]),
    ];
    for (line, expected) in table {
        let mut words = offered(&dp, line);
        words.sort();
        words.dedup();
        // Of one that is left, the letters behind those that are typed.
        let is_it = |word: &String| expected.iter().any(|name| name.contains(word.as_str()));
        let has_all =
            expected.len() < 2 || expected.iter().all(|name| words.iter().any(|w| w == name));
        assert!(words.iter().all(is_it) && has_all, "{line:?}: {words:?}");
        assert_eq!(words.is_empty(), expected.is_empty(), "{line:?}: {words:?}");
    }
}

#[test]
fn bash_offers_no_hidden_options() {
    let words = offered(&Dp::new(), "dp sandbox exec -");
    assert!(words.iter().any(|word| word == "--detach"), "{words:?}");
    assert!(
        !words.iter().any(|word| word == "--interactive"),
        "{words:?}"
    );
}

#[test]
fn bash_offers_the_agents_of_the_workspace_file() {
    // What can be read is offered, mistakes or not.
    let file =
        "nonsense: 1\nagents:\n  lead: {agent: shell, sub_agents: {worker: {agent: shell}}}\n";
    let dp = Dp::new().file("dp.yml", file).at("below");
    let table: [(&str, &[&str]); 7] = [
        ("dp sandbox stop --agent ", &["lead", "worker"]),
        ("dp sandbox start --agent ", &["lead", "worker"]),
        ("dp sandbox restart --agent ", &["lead", "worker"]),
        ("dp sandbox logs -f ", &["lead", "worker"]),
        ("dp sandbox logs . ", &["lead", "worker"]),
        ("dp sandbox attach . ", &["lead", "worker"]),
        ("dp run ", &["lead", "worker", "claude"]),
    ];
    for (line, expected) in table {
        let words = offered(&dp, line);
        let has_all = expected
            .iter()
            .all(|name| words.iter().any(|word| word == name));
        assert!(has_all, "{line:?}: {words:?}");
        assert_eq!(
            words.first().map(String::as_str),
            Some("lead"),
            "the file's first"
        );
    }
    let words = offered(&Dp::new(), "dp sandbox stop --agent ");
    assert!(words.is_empty(), "{words:?}");
}
