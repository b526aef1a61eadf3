//! No value that may be a secret is ever shown.

use super::{complaints, reading};
use insta::assert_snapshot;

#[test]
fn values_beside_a_mistake_are_masked() {
    assert_snapshot!(complaints(
        "dp.yml",
        "\
{env: {A: hunter2, DP_B: hunter2}, memroy: hunter2, docker: {memory: 8x}}
"
    ));
    assert_snapshot!(complaints(
        "dp.yml",
        "\
env:
  TOKEN: hünter2{{apikey:  # hunter2
"
    ));
    assert_snapshot!(complaints(
        "dp.toml",
        "\
environment = { A = \"hunter2\" }
env = \"hunter2\"
agents.a = { env = { DP_A = \"hunter2\" }, fields = { b = \"hunter2\" } }
"
    ));
}

#[test]
fn no_way_of_writing_shows_one() {
    let texts = [
        ("dp.yml", "env: hunter2"),
        ("dp.yml", "env:\n  DP_A: x   # hunter2\n"),
        ("dp.toml", "[env]\nDP_A = 'x'   # hunter2\n"),
        ("dp.yml", "env: [hunter2]"),
        ("dp.yml", "env: {A: [hunter2]}"),
        ("dp.yml", "env: {A: hunter2"),
        ("dp.yml", "env:\n  A: \"hunter2\n"),
        ("dp.yml", "env:\n  A: hunter2: x\n"),
        ("dp.yml", "env:\n\tA: hunter2\n"),
        ("dp.yml", "env:\n  - hunter2: [\n"),
        ("dp.yml", "env:\n  A: !!int hunter2\n"),
        ("dp.yml", "env:\n  A: |\n    x\n   hunter2=y\n"),
        ("dp.yml", "env: &a\n  A: hunter2\ndocker: *a\n"),
        ("dp.yml", "name: &n hunter2\nenv: {A: *n}\nnaem: 1\nx: *n\n"),
        ("dp.yml", "envs: {A: hunter2}"),
        ("dp.yml", "agents: {a: {fields: {x: hunter2}}}"),
        ("dp.yml", "agents: {a: {args: {x: hunter2}}}"),
        ("dp.yml", "agents: {a: hunter2}"),
        ("dp.yml", "hunter2"),
        (
            "dp.yml",
            "agents: {a: {template: 'https://hunter2@h/r#-x'}}",
        ),
        (
            "dp.yml",
            "templates: {a: {source: 'https://u:hunter2@h/r#-x', ref: [x]}}",
        ),
        ("dp.toml", "env = hunter2\n"),
        ("dp.toml", "env = { A = hunter2 }\n"),
        ("dp.toml", "[env]\nA = \"hunter2\nB = 1\n"),
        ("dp.toml", "[env]\nA = 'hunter2' x\n"),
        ("dp.toml", "[env]\nA = '1'\nA = 'hunter2'\n"),
        ("dp.toml", "[env]\nDP_A = '''\nhunter2'''\n"),
    ];
    for (name, text) in texts {
        let (file, report) = reading(name, text).report();
        let json = serde_json::to_string(&report).expect("JSON");
        let shown = report.render(false, 100) + &json;
        assert!(report.has_errors(), "{text}");
        assert!(!shown.contains("hunter2"), "{text}\n{shown}");
        assert!(!format!("{:?}", file.env).contains("hunter2"), "{text}");
    }
}
