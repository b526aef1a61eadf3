//! Every key of the file: what its class is, and that it does so.

use super::super::super::form::{Class, Form, Table};
use super::super::super::keys::{FILE, MANIFEST};
use super::super::RequestKind;
use super::super::RequestKind::{
    Credentials as Logins, Docker, EnvFile, Gpu, Home, Image, Mount, Network, Port, Processes,
    Program, Runtime, Secret, Template, User, Variable, WorkspaceDir,
};
use super::{of, requests};
use crate::workspace::Credentials;

/// A file for each key that may ask, and the kind that comes of it.
const SAMPLES: [(&str, &str, RequestKind, &str); 33] = [
    (
        "workspace",
        "workspace_dir",
        WorkspaceDir,
        "workspace_dir: ..",
    ),
    ("workspace", "env", Secret, "env: {A: \"{{apikey:K}}\"}"),
    ("workspace", "env", Variable, "env: {PATH: /x}"),
    ("workspace", "env_file", EnvFile, "env_file: ~/.env"),
    ("workspace", "env_file", Secret, "env_file: .env"),
    ("workspace", "env_file", Variable, "env_file: .env"),
    (
        "agent",
        "template",
        Template,
        "agents: {a: {template: /srv/t}}",
    ),
    ("agent", "template", Program, "agents: {a: {template: ./t}}"),
    (
        "agent",
        "agent",
        Logins,
        "agents: {a: {agent: claude}, b: {agent: codex}}",
    ),
    (
        "agent",
        "command",
        Program,
        "agents: {a: {agent: shell, command: [sh]}}",
    ),
    (
        "agent",
        "args",
        Program,
        "agents: {a: {agent: shell, args: [--x]}}",
    ),
    (
        "agent",
        "env",
        Secret,
        "agents: {a: {template: ./t, env: {A: \"{{apikey:K}}\"}}}",
    ),
    (
        "agent",
        "env",
        Variable,
        "agents: {a: {template: ./t, env: {PATH: /x}}}",
    ),
    (
        "template",
        "source",
        Template,
        "templates: {t: {source: /srv/t}}",
    ),
    (
        "template",
        "ref",
        Template,
        "templates: {t: {source: \"https://h/r\", ref: v1}}",
    ),
    (
        "template",
        "subdir",
        Template,
        "templates: {t: {source: \"https://h/r\", subdir: a}}",
    ),
    (
        "mount",
        "host_path",
        Mount,
        "mounts: [{host_path: /srv, container_path: /data}]",
    ),
    (
        "mount",
        "container_path",
        Mount,
        "mounts: [{host_path: ./a, container_path: /bin/claude}]",
    ),
    (
        "mount",
        "read_only",
        Mount,
        "mounts: [{host_path: /srv, container_path: /data, read_only: false}]",
    ),
    ("docker", "image", Image, "docker: {image: evil/image}"),
    (
        "docker",
        "network_mode",
        Network,
        "docker: {network_mode: host}",
    ),
    (
        "docker",
        "network_mode",
        Network,
        "docker: {network_mode: db}",
    ),
    ("docker", "ports", Port, "docker: {ports: [80]}"),
    (
        "docker",
        "ports",
        Port,
        "docker: {ports: [\"0.0.0.0:80:80\"]}",
    ),
    ("docker", "gpu", Gpu, "docker: {gpu: true}"),
    (
        "docker",
        "home_persistence",
        Home,
        "docker: {home_persistence: true}",
    ),
    ("docker", "dind", Docker, "docker: {dind: privileged}"),
    ("docker", "dind", Docker, "docker: {dind: sysbox}"),
    ("docker", "user", User, "docker: {user: root}"),
    ("docker", "user", User, "docker: {user: \"1:0\"}"),
    (
        "docker",
        "pids_limit",
        Processes,
        "docker: {pids_limit: 5000}",
    ),
    ("docker", "runtime", Runtime, "docker: {runtime: runsc}"),
    (
        "docker",
        "credentials",
        Logins,
        "docker: {credentials: sandbox}",
    ),
];

/// Every key that never asks, with the most that somebody hostile could write, and why that is
/// theirs to say.
const QUIET: [(&str, &str, &str, &str); 14] = [
    (
        "workspace",
        "name",
        "name: ../../evil",
        "a sandbox's name is made of it, with a hash of the directory",
    ),
    (
        "agent",
        "peers",
        "agents: {a: {agent: claude}, b: {agent: claude, peers: [a]}}",
        "words for the agent",
    ),
    (
        "agent",
        "auto_start",
        "agents: {a: {agent: claude, auto_start: false}}",
        "it runs later, or not",
    ),
    (
        "agent",
        "instances",
        "agents: {a: {agent: claude, instances: 32}}",
        "the same program with the same login",
    ),
    (
        "docker",
        "memory",
        "docker: {memory: 999t}",
        "there is no limit without it",
    ),
    (
        "docker",
        "cpus",
        "docker: {cpus: 9999}",
        "there is no limit without it",
    ),
    (
        "docker",
        "home_size",
        "docker: {home_size: 999t}",
        "there is no limit without it",
    ),
    (
        "docker",
        "shm_size",
        "docker: {shm_size: 999t}",
        "it is memory of the sandbox, which has a limit or none",
    ),
    ("template", "name", "", "words"),
    ("template", "description", "", "words"),
    ("template", "readme", "", "no file of that name is opened"),
    (
        "template",
        "fields",
        "",
        "Base64 for the template's own program, never expanded",
    ),
    (
        "template",
        "required_env",
        "",
        "without it the template gets all",
    ),
    (
        "template",
        "required_mounts",
        "",
        "without a mount there the template does not run",
    ),
];

fn tables(form: &Form, see: &mut Vec<&'static Table>) {
    form.tables(&mut |table| {
        if !see.iter().any(|known| known.name == table.name) {
            see.push(table);
            table.keys.iter().for_each(|key| tables(&key.form, see));
        }
    });
}

#[test]
fn every_key_of_a_stranger_has_a_class_that_fits_it() {
    let mut all: Vec<&'static Table> = vec![&FILE];
    FILE.keys.iter().for_each(|key| tables(&key.form, &mut all));
    assert_eq!(all.len(), 5, "the file's own tables");
    let files = all.iter().map(|table| (*table, false));
    for (table, is_template) in files.chain([(&MANIFEST, true)]) {
        for key in table.keys {
            let at = format!("{}.{}", table.name, key.name);
            let mut below = Vec::new();
            tables(&key.form, &mut below);
            match key.class {
                Class::Own => panic!("{at}: a stranger writes it"),
                Class::Parts => assert!(!below.is_empty(), "{at} has no parts"),
                Class::OfTemplate => assert!(is_template, "{at} is no part of a template"),
                Class::Narrows | Class::Data => assert!(below.is_empty(), "{at} has parts"),
                Class::Asks(kinds) => {
                    assert!(!kinds.is_empty() && !is_template, "{at} asks for nothing");
                    for kind in kinds {
                        let is_sample = |(table_name, name, of, _): &&(_, _, _, _)| {
                            *table_name == table.name && *name == key.name && of == kind
                        };
                        let sample = SAMPLES.iter().find(is_sample);
                        assert!(sample.is_some(), "{at}: no file asks for {kind:?} by it");
                    }
                }
            }
        }
    }
}

/// What is missing here and in [`SAMPLES`] is decided by nobody; what is in both is decided twice.
#[test]
fn every_key_is_told_to_ask_or_to_be_quiet_and_does_so() {
    let mut all: Vec<&'static Table> = vec![&FILE];
    FILE.keys.iter().for_each(|key| tables(&key.form, &mut all));
    for (table, is_manifest) in { all.iter().map(|it| (*it, false)) }.chain([(&MANIFEST, true)]) {
        for key in table.keys {
            let at = format!("{}.{}", table.name, key.name);
            let asks = SAMPLES
                .iter()
                .filter(|(of, name, ..)| (*of, *name) == (table.name, key.name));
            let asks = if is_manifest { 0 } else { asks.count() };
            // A template's own file and an entry of `templates` are called alike.
            let quiet = { QUIET.iter() }.filter(|(of, name, text, _)| {
                (*of, *name, text.is_empty()) == (table.name, key.name, is_manifest)
            });
            let quiet = quiet.count();
            match key.class {
                Class::Asks(kinds) => assert!(asks >= kinds.len() && quiet == 0, "{at} asks"),
                Class::Data | Class::Narrows => assert!(asks == 0 && quiet == 1, "{at} is quiet"),
                Class::Parts | Class::OfTemplate => assert!(asks + quiet == 0, "{at} is neither"),
                Class::Own => panic!("{at}: a stranger writes it"),
            }
            // Whatever says how a container is made changes what a sandbox may.
            let is_container = ["docker", "mount"].contains(&table.name);
            assert!(
                !(is_container && matches!(key.class, Class::Data)),
                "{at} is no data"
            );
        }
    }
    for (table, key, text, why) in QUIET.iter().filter(|(_, _, text, _)| !text.is_empty()) {
        assert!(text.contains(key), "{text} has no {table}.{key}");
        assert_eq!(requests(text), [""; 0], "{table}.{key}: {why}");
    }
}

#[test]
fn every_kind_of_request_comes_of_the_file_that_asks_for_it() {
    for (table, key, kind, text) in SAMPLES {
        let found = [of(text, Some(Credentials::None)), of(text, None)].concat();
        let names = key.split('.').next_back().expect("a name");
        assert!(text.contains(names), "{text} has no {table}.{key}");
        assert!(
            found.iter().any(|request| request.kind == kind),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn what_narrows_or_is_data_asks_for_nothing() {
    for text in [
        "name: app",
        "workspace_dir: sub\nenv: {LOG_LEVEL: debug, NO_COLOR: 1, PORT: 8080, LANG: de_DE.UTF-8}",
        "mounts: [{host_path: ./data, container_path: /data, read_only: false}]",
        "docker: {dind: true, gpu: false, memory: 8g, cpus: 2, network_mode: none, shm_size: 1g}",
        "docker: {dind: rootless, user: auto, pids_limit: 4096, home_persistence: false}",
        "docker: {dind: false, image: own/image, home_size: 1g}",
        "docker: {credentials: none}",
        "docker: {credentials: workspace}",
        "agents: {a: {agent: claude, instances: 3}, b: {agent: shell, peers: [a]}}",
        "agents: {a: {agent: claude, auto_start: false, sub_agents: {b: {agent: claude}}}}",
        "agents: {a: {agent: claude}, b: {agent: shell}}",
        "docker: {credentials: none}\nagents: {a: {agent: claude}, b: {agent: codex}}",
        "agents: {a: {agent: shell, env: {LOG_LEVEL: debug}}}",
    ] {
        assert_eq!(requests(text), [""; 0], "{text}");
    }
    let env_file = "{ANTHROPIC_API_KEY: \"{{apikey:ANTHROPIC_API_KEY}}\"}";
    let secret = r#"give your secret "ANTHROPIC_API_KEY" to every agent in "ANTHROPIC_API_KEY""#;
    assert_eq!(requests(&format!("env: {env_file}")), [secret]);
}
