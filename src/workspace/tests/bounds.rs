//! Files that are too large, too deep, or made to cost much.

use super::super::find;
use super::{complaints, reading};
use std::fmt::Write;
use std::time::{Duration, Instant};

/// Far more than any of it takes in a debug build on a busy machine.
const ENOUGH: Duration = Duration::from_secs(20);

fn first_line(name: &str, text: &str) -> String {
    let begun = Instant::now();
    let complaints = complaints(name, text);
    assert!(begun.elapsed() < ENOUGH, "{:?}", begun.elapsed());
    assert!(complaints.len() < 100_000, "{}", complaints.len());
    complaints.lines().next().unwrap_or_default().to_string()
}

#[test]
fn a_billion_laughs() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let row = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(text, "a{level}: &a{level} [{row}]").expect("a line");
    }
    assert_eq!(
        first_line("dp.yml", &text),
        "error: this is not YAML that can be read"
    );
    assert!(complaints("dp.yml", &text).contains("aliases stand for too much"));
}

#[test]
fn nesting_without_end() {
    let brackets = "[".repeat(500_000);
    let aliases = (1..60).fold(String::from("a0: &a0 [x]\n"), |text, level| {
        let (open, close) = ("[".repeat(60), "]".repeat(60));
        text + &format!("a{level}: &a{level} {open}*a{}{close}\n", level - 1)
    });
    let dotted = format!("[{}]\n", vec!["a"; 250_000].join("."));
    for (name, text) in [
        ("dp.yml", &brackets),
        ("dp.yml", &aliases),
        ("dp.toml", &format!("a = {brackets}")),
        ("dp.toml", &dotted),
    ] {
        let line = first_line(name, text);
        assert!(line.starts_with("error: "), "{name} {line}");
    }
}

#[test]
fn a_hundred_thousand_mistakes() {
    let mut text = String::new();
    for number in 0..40_000 {
        writeln!(text, "k{number}: 1").expect("a line");
    }
    let (_, report) = reading("dp.yml", &text).report();
    assert_eq!(report.mistakes.len(), 100);
    assert_eq!(report.more, 39_900);
    assert!(report.render(false, 100).ends_with("\nand 39900 more\n"));
    let line = first_line(
        "dp.yml",
        &format!("docker: {{ports: [{}]}}", "'80:80',".repeat(900)),
    );
    assert_eq!(line, "error: host port 80 is published twice");
    let line = first_line(
        "dp.yml",
        &format!("docker: {{{}}}", "memory: 1,cpus: 1,".repeat(20_000)),
    );
    assert_eq!(line, "error: `memory` is given twice");
}

#[test]
fn a_large_file() {
    let text = "# comment\n".repeat(500_000);
    assert_eq!(
        first_line("dp.yml", &text),
        "error: the file is larger than 1 MiB"
    );
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("dp.yml");
    std::fs::write(&path, &text).expect("a file");
    let pinned = crate::files::Pinned::resolve(&path).expect("there");
    let error = find::text_of(&path, &pinned).expect_err("too large");
    assert!(
        error.to_string().ends_with("is larger than 1 MiB"),
        "{error}"
    );
    assert_eq!(first_line("dp.yml", &text[..1_000_000]), "");
}

#[test]
fn agents_are_ten_deep_and_no_deeper() {
    let nested = |depth: usize| {
        let (mut text, mut indent) = (String::from("agents:\n"), String::from("  "));
        for level in 1..=depth {
            writeln!(text, "{indent}a{level}:\n{indent}  agent: claude").expect("a line");
            if level < depth {
                writeln!(text, "{indent}  sub_agents:").expect("a line");
            }
            indent.push_str("    ");
        }
        text
    };
    let file = super::values("dp.yml", &nested(10));
    let tenth = file.agent("a10").expect("an agent");
    assert_eq!((tenth.depth, tenth.parent.as_deref()), (10, Some("a9")));
    assert_eq!(
        first_line("dp.yml", &nested(11)),
        "error: agents are more than 10 deep"
    );
}

#[test]
fn two_hundred_agents_are_quick() {
    let mut text = String::from("agents:\n");
    for number in 0..200 {
        let peer = (number + 1) % 200;
        write!(
            text,
            "  agent-{number}:\n    template: ./agents/one\n    peers: [agent-{peer}]\n    \
             env:\n      A: '{{{{apikey:KEY}}}}'\n      B: {number}\n    args: [--verbose]\n"
        )
        .expect("a line");
    }
    let begun = Instant::now();
    let file = super::values("dp.yml", &text);
    let took = begun.elapsed();
    assert_eq!(file.agents().len(), 200);
    // The budget is 20 ms of a release build.
    let limit = if cfg!(debug_assertions) { 4000 } else { 20 };
    assert!(took < Duration::from_millis(limit), "{took:?}");
}

/// What stands at a number.
type Entry<'a> = &'a dyn Fn(usize) -> String;

#[test]
fn lists_and_maps_have_a_bound_each() {
    let many = |count: usize, entry: &dyn Fn(usize) -> String| -> String {
        (0..count).map(entry).collect()
    };
    let lists: [(&str, Entry<'_>, &str, &str); 9] = [
        ("env: {", &|n| format!("A{n}: x,"), "}", "env"),
        ("env_file: [", &|n| format!("a{n},"), "]", "env_file"),
        (
            "docker: {ports: [",
            &|n| format!("{},", n + 1),
            "]}",
            "docker.ports",
        ),
        (
            "mounts: [",
            &|n| format!("{{host_path: ., container_path: /x{n}}},"),
            "]",
            "mounts",
        ),
        (
            "templates: {",
            &|n| format!("a{n}: {{source: ./x}},"),
            "}",
            "templates",
        ),
        (
            "agents: {",
            &|n| format!("a{n}: {{agent: shell}},"),
            "}",
            "agents",
        ),
        (
            "agents: {a: {agent: shell, args: [",
            &|_| "x,".into(),
            "]}}",
            "agents.a.args",
        ),
        (
            "agents: {a: {agent: shell, command: [",
            &|_| "x,".into(),
            "]}}",
            "agents.a.command",
        ),
        (
            "agents: {a: {agent: shell, env: {",
            &|n| format!("A{n}: x,"),
            "}}}",
            "agents.a.env",
        ),
    ];
    for (start, entry, end, name) in lists {
        let line = first_line("dp.yml", &format!("{start}{}{end}\n", many(1001, entry)));
        assert_eq!(line, format!("error: `{name}` has more than 1000 entries"));
    }
    let text = format!(
        "env: {{{}}}\nagents: {{a: {{agent: shell}}}}\n",
        many(1000, &|n| format!("A{n}: x,"))
    );
    assert_eq!(first_line("dp.yml", &text), "");
    // What is not looked at is not shown.
    let text = format!("env: {{{}}}\n", many(1001, &|n| format!("A{n}: hunter2,")));
    assert!(!complaints("dp.yml", &text).contains("hunter2"));
}

#[test]
fn agents_have_bounds_together() {
    let agents = |count: usize, more: &dyn Fn(usize) -> String| {
        let one = |n: usize| format!("a{n}: {{{}}},", more(n));
        format!("agents: {{{}}}\n", (0..count).map(one).collect::<String>())
    };
    let shell = |_: usize| "agent: shell".to_string();
    let variables = |_: usize| {
        let all: String = (0..900).map(|n| format!("A{n}: x,")).collect();
        format!("agent: shell, env: {{{all}}}")
    };
    let nested = format!(
        "agents: {{x: {{agent: shell, sub_agents: {{{}}}}}}}",
        (0..500)
            .map(|n| format!("a{n}: {{agent: shell}},"))
            .collect::<String>()
    );
    let table = [
        (agents(500, &shell), ""),
        (agents(501, &shell), "error: there are more than 500 agents"),
        (nested, "error: there are more than 500 agents"),
        (
            agents(16, &|_| "agent: shell, instances: 32".into()),
            "error: the agents are more than 500 processes together",
        ),
        (
            agents(3, &variables),
            "error: the agents have more than 2000 variables together",
        ),
        (
            agents(51, &|n| format!("template: \"https://h.invalid/{n}.git\"")),
            "error: the agents come from more than 50 repositories",
        ),
        (
            agents(51, &|_| "template: \"https://h.invalid/x.git\"".into()),
            "",
        ),
    ];
    for (text, expected) in table {
        assert_eq!(first_line("dp.yml", &text), expected, "{}", &text[..80]);
    }
}
