//! Files as people write them, and what is read of them.

use super::super::{starter, *};
use super::toml_writer::toml_of;
use super::{complaints, reading, values};
use proptest::prelude::*;
use std::path::Path;

const FULL: &str = r#"
name: my-app
workspace_dir: ../src
env: {LEVEL: 3, KEY: "{{apikey:A}}{{apikey:B}}"}
env_file: [.env, ~/x.env]
templates:
  far: {source: "https://example.com/r.git", ref: v1, subdir: t}
  near: {source: templates/near}
agents:
  lead:
    template: far
    peers: [helper, tester]
    args: [--port, 80]
    sub_agents:
      helper: {agent: claude, instances: 4, auto_start: true}
      tester: {template: tester, peers: [lead]}
  alone: {template: ./alone, auto_start: false, command: [bash, -c, x]}
mounts:
  - {host_path: ~/.ssh, container_path: /root/.ssh}
  - {host_path: data, container_path: /data/, read_only: false}
docker:
  image: debian:13
  memory_limit: 8g
  cpu_limit: 1.5
  network_mode: my-net
  ports: ["8080:80", "0.0.0.0:53:53/udp"]
  gpu: true
  home_persistence: true
  home_size: 10g
  dind: rootless
  user: auto
  pids_limit: 100
  shm_size: 64m
  runtime: runc
  credentials: none
"#;

/// The examples of the documents that asked for this file, as they stand there.
const ASKED: [&str; 4] = [
    "workspace_dir: /home/user/projects/my-app\n",
    "docker:\n  home_persistence: true\n",
    "mounts:\n  - host_path: ~/.ssh\n    container_path: /root/.ssh\n    read_only: true\n  - host_path: ~/.config/gh\n    container_path: /root/.config/gh\n    read_only: true\n",
    "docker:\n  network_mode: host\n  ports:\n    - \"8080:8080\"\n  gpu: true\n  memory: 8g\n  cpus: 4\n",
];

fn check(file: &WorkspaceFile) {
    assert_eq!(file.workspace_name(), "my-app");
    assert_eq!(file.workspace_dir(), Path::new("/team/app/../src"));
    assert_eq!(file.env["LEVEL"].expose(), "3");
    assert_eq!(file.env["KEY"].secrets().collect::<Vec<_>>(), ["A", "B"]);
    let files: Vec<_> = file
        .env_files
        .iter()
        .map(|path| path.value.clone())
        .collect();
    assert_eq!(
        files,
        [Path::new("/team/app/.env"), Path::new("/home/ann/x.env")]
    );
    let agents: Vec<_> = { file.agents().iter() }
        .map(|a| {
            (
                a.key.as_str(),
                a.parent.as_deref(),
                a.auto_start,
                a.instances,
            )
        })
        .collect();
    assert_eq!(
        agents,
        [
            ("lead", None, true, 1),
            ("helper", Some("lead"), true, 4),
            ("tester", Some("lead"), false, 1),
            ("alone", None, false, 1),
        ]
    );
    assert_eq!(file.sub_agents("lead").count(), 2);
    let lead = file.agent("lead").expect("an agent");
    assert_eq!(
        lead.args.iter().map(|arg| arg.as_str()).collect::<Vec<_>>(),
        ["--port", "80"]
    );
    let runs = |key: &str| match &file.agent(key).expect("an agent").runs {
        Runs::Template(source) => source.value.clone(),
        Runs::Catalogue(name) => TemplateSource::Named(format!("catalogue {}", name.value)),
    };
    assert_eq!(runs("lead"), TemplateSource::Declared("far".into()));
    assert_eq!(
        runs("helper"),
        TemplateSource::Named("catalogue claude".into())
    );
    assert_eq!(runs("tester"), TemplateSource::Named("tester".into()));
    assert_eq!(
        runs("alone"),
        TemplateSource::Directory("/team/app/alone".into())
    );
    let git = TemplateSource::Git {
        url: "https://example.com/r.git".into(),
        reference: Some("v1".into()),
        subdir: Some("t".into()),
    };
    assert_eq!(file.templates["far"].source.value, git);
    let mounts: Vec<_> = { file.mounts.iter() }
        .map(|m| {
            (
                m.host_path.to_string_lossy(),
                m.container_path.as_str(),
                m.read_only,
            )
        })
        .collect();
    assert_eq!(
        mounts,
        [
            ("/home/ann/.ssh".into(), "/root/.ssh", true),
            ("/team/app/data".into(), "/data", false),
        ]
    );
    check_docker(&file.docker);
}

fn check_docker(docker: &Docker) {
    let text = |value: Option<String>| value.unwrap_or_default();
    assert_eq!(text(docker.memory.as_ref().map(|m| m.to_string())), "8g");
    assert_eq!(text(docker.cpus.as_ref().map(|m| m.to_string())), "1.5");
    assert_eq!(
        text(docker.network_mode.as_ref().map(|m| m.to_string())),
        "my-net"
    );
    let ports: Vec<_> = docker
        .ports
        .iter()
        .map(|p| crate::values::port::format(p))
        .collect();
    assert_eq!(ports, ["127.0.0.1:8080:80/tcp", "0.0.0.0:53:53/udp"]);
    assert_eq!(docker.dind.as_ref().map(|d| d.value), Some(Dind::Rootless));
    assert_eq!(docker.user.as_ref().map(|u| u.value.clone()), Some(None));
    assert_eq!(docker.pids_limit.as_ref().map(|p| p.value), Some(100));
    let credentials = docker.credentials.as_ref().map(|c| c.value);
    assert_eq!(credentials, Some(Credentials::None));
}

#[test]
fn everything_is_read_from_both_formats_alike() {
    let file = values("dp.yml", FULL);
    check(&file);
    assert_eq!(
        file.locate(file.docker.memory.as_ref().expect("given").place),
        "dp.yml:23:17"
    );
    check(&values("dp.toml", &toml_of(FULL).expect("TOML")));
}

#[test]
fn what_was_asked_for_is_read() {
    for text in ASKED {
        values("dspatch.workspace.yml", text);
    }
    let warning = complaints("dspatch.workspace.yml", ASKED[3]);
    assert!(
        warning.starts_with("warning: `ports` does nothing with `network_mode` `host`"),
        "{warning}"
    );
}

#[test]
fn starters_are_right_as_they_are_and_with_every_comment_taken_away() {
    for format in [Format::Yaml, Format::Toml] {
        let Starter { name, text, .. } = starter(format);
        assert_eq!(complaints(name, text), "");
        let is_key = |line: &str| {
            line.starts_with("# ") && line.contains([':', '=', '[']) && !line.contains("schema")
        };
        let uncomment = |line: &str| {
            let at = line.find("# ").filter(|at| line[..*at].trim().is_empty());
            match at {
                Some(at) if is_key(line.trim_start()) && !line.contains("The sandbox") => {
                    format!("{}{}\n", &line[..at], &line[at + 2..])
                }
                _ => format!("{line}\n"),
            }
        };
        let all: String = text.lines().map(uncomment).collect();
        let file = values(name, &all);
        assert_eq!(file.agents().len(), 2, "{all}");
        assert_eq!(
            (file.mounts.len(), file.templates.len(), file.env.len()),
            (1, 1, 2),
            "{all}"
        );
        assert!(
            file.docker.dind.is_some() && file.docker.image.is_some(),
            "{all}"
        );
    }
}

#[test]
fn a_machine_that_lacks_what_the_file_names() {
    let text = "\
workspace_dir: src
env_file: .env
templates: {t: {source: ./t}}
mounts: [{host_path: /nowhere, container_path: /x}, {host_path: /closed, container_path: /y}]
agents:
  a: {agent: claud}
  b: {template: tt}
  c: {template: ./none}
  d: {template: own}
  e: {agent: zzzzzz}
";
    let machine = Machine {
        look: &|path| match path.to_str().unwrap_or_default() {
            "/team/app/src" => Found::File,
            "/closed" => Found::Closed,
            "/home/ann/templates/own" => Found::Directory,
            _ => Found::Nothing,
        },
        templates: Some("/home/ann/templates".into()),
        agents: vec!["claude".into(), "codex".into()],
    };
    let (_, report) = reading("dp.yml", text).check(&machine).report();
    insta::assert_snapshot!(report.render(false, 100));
}

proptest! {
    #[test]
    fn no_text_panics(text in "(\\PC|[\n\t :{}\\[\\]&*#'\"=.-]|env|agents|docker|<<){0,80}") {
        for name in ["dp.yml", "dp.toml"] {
            let (_, report) = reading(name, &text).report();
            let _shown = report.render(true, 80);
        }
    }

    #[test]
    fn values_come_back_from_both_formats(
        name in "[ -~ä€]{1,20}",
        value in "[ -~ä€\n]{0,20}",
        bytes in 1_u64..1 << 50,
        port in 1_u16..,
        instances in 1_u32..=32,
        read_only: bool,
    ) {
        prop_assume!(!name.trim().is_empty() && !value.contains("{{apikey:"));
        let json = serde_json::json!({
            "name": name,
            "env": {"A": value},
            "agents": {"a": {"agent": "claude", "instances": instances}},
            "mounts": [{"host_path": "/x", "container_path": "/y", "read_only": read_only}],
            "docker": {"memory": bytes, "ports": [format!("{port}:{port}")]},
        });
        let yaml = json.to_string();
        let toml = ::toml::to_string(&json).expect("TOML");
        for (file, text) in [("dp.yml", &yaml), ("dp.toml", &toml)] {
            let file = values(file, text);
            prop_assert_eq!(&file.workspace_name(), &name);
            prop_assert_eq!(file.env["A"].expose(), &value);
            prop_assert_eq!(file.agents()[0].instances, instances);
            prop_assert_eq!(file.mounts[0].read_only, read_only);
            prop_assert_eq!(file.docker.memory.as_ref().map(|m| m.value), Some(crate::values::Memory::bytes(bytes)));
            prop_assert_eq!(file.docker.ports[0].host, Some(port));
        }
    }
}
