//! Every key has its class, and every kind of request comes of a file that asks for it.

use super::super::form::{Class, Form, Table};
use super::super::keys::{FILE, MANIFEST};
use super::super::{Base, Credentials, WorkspaceFile, read};
use super::RequestKind::{
    Credentials as Logins, Docker, EnvFile, Gpu, Home, Image, Mount, Network, Port, Processes,
    Program, Runtime, Secret, Template, User, Variable, WorkspaceDir,
};
use super::{Circumstances, Request, RequestKind};
use std::collections::BTreeMap;
use std::path::Path;

fn file(text: &str) -> WorkspaceFile {
    let base = Base {
        directory: Path::new("/team/app"),
        home: Some(Path::new("/home/ann")),
    };
    read("dp.yml", text, base).finish().expect("right")
}

/// The requests of a file for a person whose configuration says that logins come from `own`.
fn of(text: &str, own: Option<Credentials>) -> Vec<Request> {
    let file = file(text);
    let real = |path: &Path| match path.to_str() {
        Some("/team/app/link") => "/etc".into(),
        Some("/team/app/.dspatch/templates/coder") => "/srv/coder".into(),
        _ => path.to_path_buf(),
    };
    let in_file = [
        ("A", "x{{apikey:OF_FILE}}"),
        ("B", "plain"),
        ("LD_PRELOAD", "./x.so"),
    ];
    let in_file = in_file.map(|(name, value)| (name.to_string(), value.to_string()));
    let variables = vec![BTreeMap::from(in_file); file.env_files.len()];
    let has_keys = |name: &str| name != "shell";
    file.requests(&Circumstances {
        real: &real,
        variables: &variables,
        has_keys: &has_keys,
        vendors: &["ANTHROPIC_".to_string(), "CODEX_".to_string()],
        image: Some("own/image"),
        credentials: own,
    })
}

fn requests(text: &str) -> Vec<String> {
    let requests = of(text, None).into_iter();
    requests.map(|request| request.words).collect()
}

/// A file for each key that may ask, and the kind that comes of it.
const SAMPLES: [(&str, &str, RequestKind, &str); 32] = [
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
    (
        "agent",
        "template",
        Program,
        "agents: {a: {template: ./t}, b: {agent: claude}}",
    ),
    (
        "agent",
        "command",
        Program,
        "agents: {a: {agent: claude, command: [sh]}}",
    ),
    (
        "agent",
        "args",
        Program,
        "agents: {a: {agent: claude, args: [--x]}}",
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
        "agents: {a: {agent: claude, env: {ANTHROPIC_BASE_URL: x}}}",
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

#[test]
fn every_kind_of_request_comes_of_the_file_that_asks_for_it() {
    for (table, key, kind, text) in SAMPLES {
        let found = of(text, Some(Credentials::None));
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
        "workspace_dir: sub\nenv: {A: b, LOG_LEVEL: debug}",
        "mounts: [{host_path: ./data, container_path: /data, read_only: false}]",
        "docker: {dind: true, gpu: false, memory: 8g, cpus: 2, network_mode: none, shm_size: 1g}",
        "docker: {dind: rootless, user: auto, pids_limit: 4096, home_persistence: false}",
        "docker: {dind: false, image: own/image, home_size: 1g}",
        "docker: {credentials: none}",
        "docker: {credentials: workspace}",
        "agents: {a: {template: ./a, args: [x], instances: 3}, b: {template: ./b, peers: [a]}}",
        "agents: {a: {agent: claude, auto_start: false, sub_agents: {b: {agent: codex}}}}",
        "agents: {a: {agent: shell, args: [-c, x], command: [sh]}}",
        "agents: {a: {template: ./a, env: {PATH: /x}}}",
    ] {
        assert_eq!(requests(text), [""; 0], "{text}");
    }
    let env_file = "{ANTHROPIC_API_KEY: \"{{apikey:ANTHROPIC_API_KEY}}\"}";
    let secret = r#"give your secret "ANTHROPIC_API_KEY" to every agent in "ANTHROPIC_API_KEY""#;
    assert_eq!(requests(&format!("env: {env_file}")), [secret]);
}

#[test]
fn everything_else_is_named() {
    let table = [
        ("workspace_dir: ..", r#"work on "/team/app/..""#),
        ("workspace_dir: ~/x", r#"work on "/home/ann/x""#),
        (
            "mounts: [{host_path: ~/.ssh, container_path: /root/.ssh}]",
            r#"mount "/home/ann/.ssh" at "/root/.ssh", read-only"#,
        ),
        (
            "mounts: [{host_path: /srv, container_path: /srv, read_only: false}]",
            r#"mount "/srv" at "/srv", writable"#,
        ),
        (
            "mounts: [{host_path: ./link, container_path: /data}]",
            r#"mount "/etc" at "/data", read-only"#,
        ),
        (
            "mounts: [{host_path: ./x, container_path: /bin/claude}]",
            r#"mount "/team/app/x" at "/bin/claude", read-only"#,
        ),
        (
            "docker: {network_mode: host}",
            "share this machine's network",
        ),
        (
            "docker: {network_mode: db}",
            r#"join the engine's network "db", and who is there"#,
        ),
        (
            "docker: {ports: [\"80\"]}",
            "publish the port 80/tcp as a free port at 127.0.0.1, for this machine alone",
        ),
        (
            "docker: {ports: [\"0.0.0.0:8080:80/udp\"]}",
            "publish the port 80/udp as port 8080 at 0.0.0.0, for everyone who reaches this machine",
        ),
        (
            "docker: {ports: [\"[::1]:8080:80\"]}",
            "publish the port 80/tcp as port 8080 at ::1, for this machine alone",
        ),
        (
            "docker: {ports: [\"10.0.0.1:8080:80\"]}",
            "publish the port 80/tcp as port 8080 at 10.0.0.1, for everyone who reaches that address",
        ),
        (
            "docker: {dind: privileged}",
            "run privileged, and so become root of this machine",
        ),
        (
            "docker: {runtime: runsc}",
            r#"run by the engine's runtime "runsc""#,
        ),
        (
            "docker: {image: \"evil/image:1\"}",
            r#"run in the image "evil/image:1", whose programs then have your logins and keys"#,
        ),
        (
            "docker: {user: 0}",
            "be root inside, whose files in the workspace are root's",
        ),
        (
            "docker: {user: \"0:5\"}",
            "be root with the group 5 inside, whose files in the workspace are root's",
        ),
        (
            "docker: {user: \"1:0\"}",
            "be the user 1 with the group 0 inside",
        ),
        (
            "agents: {a: {template: \"https://h/o/r#v1\"}}",
            r#"clone "https://h/o/r" at "v1""#,
        ),
        (
            "templates: {t: {source: \"https://me:pw@h/r\", subdir: a b}}",
            r#"clone "https://***@h/r", directory "a b""#,
        ),
        (
            "agents: {a: {template: /srv/t}}",
            r#"copy "/srv/t" into the sandbox"#,
        ),
        (
            "templates: {t: {source: ../t}}",
            r#"copy "/team/app/../t" into the sandbox"#,
        ),
        (
            "agents: {a: {template: coder}}",
            r#"copy "/srv/coder" into the sandbox"#,
        ),
        (
            "agents: {a: {agent: shell, args: [-c, \"a b\"]}, b: {agent: claude}}",
            r#"run "shell" with the arguments "-c" "a b" as the agent "a", beside your logins and keys of "claude""#,
        ),
        (
            "agents: {a: {template: ./t}, b: {agent: claude}, c: {agent: codex}}",
            r#"run the template "/team/app/t" as the agent "a", beside your logins and keys of "claude", "codex""#,
        ),
        (
            "env: {A: \"{{apikey:KEY}}\", B: c}",
            r#"give your secret "KEY" to every agent in "A""#,
        ),
        (
            "agents: {a: {template: ./a, env: {D: \"x{{apikey:KEY}}{{apikey:KEY}}\"}}}",
            r#"give your secret "KEY" to the agent "a" in "D""#,
        ),
        (
            "env: {ld_preload: \"/x y.so\"}",
            r#"set "ld_preload" to "/x y.so" for every agent"#,
        ),
        (
            "env: {HTTPS_PROXY: \"http://me:pw@h\"}",
            r#"set "HTTPS_PROXY" to "http://***@h" for every agent"#,
        ),
        (
            "env: {ANTHROPIC_AUTH_TOKEN: abc}",
            r#"set "ANTHROPIC_AUTH_TOKEN" to a value that is not shown for every agent"#,
        ),
        (
            "agents: {a: {agent: claude, env: {CODEX_HOME: /x}}}",
            r#"set "CODEX_HOME" to "/x" for the agent "a""#,
        ),
    ];
    for (text, expected) in table {
        assert_eq!(requests(text), [expected], "{text}");
    }
    let of_file = [
        r#"give your secret "OF_FILE" to every agent in "A""#,
        r#"set "LD_PRELOAD" to "./x.so" for every agent"#,
    ];
    assert_eq!(requests("env_file: .env"), of_file);
    let elsewhere = r#"read the variables of "/home/ann/.env""#;
    assert_eq!(
        requests("env_file: [.env, ~/.env]"),
        [of_file[0], of_file[1], elsewhere]
    );
}

#[test]
fn logins_are_asked_for_where_the_person_gives_less() {
    let text = "docker: {credentials: sandbox}";
    for (own, expected) in [
        (None, 0),
        (Some(Credentials::Sandbox), 0),
        (Some(Credentials::Workspace), 1),
        (Some(Credentials::None), 1),
    ] {
        assert_eq!(of(text, own).len(), expected, "{own:?}");
    }
}

#[test]
fn two_requests_never_read_alike_and_nothing_is_cut() {
    let long = "x".repeat(5000);
    let mounts = [
        "/a at /b".to_string(),
        "/a\\\" at \\\"/b".into(),
        "/a, writable".into(),
        "/a ".into(),
        "/a\\u00a0".into(),
        "/a\\u200b".into(),
        format!("/{long}"),
    ];
    let mounts = mounts.iter().enumerate().map(|(index, path)| {
        format!("{{host_path: \"/srv/{index}\", container_path: \"{path}\"}}")
    });
    let text = format!("mounts: [{}]", mounts.collect::<Vec<_>>().join(", "));
    let words = requests(&text);
    assert_eq!(words.len(), 7, "{words:?}");
    assert!(
        words.iter().any(|words| words.contains(&long)),
        "it is whole"
    );
    let spoof = r#"mount "/srv/1" at "/a\" at \"/b", read-only"#;
    assert!(words.contains(&spoof.to_string()), "{words:?}");
    let invisible = |c: char| c != ' ' && (c.is_whitespace() || c == '\u{200b}');
    assert!(!words.concat().contains(invisible), "{words:?}");
}

#[test]
fn a_hidden_value_is_approved_as_it_is() {
    let exact = |value: &str| {
        let text = format!("env: {{HTTPS_PROXY: \"http://me:{value}@h\"}}");
        of(&text, None).remove(0)
    };
    let (one, other) = (exact("a"), exact("b"));
    assert_eq!(one.words, other.words);
    assert_ne!(one.exact, other.exact);
    assert!(!one.exact.contains("me:a"), "{}", one.exact);
}
