//! The author of a hostile project attacks a person who presses Tab, in bash, zsh, fish and elvish on a
//! terminal: by keys of the workspace file, by names of files, and by all that `dp __complete` could
//! ever print.

use crate::support::{Dp, Pty, wait_until};
use std::path::Path;
use std::time::Duration;

const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];
/// Each would leave a file `PWN…` if a shell read it as code. None has a slash, so all can be files.
const NAMES: [&str; 9] = [
    "$(touch${IFS}PWN1)",
    "`touch PWN2`",
    "x;touch PWN3;",
    "x'; touch PWN4; '",
    "x\"$(touch PWN5)\"",
    "x\ntouch PWN6\n",
    "x & touch PWN7 &",
    "(touch PWN8)",
    "x | touch PWN9",
];

/// A shell that completes `dp`, which is found by its name in `programs`.
fn shell(dp: &Dp, name: &str, programs: &Path) -> Pty {
    let completions = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    let path = std::env::var("PATH").expect("there is one");
    let path = format!("{}:{path}", programs.display());
    let is_here = { path.split(':') }.any(|directory| Path::new(directory).join(name).exists());
    assert!(
        is_here,
        "{name} is missing: `scripts/fixtures shells` installs it"
    );
    let (words, setup): (&[&str], String) = match name {
        "bash" => (
            &["--norc", "--noprofile", "-i"],
            format!(
                "PS1='$ '; bind 'set show-all-if-ambiguous on'; bind 'set enable-bracketed-paste off'; \
                 bind 'set completion-query-items 0'; bind 'set page-completions off'; \
                 source {}; echo rea''dy",
                completions.join("dp.bash").display()
            ),
        ),
        "zsh" => (
            &["-f", "-i"],
            format!(
                "PROMPT='$ '; unset zle_bracketed_paste; LISTMAX=10000; autoload -Uz compinit; compinit -u -D; \
                 source {}; echo rea''dy",
                completions.join("_dp").display()
            ),
        ),
        "elvish" => (
            &["-norc"],
            format!(
                "set edit:prompt = {{ put '$ ' }}; eval ({} completions elvish | slurp); echo rea''dy",
                own_programs().join("dp").display()
            ),
        ),
        _ => (
            &["--no-config", "-i"],
            format!(
                "function fish_prompt; echo '$ '; end; source {}; echo rea''dy",
                completions.join("dp.fish").display()
            ),
        ),
    };
    let mut command = dp.other(name, words);
    // A question would throw away what is typed for the next command.
    command.env("PATH", path).env("DP_NO_INPUT", "1");
    let pty = Pty::start_command(&command, 50, 200);
    // Before it draws its prompt, a shell may throw away what was typed.
    wait_until("the shell reads keys", Duration::from_secs(20), || {
        !pty.seen().is_empty()
    });
    pty.send(&format!("{setup}\r"));
    pty.expect("ready");
    pty
}

/// Presses Tab twice after each line, then carries out what stands there, and says what was on the
/// screen at the end.
fn press(pty: &Pty, lines: &[String]) -> String {
    for (number, line) in lines.iter().enumerate() {
        pty.send(&format!("{line}\t\t"));
        // Typed after the Tabs, so it is read when they have been answered.
        pty.send("@@");
        pty.expect("@@");
        pty.send(&format!("\recho do''ne{number}\r"));
        pty.expect(&format!("done{number}"));
    }
    pty.seen()
}

fn harm(below: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(below).expect("a directory").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            found.extend(harm(&entry.path()));
        }
        if name.starts_with("PWN") {
            found.push(name);
        }
    }
    found
}

fn own_programs() -> &'static Path {
    let program = Path::new(env!("CARGO_BIN_EXE_dp"));
    program.parent().expect("a directory")
}

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(ToString::to_string).collect()
}

#[test]
fn a_key_of_a_workspace_file_is_never_code_on_tab() {
    let keys = NAMES.map(|name| format!("  {}: {{agent: shell}}\n", serde_json::json!(name)));
    let file = format!("agents:\n  lead: {{agent: shell}}\n{}", keys.concat());
    for name in SHELLS {
        let dp = Dp::new().file("dp.yml", &file).at("below");
        let pty = shell(&dp, name, own_programs());
        let lines = lines(&[
            "dp run ",
            "dp sandbox stop --agent ",
            "dp sandbox logs . ",
            "dp sandbox attach . ",
            "dp sandbox restart --agent=",
        ]);
        let seen = press(&pty, &lines);
        assert!(seen.contains("lead"), "{name}: {seen:?}");
        assert_eq!(harm(dp.root()), [""; 0], "{name}: {seen:?}");
    }
}

#[test]
fn elvish_is_offered_options_and_no_name_of_a_file() {
    let keys = NAMES.map(|name| format!("  {}: {{agent: shell}}\n", serde_json::json!(name)));
    let file = format!("agents:\n  lead: {{agent: shell}}\n{}", keys.concat());
    let dp = Dp::new().file("dp.yml", &file).at("below");
    let pty = shell(&dp, "elvish", own_programs());
    pty.send("dp run \t\t");
    pty.expect("COMPLETING");
    // The first one of the list goes into the line, and the line away.
    pty.send("\r\x15echo do''ne\r");
    pty.expect("done");
    let seen = pty.seen();
    assert!(!seen.contains("lead"), "{seen:?}");
    assert_eq!(harm(dp.root()), [""; 0], "{seen:?}");
}

#[test]
fn what_dp_would_print_is_never_code_on_tab() {
    // The second wall: scripts that would be safe if `dp` let such names pass.
    let names = NAMES.join("\n");
    for name in SHELLS {
        let dp = Dp::new().file("names", &names);
        let names = dp.path("names");
        let dp = dp.file(
            "../programs/dp",
            format!("#!/bin/sh\ncase $1 in __place) echo names ;; *) cat {names} ;; esac\n"),
        );
        let programs = dp.root().join("programs");
        let made = dp.run_other("chmod", ["755", &dp.path("../programs/dp")]);
        assert_eq!(made.code, 0, "{made}");
        let pty = shell(&dp, name, &programs);
        // The last ones have one answer, which is put into the line and carried out.
        let lines = lines(&[
            "dp secret rm ",
            "dp secret rm x",
            "dp secret rm \\(",
            "dp secret rm \\$",
            "dp secret rm \\`",
            "dp secret rm $",
        ]);
        let seen = press(&pty, &lines);
        assert_eq!(harm(dp.root()), [""; 0], "{name}: {seen:?}");
        assert!(seen.contains("PWN"), "it was offered to {name}: {seen:?}");
    }
}

#[test]
fn the_name_of_a_file_is_never_code_on_tab() {
    for name in SHELLS {
        let dp = Dp::new().at("work");
        let dp = NAMES.iter().fold(dp, |dp, name| {
            dp.file(&format!("d{name}/x"), "")
                .file(&format!("f{name}"), "")
        });
        let pty = shell(&dp, name, own_programs());
        let lines = lines(&[
            "dp run -w ",
            "dp run -w d",
            "dp run -w d\\$",
            "dp run -w d\\`",
            "dp run --env-file ",
            "dp run --env-file f\\$",
            "dp run --env-file f\\(",
            "dp run claude f\\`",
            "dp sandbox rm d\\$",
            "dp sandbox cp f\\$",
            "dp run -w -",
        ]);
        let seen = press(&pty, &lines);
        assert_eq!(harm(dp.root()), [""; 0], "{name}: {seen:?}");
        assert!(
            seen.contains("PWN"),
            "they were offered to {name}: {seen:?}"
        );
    }
}

#[test]
fn completion_prints_no_name_of_a_file_that_is_elsewhere() {
    let file = "agents:\n  lead: {agent: shell}\n";
    let dp = Dp::new().file("../elsewhere/dp.yml", file);
    let ask = ["__complete", "sandbox", "stop", "--agent"];
    std::os::unix::fs::symlink("../elsewhere/dp.yml", dp.here().join("dp.yml")).expect("a link");
    assert_eq!(dp.run(ask).out(), "");
    std::fs::remove_file(dp.here().join("dp.yml")).expect("it is there");
    assert_eq!(dp.file("dp.yml", file).run(ask).ok(), "lead");
}

#[test]
fn completion_gives_up_on_files_and_engines_that_do_not_answer() {
    // A pipe in the place of the list of secrets; a socket that never accepts.
    let dp = Dp::new();
    let state = dp.home().join(".local/state/dp");
    std::fs::create_dir_all(&state).expect("a directory");
    let fifo = state.join("secret-names.json");
    let made = dp.run_other("mkfifo", [fifo]);
    assert_eq!(made.code, 0, "{made}");
    let silent = std::os::unix::net::UnixListener::bind(dp.root().join("silent.sock"));
    let _silent = silent.expect("a socket");
    let engine = format!("unix://{}", dp.root().join("silent.sock").display());
    let dp = dp.env("DOCKER_HOST", engine);
    for words in [
        ["__complete", "secret", "rm"],
        ["__complete", "sandbox", "inspect"],
        ["__complete", "image", "rm"],
        ["__complete", "volumes", "rm"],
    ] {
        let begun = std::time::Instant::now();
        assert_eq!(dp.run(words).ok(), "", "{words:?}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{words:?}");
    }
}
