//! The words of requests: they say everything, and no two read alike.

use super::super::RequestKind::Program;
use super::{of, requests};

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
            "templates: {t: {source: \"https://h/r\", subdir: a b}}",
            r#"clone "https://h/r", directory "a b""#,
        ),
        (
            "templates: {t: {source: \"https://h?a/o@g/r\"}}",
            r#"clone "https://h?a/o@g/r""#,
        ),
        (
            "templates: {t: {source: \"git@h:o/r\"}}",
            r#"clone "git@h:o/r""#,
        ),
        (
            "templates: {t: {source: \"ssh://git@h/r\"}}",
            r#"clone "ssh://git@h/r""#,
        ),
        (
            "agents: {a: {template: mine}}",
            r#"copy your template "/home/ann/.config/dp/templates/mine" into the sandbox"#,
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
            "agents: {a: {template: ./t}}",
            r#"run the template "/team/app/t" as the agent "a", which can leave programs for all that runs in the sandbox later"#,
        ),
        (
            "docker: {home_persistence: true}",
            "keep the home, which all sandboxes of this directory then share: what is left there can run for each of their agents, beside its logins and keys",
        ),
        (
            "agents: {a: {template: ./t}, b: {agent: claude}, c: {agent: claude}}",
            r#"run the template "/team/app/t" as the agent "a", beside your logins and keys of "claude""#,
        ),
        (
            "env: {A_TOKEN: \"{{apikey:KEY}}\", LOG_LEVEL: c}",
            r#"give your secret "KEY" to every agent in "A_TOKEN""#,
        ),
        ("env: {A: \"b c\"}", r#"set "A" to "b c" for every agent"#),
        (
            "env: {LANG: ../x}",
            r#"set "LANG" to "../x" for every agent"#,
        ),
        (
            "env: {SSH_ASKPASS: ./evil}",
            r#"set "SSH_ASKPASS" to "./evil" for every agent"#,
        ),
        (
            "env: {GIT_CONFIG_KEY_0: core.fsmonitor}",
            r#"set "GIT_CONFIG_KEY_0" to "core.fsmonitor" for every agent"#,
        ),
        (
            "env: {SSH_AUTH_SOCK: /workspace/s}",
            r#"set "SSH_AUTH_SOCK" to "/workspace/s" for every agent"#,
        ),
        (
            "env: {HTTPS_PROXY: \"gооd\"}",
            r#"set "HTTPS_PROXY" to "g\u{43e}\u{43e}d" for every agent"#,
        ),
        (
            "agents: {a: {agent: codex}, b: {agent: claude}, c: {agent: claude}}",
            r#"run the agents "claude", "codex" in one sandbox, where each reads the logins and keys of the others"#,
        ),
        (
            "env: {ld_preload: \"/x y.so\"}",
            r#"set "ld_preload" to "/x y.so" for every agent"#,
        ),
        (
            "env: {HTTPS_PROXY: \"http://me:pw@h\"}",
            r#"set "HTTPS_PROXY" to "http://***@h" for every agent, with a password not shown (hash 3918e4c0)"#,
        ),
        (
            "env: {ANTHROPIC_AUTH_TOKEN: abc}",
            r#"set "ANTHROPIC_AUTH_TOKEN" to a value that is not shown (hash ba7816bf) for every agent"#,
        ),
        (
            "agents: {a: {agent: claude, env: {CODEX_HOME: /x}}}",
            r#"set "CODEX_HOME" to "/x" for the agent "a""#,
        ),
    ];
    for (text, expected) in table {
        let mut asked = requests(text);
        // A template's program is a request of its own.
        if asked.len() > 1 {
            asked.retain(|it| !it.contains("as the agent \"a\", which can leave programs"));
        }
        assert_eq!(asked, [expected], "{text}");
    }
    let of_file = [
        r#"set "LD_PRELOAD" to "./x.so" for every agent"#,
        r#"give your secret "OF_FILE" to every agent in "OF_FILE_KEY""#,
    ];
    assert_eq!(requests("env_file: .env"), of_file);
    // The person wrote that file: nothing of it is printed.
    let elsewhere = [
        r#"read the variables of "/home/ann/.env""#,
        r#"set "LD_PRELOAD" to a value that is not shown (hash 9a80789f) for every agent"#,
    ];
    let all = [&of_file[..], &elsewhere].concat();
    assert_eq!(requests("env_file: [.env, ~/.env]"), all);
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
fn a_hidden_value_is_approved_as_it_is_and_told_from_another() {
    for line in ["HTTPS_PROXY: \"http://me:VALUE@h\"", "A_TOKEN: VALUE"] {
        let exact = |value: &str| {
            let text = format!("env: {{{}}}", line.replace("VALUE", value));
            of(&text, None).remove(0)
        };
        let (one, other) = (exact("hunter2"), exact("hunter3"));
        assert_ne!(one.words, other.words);
        assert_ne!(one.exact, other.exact);
        assert_eq!(one, exact("hunter2"));
        assert!(!one.exact.contains("hunter2"), "{}", one.exact);
    }
}

/// A name under `templates` may lead elsewhere tomorrow.
#[test]
fn a_program_is_named_by_where_it_comes_from() {
    let run = |source: &str| {
        let text = format!(
            "templates: {{t: {source}}}\nagents: {{a: {{template: t}}, b: {{agent: claude}}}}"
        );
        let asked = of(&text, None).into_iter().find(|it| it.kind == Program);
        asked.expect("it runs beside a login").words
    };
    let as_a = "as the agent \"a\", beside your logins and keys of \"claude\"";
    for (source, words) in [
        (
            "{source: \"https://h/r\", ref: v1}",
            r#""https://h/r" at "v1""#,
        ),
        (
            "{source: \"https://h/r\", subdir: x}",
            r#""https://h/r", directory "x""#,
        ),
        ("{source: ./evil}", r#""/team/app/evil""#),
    ] {
        assert_eq!(run(source), format!("run the template {words} {as_a}"));
    }
    let of_person = "agents: {a: {template: mine}, b: {agent: claude}}";
    let words = "run the template \"/home/ann/.config/dp/templates/mine\" as the agent";
    assert!(requests(of_person).iter().any(|it| it.starts_with(words)));
}
