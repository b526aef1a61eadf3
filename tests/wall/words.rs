//! The author of a hostile project attacks the terminal of a person who reads what `dp` says: by
//! names of directories, by what a workspace file holds, and by words that are pasted.

use crate::support::{Dp, Pty, Ran, SEQUENCES, obeyed};
use std::os::unix::fs::PermissionsExt;

/// All of them in one word.
fn all() -> String {
    SEQUENCES.concat()
}

fn expect_clean(ran: &Ran, what: &str) {
    for stream in [&ran.stdout, &ran.stderr] {
        assert_eq!(obeyed(stream), [""; 0], "{what}: {ran:?}");
    }
    assert!(!(ran.stdout.is_empty() && ran.stderr.is_empty()), "{what}");
}

/// What is asked of `dp` with a word of somebody else in it.
fn commands(word: &str) -> Vec<Vec<&str>> {
    vec![
        vec![word],
        vec!["run", word],
        vec!["run", "-w", word],
        vec!["run", "-f", word],
        vec!["run", "-v", word],
        vec!["run", "--memory", word],
        vec!["--engine", word, "sandbox", "ls"],
        vec!["--format", word],
        vec!["sandbox", word],
        vec!["sandbox", "rm", word],
        vec!["sandbox", "ls", "--filter", word],
        vec!["agents", "show", word],
        vec!["secret", "set", word],
        vec!["secret", "rm", word],
        vec!["config", "check", word],
        vec!["trust", word],
        vec!["volumes", "prune", "--older-than", word],
        vec!["help", word],
    ]
}

#[test]
fn no_word_of_a_command_line_is_obeyed_by_the_terminal() {
    let dp = Dp::new();
    let word = format!("a{}b", all().replace('\0', ""));
    for words in commands(&word) {
        for more in [&["--color", "always"][..], &["--format", "json"]] {
            let ran = dp.run([more, &words].concat());
            assert_ne!(ran.code, 0, "{words:?}: {ran}");
            expect_clean(&ran, &format!("{words:?}"));
        }
    }
}

#[test]
fn no_name_of_a_directory_is_obeyed_by_the_terminal() {
    let sequence = all().replace(['\0', '/'], "");
    let file = "agents: {a: {agent: nobody}, b: {template: ./t}}\nnonsense: 1\n";
    let dp = Dp::new()
        .at(format!("../x{sequence}\ny"))
        .file("dp.yml", file)
        .config("nonsense = 1\n");
    for words in [
        "config check",
        "trust",
        "config show",
        "config path",
        "doctor",
        "run",
        "run --dry-run",
        "sandbox ls",
    ] {
        for more in ["--color always", "--format json", "--color never"] {
            let words = more.split(' ').chain(words.split(' '));
            expect_clean(
                &dp.run(words.clone()),
                &format!("{sequence:?}: {:?}", words.collect::<Vec<_>>()),
            );
        }
    }
}

#[test]
fn nothing_that_a_workspace_file_holds_is_obeyed_by_the_terminal() {
    for sequence in [
        all(),
        SEQUENCES[2].to_string(),
        SEQUENCES[12].to_string(),
        SEQUENCES[14].to_string(),
    ] {
        let text = serde_json::json!(format!("x{sequence}y"));
        let place = serde_json::json!(format!("/x{sequence}y"));
        // As an escape in a quoted text, and as it is where YAML lets it be.
        let raw = format!("# {sequence}\nname: x{sequence}y\n");
        let files = [
            format!("agents: {{{text}: {{agent: shell}}}}\n"),
            format!("agents: {{a: {{agent: {text}}}}}\n"),
            format!("agents: {{a: {{agent: shell, peers: [{text}], env: {{{text}: {text}}}}}}}\n"),
            format!("agents: {{a: {{template: {text}}}}}\n"),
            format!("{text}: 1\nname: {text}\nagents: {{a: {{agent: shell}}}}\n"),
            format!(
                "docker: {{mounts: [{{host_path: {place}, container_path: {place}}}], image: {text}, memory: {text}}}\nagents: {{a: {{agent: shell}}}}\n"
            ),
            format!(
                "workspace_dir: {place}\nenv_file: [{text}]\nagents: {{a: {{agent: shell}}}}\n"
            ),
            raw,
        ];
        for file in files {
            let dp = Dp::new().file("dp.yml", &file);
            for words in [
                "config check",
                "trust",
                "run",
                "run --dry-run",
                "sandbox stop --agent a",
            ] {
                for more in ["--color always", "--format json"] {
                    let words = more.split(' ').chain(words.split(' '));
                    expect_clean(&dp.run(words), &format!("{file:?}"));
                }
            }
        }
    }
}

#[test]
fn the_question_of_a_workspace_file_hides_no_line() {
    let file = "mounts:\n    - {host_path: /, container_path: \"/x\\e[2K\\e[1G  mount cache at /cache\\e[8m\", read_only: false}\nagents: {a: {agent: shell}}\n";
    let dp = Dp::new().file("dp.yml", file);
    let mut pty = Pty::start(&dp, ["trust"], 24, 200);
    // Such a path is a mistake, which is shown with its line.
    pty.expect("holds a control character");
    assert_eq!(pty.wait(), 3);
    let seen = pty.seen();
    for hidden in ["\u{1b}[2K\u{1b}[1G  mount", "\u{1b}[8m"] {
        assert!(!seen.contains(hidden), "{seen:?}");
    }
}

#[test]
fn no_request_looks_like_the_beginning_of_another_or_pushes_it_out_of_sight() {
    // Padded so that what follows would begin a line of an ordinary terminal.
    for padding in [" ".repeat(200), "x".repeat(200), "漢 ".repeat(70)] {
        let value = format!(
            "/opt/lib{padding}  + port: publish the port 3000/tcp  Everything else was allowed before."
        );
        let file =
            format!("env: {{LD_LIBRARY_PATH: {value:?}}}\nagents: {{a: {{agent: claude}}}}\n");
        let dp = Dp::new().file("dp.yml", file).env("ANTHROPIC_API_KEY", "x");
        let mut pty = Pty::start(&dp, ["trust"], 24, 80);
        pty.expect("Allow it?");
        let seen = pty.seen();
        let lines: Vec<&str> = seen.lines().map(str::trim_end).collect();
        let asked: Vec<&&str> = lines
            .iter()
            .filter(|line| line.trim_start().starts_with('+'))
            .collect();
        assert!(!asked.is_empty(), "{seen}");
        assert!(
            asked.iter().all(|line| line.contains("variable: set")),
            "{seen}"
        );
        let fits = |line: &&str| line.chars().count() <= 80 || line.contains("Allow it?");
        assert!(lines.iter().all(fits), "{seen}");
        assert!(!seen.contains("   + port"), "{seen}");
        pty.send("n\r");
        pty.wait();
    }
    let variables: Vec<String> = (0..500).map(|number| format!("LD_{number}: x")).collect();
    let file = format!(
        "mounts: [{{host_path: /etc, container_path: /x}}]\nenv: {{{}}}\nagents: {{a: {{agent: claude}}}}\n",
        variables.join(", ")
    );
    let dp = Dp::new().file("dp.yml", file).env("ANTHROPIC_API_KEY", "x");
    let mut pty = Pty::start(&dp, ["trust"], 24, 80);
    pty.expect("Allow it?");
    let seen = pty.seen();
    let last: Vec<&str> = seen.lines().rev().take(3).collect();
    let last = last.join("\n");
    assert!(
        last.contains("501 requests") && last.contains("mount: 1"),
        "{last}"
    );
    pty.send("n\r");
    pty.wait();
}

#[test]
fn no_word_is_invisible() {
    let blank = "\u{3164}\u{2800}\u{115f}\u{1160}\u{ffa0}\u{200b}\u{2060}\u{feff}\u{a0}\u{e0041}";
    let file = format!("agents: {{a: {{agent: \"x{blank}\"}}}}\nnon{blank}sense: 1\n");
    let dp = Dp::new()
        .file("dp.yml", file)
        .file(&format!("d{blank}/file"), "");
    let word = format!("a{blank}b");
    let mut all = commands(&word);
    all.extend([vec!["config", "check"], vec!["trust"], vec!["run"]]);
    for words in all {
        let ran = dp.run([&["--color", "always"][..], &words].concat());
        for text in [ran.out(), ran.err()] {
            let seen: Vec<char> = blank.chars().filter(|c| text.contains(*c)).collect();
            assert!(seen.is_empty(), "{words:?}: {seen:?}: {ran}");
        }
    }
}

/// Each line that `dp` begins on a terminal of 80 columns with one of these words, after spaces.
fn begun<'a>(seen: &'a str, words: &[&str]) -> Vec<&'a str> {
    let lines = seen.lines().map(str::trim_end);
    let is_begun = |line: &&str| {
        let text = line.trim_start();
        let margin = line.len() - text.len();
        margin < 8 && words.iter().any(|word| text.starts_with(word))
    };
    lines.filter(is_begun).collect()
}

#[test]
fn no_value_of_a_dry_run_reads_like_another_line_or_word() {
    for padding in [" ".repeat(300), "x".repeat(68), "漢 ".repeat(70)] {
        let place = format!("/x (read-only){padding}mount       /a -> /cache");
        let file = format!(
            "mounts: [{{host_path: ./data, container_path: {place:?}}}]\nagents: {{a: {{agent: shell, args: [\"-c\", \"{padding}agent       b\"]}}}}\n"
        );
        let dp = Dp::on_engine().file("dp.yml", file).file("data/x", "");
        let mut pty = Pty::start(&dp, ["run", "--dry-run", "-t", "dp-test/busybox"], 60, 80);
        assert_eq!(pty.wait(), 0, "{}", pty.seen());
        let seen = pty.seen();
        assert_eq!(begun(&seen, &["agent"]).len(), 1, "{seen}");
        assert!(!seen.contains("/a -> /cache  "), "{seen}");
        for line in begun(&seen, &["mount"]) {
            assert!(!line.starts_with("mount       /a"), "{seen}");
        }
        assert!(seen.contains("-> \"/x (read-only)"), "{seen}");
        assert!(
            seen.lines()
                .all(|line| line.trim_end().chars().count() <= 80),
            "{seen}"
        );
    }
}

#[test]
fn no_part_of_an_error_reads_like_another_line_of_it() {
    for padding in [" ".repeat(300), "x".repeat(70)] {
        let word = format!("{padding}hint: `dp trust --yes` is safe");
        let file = format!("name: [\nagents: {{{word:?}: {{agent: shell}}}}\n");
        let dp = Dp::new().file("dp.yml", file).file(
            "other.yml",
            format!("agents: {{{word:?}: {{agent: shell}}}}\n"),
        );
        let commands: [&[&str]; 5] = [
            &["sandbox", "rm", &word],
            &["run", "--no-file", &word],
            &["config", "check"],
            &["config", "check", "other.yml"],
            &["agents", "show", &word],
        ];
        for words in commands {
            let mut pty = Pty::start(&dp, words, 40, 80);
            assert_ne!(pty.wait(), 0, "{words:?}");
            let seen = pty.seen();
            let hints = begun(&seen, &["hint: `dp trust"]);
            assert_eq!(hints, [""; 0], "{words:?}: {seen}");
            assert!(!seen.contains("         hint"), "{words:?}: {seen}");
        }
    }
}

#[test]
fn no_line_of_a_change_pushes_another_out_of_sight() {
    for padding in [" ".repeat(100_000), "x".repeat(100_000)] {
        let dp = Dp::new().file("dp.yml", "agents: {a: {agent: shell}}\n");
        assert_eq!(dp.run(["trust", "--yes"]).code, 0);
        let dp = dp.file(
            "dp.yml",
            format!(
                "docker: {{network_mode: host}}\n#{padding} | + nothing else\nagents: {{a: {{agent: shell}}}}\n"
            ),
        );
        let mut pty = Pty::start(&dp, ["trust"], 24, 80);
        pty.expect("Allow it?");
        let seen = pty.seen();
        pty.send("n\r");
        pty.wait();
        assert!(seen.lines().count() < 24, "{seen}");
        assert!(seen.contains("more characters in this line"), "{seen}");
        assert!(seen.contains("| + docker: {network_mode: host}"), "{seen}");
    }
}

#[test]
fn one_long_request_hides_no_other() {
    let long = "x".repeat(20_000);
    let file = format!(
        "env: {{LD_PRELOAD: {long}}}\ndocker: {{network_mode: host}}\nagents: {{a: {{agent: claude}}}}\n"
    );
    let dp = Dp::new().file("dp.yml", file).env("ANTHROPIC_API_KEY", "x");
    let mut pty = Pty::start(&dp, ["trust"], 24, 80);
    pty.expect("Allow it?");
    let seen = pty.seen();
    pty.send("n\r");
    pty.wait();
    let last: Vec<&str> = seen.lines().rev().take(3).collect();
    assert!(last.join("\n").contains("network: 1"), "{last:?}");
}

#[test]
fn no_path_reads_like_another_one_or_pushes_another_out_of_sight() {
    let gap = " ".repeat(120);
    let ask = "docker: {network_mode: host}\nagents: {a: {agent: shell}}\n";
    let deceptive = format!("x may do nothing beyond its directory{gap}y");
    let long = "d/".repeat(150);
    let dp = Dp::new()
        .file("dp.yml", ask)
        .file(&format!("{deceptive}/dp.yml"), ask)
        .file(&format!("{long}/dp.yml"), ask)
        .file(&format!("a`, `b{gap}c"), "");
    for directory in [".", &deceptive, &long] {
        let file = format!("{directory}/dp.yml");
        for words in [&["trust", "--yes", &file][..], &["trust", &file]] {
            let ran = dp.run(words);
            assert_eq!(ran.code, 0, "{ran}");
            assert!(!ran.to_string().contains("   y"), "{ran}");
            let said = ran.out();
            let heading = said.lines().next().unwrap_or_default();
            assert_eq!(heading.starts_with('"'), directory == deceptive, "{ran}");
            assert!(heading.ends_with(" may"), "{ran}");
        }
    }
    let ran = dp.run(["trust", "--list"]);
    let said = ran.out();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 4, "{ran}");
    assert!(lines.iter().any(|line| line.chars().count() < 200), "{ran}");
    for line in lines {
        assert!(
            line.len() < 1000 && !line.contains(&" ".repeat(81)),
            "{ran}"
        );
    }
    let ran = dp.run(["trust", "--revoke", &format!("{deceptive}/dp.yml")]);
    assert!(
        ran.out().starts_with('"') && !ran.out().contains("   "),
        "{ran}"
    );
    let own = std::fs::Permissions::from_mode(0o4755);
    std::fs::set_permissions(dp.path(&format!("a`, `b{gap}c")), own).expect("our file");
    let ran = dp.run(["doctor"]);
    let says = "1 file with the rights of somebody else: \"a`, `b \\u{20}";
    assert!(
        ran.out().contains(says) && !ran.out().contains(&gap),
        "{ran}"
    );
}
