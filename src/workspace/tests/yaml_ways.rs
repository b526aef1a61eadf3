//! What only YAML has, and how each format is broken.

use super::{complaints, values};
use insta::assert_snapshot;

#[test]
fn anchors_and_merge_keys() {
    let text = "\
env: &common
  A: 1
  B: 2
agents:
  lead:
    agent: claude
    env:
      <<: *common
      B: 3
  other:
    agent: codex
    env: *common
    sub_agents:
      third: {agent: shell, env: {<<: [{A: 5}, *common]}}
";
    let file = values("dp.yml", text);
    let env = |key: &str| {
        let agent = file.agent(key).expect("an agent");
        let pairs = { agent.env.iter() }.map(|(name, value)| format!("{name}={}", value.expose()));
        pairs.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(env("lead"), "A=1 B=3");
    assert_eq!(env("other"), "A=1 B=2");
    assert_eq!(env("third"), "A=5 B=2");
}

#[test]
fn a_mistake_behind_an_alias_is_told_where_it_is_written() {
    let text = "\
agents:
  a: {agent: claude, instances: &many 99}
  b: {agent: claude, instances: *many}
";
    assert_snapshot!(complaints("dp.yml", text));
}

#[test]
fn spellings_are_kept() {
    let text =
        "env: {A: 1.10, B: 010, C: 0x1F, D: yes, E: 22:22, F: 1e3, G: ~x, H: True, I: 2020-01-01}";
    let file = values("dp.yml", text);
    let all: Vec<&str> = file.env.values().map(|value| value.expose()).collect();
    assert_eq!(
        all,
        [
            "1.10",
            "010",
            "0x1F",
            "yes",
            "22:22",
            "1e3",
            "~x",
            "true",
            "2020-01-01"
        ]
    );
    let text = "env = { A = 1.10, C = 0x1F, F = 1_000, I = 2020-01-01 }";
    let file = values("dp.toml", text);
    let all: Vec<&str> = file.env.values().map(|value| value.expose()).collect();
    assert_eq!(all, ["1.10", "0x1F", "1_000", "2020-01-01"]);
}

#[test]
fn byte_order_marks_and_line_ends_of_windows() {
    for (name, text) in [
        ("dp.yml", "\u{feff}name: a\r\ndocker:\r\n  memory: 8x\r\n"),
        ("dp.toml", "\u{feff}name = 'a'\r\ndocker.memory = '8x'\r\n"),
    ] {
        let complaints = complaints(name, text);
        assert!(
            complaints.contains(if name == "dp.yml" { ":3:11" } else { ":2:17" }),
            "{complaints}"
        );
        assert!(complaints.contains("`8x` is not a size"), "{complaints}");
        assert!(!complaints.contains('\r'));
    }
    for text in ["\u{feff}\u{feff} 2= ", "\u{feff}\u{feff}a: ["] {
        assert!(complaints("dp.toml", text).contains("dp.toml:1:"));
        assert!(complaints("dp.yml", text).contains("dp.yml:1:"));
    }
    let text = values("dp.yml", "name: >-\r\n  a\r\n  b\r\n").name;
    assert_eq!(text.map(|name| name.value), Some("a b".into()));
}

#[test]
fn texts_that_are_no_yaml() {
    let mut out = String::new();
    for text in [
        "docker:\n\tmemory: 8g\n",
        "docker:\n  gpu: true\n\tmemory: 8g\n",
        "docker: [\n",
        "docker: {ports: [\"80:80\"\n",
        "name: a\n docker: b\n",
        "name: *nobody\n",
        "name: a\n---\nname: b\n",
        "? [a, b]\n: c\n",
        "name: \"\\q\"\n",
        "name: a\u{7}b\n",
        "name: &x [*x]\n",
        "name: !!int x\n",
        "name: @x\n",
        "env:\n  SECRET_IN_HERE: 'abc\n",
    ] {
        let complaints = complaints("dp.yml", text);
        assert!(!complaints.is_empty(), "{text}");
        out.push_str(&complaints);
        out.push('\n');
    }
    assert_snapshot!(out);
}

#[test]
fn texts_that_are_no_toml_with_every_independent_mistake() {
    let text = "\
name = a
name = 'b'
workspace_dir =
[docker
[mounts]
x = 1
[agents.a]
agent = 'claude'
agent = 'codex'
zzz = 1
";
    assert_snapshot!(complaints("dp.toml", text));
}
