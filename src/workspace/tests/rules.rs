//! Every rule, broken one at a time, in YAML and in TOML.

use super::toml_writer::toml_of;
use super::{complaints, reading};
use insta::assert_snapshot;

/// What is right but for one thing.
const BROKEN: &[&str] = &[
    // keys
    "memroy: 8g",
    "memory: 8g",
    "docker: {mounts: []}",
    "agents: {a: {agent: claude, sub-agents: {}}}",
    "zzz: 1",
    "\"a\\nb\": 1",
    "name: a\nname: b",
    "docker: {gpu: true, gpu: false}",
    "docker: {memory: 1g, memory_limit: 2g}",
    "docker: {cpu_limit: 1, cpus: 2}",
    // types
    "- a",
    "name: 5",
    "name: [a]",
    "name: ' '",
    "workspace_dir: true",
    "workspace_dir: ''",
    "workspace_dir: ~bob/x",
    "env: A=1",
    "env: [A]",
    "env_file: {a: b}",
    "env_file: [1]",
    "env_file: ''",
    "agents: [a]",
    "agents: {a: claude}",
    "templates: x",
    "templates: {a: x}",
    "mounts: /x",
    "mounts: [/x]",
    "mounts: {host_path: /x}",
    "docker: x",
    // env
    "env: {1A: x}",
    "env: {A-B: x}",
    "env: {DSPATCH_KEY: x}",
    "env: {dp_x: x}",
    "env: {AZURE_CLIENT_ID: x}",
    "env: {A: [x]}",
    "env: {A: {b: c}}",
    "env: {A: 'x{{apikey:B'}",
    "env: {A: '{{apikey:}}'}",
    "env: {A: '{{apikey:a b}}'}",
    "env: {A: \"a\\0b\"}",
    // agents
    "agents: {A: {agent: claude}}",
    "agents: {a b: {agent: claude}}",
    "agents: {'': {agent: claude}}",
    "agents: {a: {}}",
    "agents: {a: {agent: claude, template: x}}",
    "agents: {a: {agent: ''}}",
    "agents: {a: {agent: 1}}",
    "agents: {a: {template: true}}",
    "agents: {a: {template: 'https://h/r#-x'}}",
    "agents: {a: {template: 'ext::sh -c id'}}",
    "agents: {a: {agent: claude, sub_agents: {a: {agent: codex}}}}",
    "agents: {a: {agent: claude, peers: [b]}, lead: {agent: claude, peers: [laed]}}",
    "agents: {a: {agent: claude, peers: a}}",
    "agents: {a: {agent: claude, peers: [a]}}",
    "agents: {a: {agent: claude, instances: 0}}",
    "agents: {a: {agent: claude, instances: 33}}",
    "agents: {a: {agent: claude, instances: '2'}}",
    "agents: {a: {agent: claude, instances: 1.5}}",
    "agents: {a: {agent: claude, auto_start: yes}}",
    "agents: {a: {agent: claude, args: -v}}",
    "agents: {a: {agent: claude, args: [[x]]}}",
    "agents: {a: {agent: claude, command: claude -v}}",
    "agents: {a: {agent: claude, command: []}}",
    "agents: {a: {agent: claude, env: {DP_A: x}}}",
    "agents: {a: {agent: claude, env: x}}",
    "agents: {a: {agent: claude, sub_agents: [b]}}",
    // templates
    "templates: {a b: {source: /x}}",
    "templates: {a: {}}",
    "templates: {a: {source: ''}}",
    "templates: {a: {source: 'ftp://h/r'}}",
    "templates: {a: {source: ./x, ref: main}}",
    "templates: {a: {source: 'https://me:hunter2@h/r'}}",
    "templates: {a: {source: 'ssh://git:hunter2@h/r'}}",
    "agents: {a: {template: 'https://hunter2@h/r'}}",
    "agents: {a: {template: 'https://evil?a@h/r'}}",
    "agents: {a: {template: 'https://evil\\a@h/r'}}",
    "agents: {a: {template: 'git@h:o/r x'}}",
    "templates: {a: {source: 'https://h/r', ref: -x}}",
    "templates: {a: {source: 'https://h/r#x', ref: y}}",
    "templates: {a: {source: 'https://h/r/tree/x/y', subdir: z}}",
    "templates: {a: {source: 'https://h/r', subdir: ../x}}",
    "templates: {a: {source: 'https://h/r', subdir: /x}}",
    "templates: {a: {source: /x, url: y}}",
    // mounts
    "mounts: [{host_path: /x}]",
    "mounts: [{container_path: /x}]",
    "mounts: [{host_path: '', container_path: /x}]",
    "mounts: [{host_path: /x, container_path: x}]",
    "mounts: [{host_path: /x, container_path: /}]",
    "mounts: [{host_path: /x, container_path: /a/../b}]",
    "mounts: [{host_path: /x, container_path: /workspace}]",
    "mounts: [{host_path: /x, container_path: //workspace/sub}]",
    "mounts: [{host_path: /x, container_path: /agents/a}]",
    "mounts: [{host_path: /x, container_path: /.dp/s}]",
    "mounts: [{host_path: /x, container_path: /var/lib/docker}]",
    "mounts: [{host_path: /x, container_path: /proc}]",
    "mounts: [{host_path: /x, container_path: /root}]\ndocker: {home_persistence: true}",
    "mounts: [{host_path: /x, container_path: /home/agent/}]\ndocker: {home_persistence: true}",
    "mounts: [{host_path: /x, container_path: /a}, {host_path: /y, container_path: /a/}]",
    "mounts: [{host_path: /x, container_path: /a, read_only: no}]",
    "mounts: [{host_path: /var/run/docker.sock, container_path: /d.sock}]",
    // docker
    "docker: {image: ''}",
    "docker: {image: a b}",
    "docker: {image: [a]}",
    "docker: {memory: 8x}",
    "docker: {memory: 0}",
    "docker: {memory_limit: lots}",
    "docker: {memory: [8g]}",
    "docker: {cpus: many}",
    "docker: {cpus: -1}",
    "docker: {network_mode: 'container:x'}",
    "docker: {network_mode: 1}",
    "docker: {ports: 80}",
    "docker: {ports: [x]}",
    "docker: {ports: ['80:70000']}",
    "docker: {ports: ['80:80/icmp']}",
    "docker: {ports: ['host:80:80']}",
    "docker: {ports: [['80:80']]}",
    "docker: {ports: ['80:80', '80:81']}",
    "docker: {ports: ['127.0.0.1:80:80', '0.0.0.0:80:81']}",
    "docker: {ports: ['8080:80'], network_mode: host}",
    "docker: {ports: ['8080:80'], network_mode: none}",
    "docker: {gpu: 'true'}",
    "docker: {home_persistence: on}",
    "docker: {home_size: big, home_persistence: true}",
    "docker: {home_size: 5g}",
    "docker: {dind: yes}",
    "docker: {dind: priviledged}",
    "docker: {dind: 1}",
    "docker: {dind: privileged, network_mode: host}",
    "docker: {dind: sysbox, network_mode: host}",
    "docker: {user: bob}",
    "docker: {user: '1:x'}",
    "docker: {pids_limit: 8}",
    "docker: {pids_limit: x}",
    "docker: {shm_size: 1x}",
    "docker: {runtime: a/b}",
    "docker: {credentials: host}",
    "docker: {credentials: sandbx}",
    // characters that deceive whoever reads them
    "mounts: [{host_path: /x, container_path: \"/x\\u001b[2K\\u001b[1G  mount cache at /cache\\u001b[8m\"}]",
    "mounts: [{host_path: \"/a\\u202e/b\", container_path: /data}]",
    "name: \"a\\u202eb\"",
    "workspace_dir: \"a\\u2028b\"",
    "env_file: [\"a\\rb\"]",
    "templates: {a: {source: \"https://h/r\\u0007\"}}",
    "templates: {a: {source: \"https://h/r\", ref: \"a\\u200fb\"}}",
    "templates: {a: {source: \"https://h/r\", subdir: \"a\\u2066b\"}}",
    "docker: {image: \"a\\u0085b\"}",
    "agents: {\"a\\u001bb\": {agent: claude}}",
    "agents: {a: {agent: \"claude\\u061c\"}}",
    "agents: {a: {template: \"./a\\nb\"}}",
];

/// What mistakes say, without where.
fn words(name: &str, text: &str) -> Vec<(String, String, Vec<String>)> {
    let mistakes = reading(name, text).report().1.mistakes.into_iter();
    mistakes
        .map(|mistake| (mistake.message, mistake.label, mistake.hints))
        .collect()
}

#[test]
fn every_rule_in_yaml() {
    let mut out = String::new();
    for text in BROKEN {
        let complaints = complaints("dp.yml", text);
        assert!(!complaints.is_empty(), "{text}");
        out.push_str(&complaints);
        out.push('\n');
    }
    assert_snapshot!(out);
}

#[test]
fn every_rule_in_toml_and_with_the_same_words() {
    let mut out = String::new();
    let mut compared = 0;
    for yaml in BROKEN {
        let Some(toml) = toml_of(yaml) else {
            continue;
        };
        assert_eq!(words("dp.toml", &toml), words("dp.yml", yaml), "{yaml}");
        compared += 1;
        out.push_str(&complaints("dp.toml", &toml));
        out.push('\n');
    }
    assert!(
        compared + 1 >= BROKEN.len(),
        "only a list at the root has no TOML"
    );
    assert_snapshot!(out);
}

#[test]
fn all_mistakes_at_once_in_the_order_of_the_file() {
    assert_snapshot!(complaints(
        "dp.yml",
        "\
name: 5
env: {DP_X: 1}
agents:
  lead:
    agnt: claude
    peers: [nobody]
docker:
  memory: 8x
  ports: [\"80:80\", \"80:81\"]
  network_mode: host
mounts:
  - container_path: /workspace
"
    ));
}

#[test]
fn what_is_right_has_no_mistakes() {
    for text in [
        "",
        "# nothing\n",
        "docker:\n",
        "agents:\nmounts:\nenv:\ntemplates:\n",
        "agents: {a: {agent: claude, peers: [b]}, b: {agent: codex, peers: [a]}}",
        "env: {A: 1.10, B: true, C: '', D: '{{apikey:X}}-{{apikey:Y}}', _e: x}",
        "env_file: .env",
        "env_file: [a.env, /b.env, ~/c.env]",
        "docker: {memory: 1073741824, cpus: 1.5, user: 1000, ports: [3000, '0.0.0.0:80:80/udp', '80:80']}",
        "docker: {dind: false, credentials: none, pids_limit: 16, network_mode: my-net}",
        "mounts: [{host_path: ~/.ssh, container_path: /root/.ssh}]\ndocker: {home_persistence: true, home_size: 10g}",
        "templates: {a: {source: 'git@h:o/r', ref: v1, subdir: ./x/y}}\nagents: {b: {template: a}, c: {template: named}}",
        "mounts: [{host_path: /x, container_path: /root}]\ndocker: {home_persistence: false}",
        "docker: {ports: ['127.0.0.1:80:80', '127.0.0.2:80:80', '80:80/udp']}",
    ] {
        assert_eq!(complaints("dp.yml", text), "", "{text}");
    }
}
