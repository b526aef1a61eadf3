//! `dp trust`: what a workspace file may do beyond its own directory.

use crate::support::{Dp, Pty};
use insta::assert_snapshot;

fn person() -> Dp {
    Dp::new().file(
        "dp.yml",
        "docker: {network_mode: host, ports: [\"0.0.0.0:80:80\"]}\nagents: {a: {template: \"https://example.org/a#v1\"}}\n",
    )
}

#[test]
fn without_a_terminal_nothing_is_allowed_by_itself() {
    assert_snapshot!(person().run(["trust"]), @r#"
    exit 4
    --- stderr
    warning: `ports` does nothing with `network_mode` `host`
     --> dp.yml:1:38
      |
    1 | docker: {network_mode: host, ports: ["0.0.0.0:80:80"]}
      |                                      ^^^^^^^^^^^^^^^ every port of the container is the host's already
    error: `dp.yml` asks for more than its own directory, and nobody has allowed it
      | + network: share this machine's network (dp.yml:1:24)
      | + port: publish the port 80/tcp as port 80 at 0.0.0.0, for everyone who reaches this machine (dp.yml:1:38)
      | + template: clone "https://example.org/a" at "v1" (dp.yml:2:24)
      | + program: run the template "https://example.org/a" at "v1" as the agent "a", which can leave programs for all that runs in the sandbox later (dp.yml:2:24)
      | + given: give what you type for a run, such as variables and mounts, to the template "https://example.org/a" at "v1", which runs as the agent "a" (dp.yml:2:24)
      hint: `dp trust` in a terminal asks you; `--yes` allows it, now and later
    "#);
}

#[test]
fn what_was_allowed_is_listed_and_taken_back() {
    let dp = person();
    dp.run(["trust", "--yes"]).ok();
    let listed = dp.run(["--format", "json", "trust", "--list"]).json();
    assert_eq!(listed[0]["file"], dp.path("dp.yml"));
    let allowed = [
        ("template", "clone \"https://example.org/a\" at \"v1\""),
        (
            "given",
            "give what you type for a run, such as variables and mounts, to the template \"https://example.org/a\" at \"v1\", which runs as the agent \"a\"",
        ),
        (
            "port",
            "publish the port 80/tcp as port 80 at 0.0.0.0, for everyone who reaches this machine",
        ),
        (
            "program",
            "run the template \"https://example.org/a\" at \"v1\" as the agent \"a\", which can leave programs for all that runs in the sandbox later",
        ),
        ("network", "share this machine's network"),
    ];
    let object = |(class, request)| serde_json::json!({"class": class, "request": request});
    assert_eq!(listed[0]["allowed"], serde_json::json!(allowed.map(object)));
    let json = dp.run(["--format", "json", "trust"]).json();
    assert_eq!(json["file"], dp.path("dp.yml"));
    let first = &json["requests"][0];
    let expected = serde_json::json!({
        "class": "network", "request": "share this machine's network",
        "origin": "dp.yml:1:24", "is_allowed": true,
    });
    assert_eq!(first, &expected);
    assert_snapshot!(dp.run(["trust", "--revoke"]), @"
    exit 0
    --- stdout
    [APP]/dp.yml may do nothing beyond its directory
    ");
    assert_snapshot!(dp.run(["trust", "--revoke"]), @"
    exit 0
    --- stdout
    [APP]/dp.yml may do nothing beyond its directory
    --- stderr
    nothing was allowed to [APP]/dp.yml
    ");
    assert_snapshot!(dp.run(["trust", "--list"]), @"
    exit 0
    --- stdout
    FILE  MAY
    ");
}

#[test]
fn a_question_is_asked_once_for_each_list() {
    let dp = person();
    let ask = |answer: &str| {
        let mut pty = Pty::spawn(&dp, ["trust"]);
        pty.expect("share this machine's network");
        pty.expect("[y/N] ");
        pty.send(answer);
        pty.wait()
    };
    assert_eq!(ask("n\r"), 4);
    assert_eq!(ask("y\r"), 0);
    // Once allowed it is not asked again.
    assert_eq!(dp.run(["trust"]).code, 0);
    let dp = dp.file(
        "dp.yml",
        "docker: {network_mode: host}\nworkspace_dir: /tmp\n",
    );
    assert_snapshot!(dp.run(["trust"]), @r#"
    exit 4
    --- stderr
    error: `dp.yml` asks for more than its own directory, and nobody has allowed it
      |   network: share this machine's network (dp.yml:1:24)
      | + workspace-dir: work on "/tmp" (dp.yml:2:16)
      cause: it has changed since it was accepted: 2 lines added, 2 removed
      hint: `dp trust` in a terminal asks you; `--yes` allows it, now and later
    "#);
    let mut pty = Pty::spawn(&dp, ["trust"]);
    pty.expect("| - agents: {a: {template: \"https://example.org/a#v1\"}}");
    pty.expect("| + workspace_dir: /tmp");
    pty.expect("    network: share this machine's network (dp.yml:1:24)");
    pty.expect("  + workspace-dir: work on \"/tmp\" (dp.yml:2:16)");
    pty.expect("[y/N] ");
    pty.send("y\r");
    assert_eq!(pty.wait(), 0);
}

#[test]
fn a_change_that_asks_for_nothing_new_is_told_once() {
    let dp = Dp::new().file(
        "dp.yml",
        "env: {LOG_LEVEL: hunter2}\ndocker: {memory: 1g}\n",
    );
    dp.run(["trust"]).ok();
    let dp = dp.file(
        "dp.yml",
        "env: {LOG_LEVEL: hunter3}\ndocker: {memory: 2g}\n",
    );
    assert_snapshot!(dp.run(["trust"]), @"
    exit 0
    --- stdout
    [APP]/dp.yml may do nothing beyond its directory
    --- stderr
    `dp.yml` asks for nothing beyond its own directory
    `dp.yml` has changed since it was accepted: 1 line added, 1 removed
      | - docker: {memory: 1g}
      | + docker: {memory: 2g}
    ");
    assert!(!dp.run(["trust"]).err().contains("has changed"));
}

#[test]
fn a_file_cannot_write_its_own_question() {
    let odd = "/x\\u001b[2K\\u001b[1G  mount cache at /cache\\u001b[8m";
    let dp = Dp::new().file("data/x", "").file(
        "dp.yml",
        format!("mounts: [{{host_path: data, container_path: \"{odd}\"}}]\n"),
    );
    let ran = dp.run(["trust", "--yes"]);
    assert_eq!(ran.code, 3, "{ran}");
    let says = "error: `mounts[0].container_path` holds a control character\n --> dp.yml:1:44";
    assert!(ran.err().contains(says), "{ran}");
    assert!(!ran.err().contains('\x1b'), "{ran}");
    // What may hold anything is quoted, and none of it is left out.
    let words = "[-c, \"\\u001b[2K a (os error 5) b\\n  + mount: x\"]";
    let dp = dp.file(
        "dp.yml",
        format!("agents: {{a: {{agent: shell, args: {words}}}, b: {{agent: claude}}}}\n"),
    );
    let shown = r#""-c" "\u{1b}[2K a (os error 5) b\n \u{20}+ mount: x" as the agent "a", beside"#;
    let ran = dp.run(["trust"]);
    assert!(ran.err().contains(shown), "{ran}");
}

#[test]
fn a_file_that_stays_in_its_directory_needs_nobody() {
    let dp = Dp::new().file("dp.toml", "[docker]\nmemory = \"1g\"\n");
    assert_snapshot!(dp.run(["trust"]), @"
    exit 0
    --- stdout
    [APP]/dp.toml may do nothing beyond its directory
    --- stderr
    `dp.toml` asks for nothing beyond its own directory
    ");
    assert_snapshot!(Dp::new().run(["trust"]), @"
    exit 5
    --- stderr
    error: there is no workspace file here or above
      hint: `dp config init` writes one to begin with
    ");
}

#[test]
fn a_file_of_somebody_else_is_not_obeyed_unasked() {
    if !rustix::process::geteuid().is_root() {
        return; // Only root can give a file away.
    }
    let dp = Dp::new().file("dp.yml", "env: {LOG_LEVEL: b}\n");
    std::os::unix::fs::chown(dp.path("dp.yml"), Some(4242), None).expect("root gives files away");
    assert_snapshot!(dp.run(["trust"]), @"
    exit 4
    --- stderr
    error: `dp.yml` asks for more than its own directory, and nobody has allowed it
      | + file: be obeyed, though it belongs to the user 4242 (dp.yml:1:1)
      hint: `dp trust` in a terminal asks you; `--yes` allows it, now and later
    ");
    dp.run(["trust", "--yes"]).ok();
    dp.run(["trust"]).ok();
    // Who became root by sudo is asked about nobody's files but their own.
    let dp = Dp::new()
        .file("dp.yml", "env: {LOG_LEVEL: b}\n")
        .env("SUDO_UID", "4242");
    std::os::unix::fs::chown(dp.path("dp.yml"), Some(4242), None).expect("root gives files away");
    dp.run(["trust"]).ok();
}

#[test]
fn what_a_link_or_an_environment_file_asks_for_is_asked_too() {
    let dp = Dp::new()
        .file(
            "real/team.yml",
            "env_file: .env\nagents: {a: {template: coder}}\n",
        )
        .file("real/.env", "LOG_LEVEL=x\nB_KEY={{apikey:MINE}}\n")
        .file("../private/x", "");
    std::fs::create_dir_all(dp.path("real/.dspatch/templates")).expect("a directory");
    let link = |to: &str, path: &str| {
        std::os::unix::fs::symlink(to, dp.path(path)).expect("a link");
    };
    link("../../../../private", "real/.dspatch/templates/coder");
    link("team.yml", "real/dp.yml");
    let dp = dp.at("real");
    assert_snapshot!(dp.run(["trust"]), @r#"
    exit 4
    --- stderr
    error: `dp.yml` asks for more than its own directory, and nobody has allowed it
      | + file: be obeyed, though it is a link to "[APP]/real/team.yml", and agents can lead links elsewhere (dp.yml:1:1)
      | + secret: give your secret "MINE" to every agent in "B_KEY" (dp.yml:1:11)
      | + template: copy "[ROOT]/private" into the sandbox (dp.yml:2:24)
      | + program: run the template "[ROOT]/private" as the agent "a", beside your secret "MINE" (dp.yml:2:24)
      | + given: give what you type for a run, such as variables and mounts, to the template "[ROOT]/private", which runs as the agent "a" (dp.yml:2:24)
      hint: `dp trust` in a terminal asks you; `--yes` allows it, now and later
    "#);
    dp.run(["trust", "--yes"]).ok();
    // What is there afterwards was not approved with it.
    let dp = dp.file(".env", "A={{apikey:OTHER}}\n");
    let ran = dp.run(["trust"]);
    assert!(
        ran.err().contains(
            "| + secret: give your secret \"OTHER\" to every agent in \"A\" (dp.yml:1:11)"
        ),
        "{ran}"
    );
}

#[test]
fn a_login_beside_programs_of_the_files_own_is_asked_for() {
    let own = |agents: &str| {
        Dp::new()
            .file("dp.yml", format!("agents: {{{agents}}}\n"))
            .file("b/x", "")
    };
    let words = ", beside your logins and keys of \"claude\" (";
    for agents in [
        "a: {agent: claude}, b: {template: ./b}",
        "a: {agent: claude, command: [sh]}",
        "a: {agent: claude, args: [--settings, x]}",
        "a: {agent: claude}, b: {agent: shell, args: [-c, env]}",
    ] {
        let ran = own(agents).run(["trust"]);
        assert_eq!(ran.err().matches(words).count(), 1, "{agents}: {ran}");
    }
    for agents in [
        "a: {agent: claude}, b: {agent: claude}, c: {agent: shell}",
        "a: {agent: shell, command: [sh]}",
    ] {
        let ran = own(agents).run(["trust"]);
        assert!(!ran.err().contains("beside your"), "{agents}: {ran}");
    }
    // A secret that the configuration gives to every agent is one of the shell's, too.
    let dp = own("a: {agent: shell, args: [-c, env]}").config("[secrets]\nA_TOKEN = \"A\"\n");
    let ran = dp.run(["trust"]);
    assert!(
        ran.err().contains("your logins and keys of \"shell\""),
        "{ran}"
    );
}

#[test]
fn the_persons_own_image_is_no_request_and_any_other_is() {
    let dp = |image: &str| {
        Dp::new()
            .config("image = \"mine/image\"\n")
            .file("dp.yml", format!("docker: {{image: {image}}}\n"))
    };
    dp("mine/image").run(["trust"]).ok();
    for image in ["evil/image", "mine/image:2", "dp-base:0123456789ab"] {
        let ran = dp(image).run(["trust"]);
        assert!(
            ran.err().contains(&format!("run in the image \"{image}\"")),
            "{ran}"
        );
    }
}

#[test]
fn what_yes_allows_is_printed_unless_it_was_allowed_before() {
    let dp = person();
    let words = [
        "`dp.yml` is allowed by `--yes`:\n",
        "  + network: share this machine's network (dp.yml:1:24)\n",
        "  + template: clone \"https://example.org/a\" at \"v1\" (dp.yml:2:24)\n",
    ];
    let ran = dp.run(["trust", "--yes"]);
    for words in words {
        assert!(ran.err().contains(words), "{ran}");
    }
    let ran = dp.run(["trust", "--yes"]);
    assert!(!ran.err().contains("is allowed by"), "{ran}");
    // What is new is marked among what is not.
    let dp = dp.file("dp.yml", "docker: {network_mode: host, gpu: true}\n");
    let ran = dp.run(["trust", "--yes"]);
    let lines = "\n    network: share this machine's network (dp.yml:1:24)\n  + gpu: use all GPUs";
    assert!(ran.err().contains(lines), "{ran}");
}

#[test]
fn several_agents_in_one_sandbox_are_asked_for_where_they_keep_something() {
    let dp = |more: &str| {
        let agents = "agents: {g: {agent: gemini}, c: {agent: claude}, x: {agent: codex}}";
        Dp::new().file("dp.yml", format!("{agents}\n{more}"))
    };
    let words = "credentials: run the agents \"claude\", \"codex\", \"gemini\" in one sandbox, \
        where each reads the logins and keys of the others (dp.yml:1:61)";
    for more in ["", "docker: {credentials: workspace}\n"] {
        let ran = dp(more).run(["trust"]);
        assert!(ran.err().contains(words), "{more}: {ran}");
        assert_eq!(ran.code, 4, "{more}");
    }
    let none = || dp("docker: {credentials: none}\n");
    none().run(["trust"]).ok();
    dp("")
        .config("credentials = \"none\"\n")
        .run(["trust"])
        .ok();
    // A key that the person keeps is given also without logins.
    let dp = none();
    dp.run_with(["secret", "set", "ANTHROPIC_API_KEY"], b"key")
        .ok();
    dp.run(["trust"]).ok();
    dp.run_with(["secret", "set", "CODEX_API_KEY"], b"key").ok();
    let ran = dp.run(["trust"]);
    let words = "run the agents \"claude\", \"codex\"";
    assert!(ran.err().contains(words), "{ran}");
}

#[test]
fn a_template_of_the_person_is_copied_when_they_were_asked() {
    let dp = Dp::new()
        .file("dp.yml", "agents: {a: {template: mine}}\n")
        .file("../home/.config/dp/templates/mine/private", "x");
    assert_snapshot!(dp.run(["trust"]), @r#"
    exit 4
    --- stderr
    error: `dp.yml` asks for more than its own directory, and nobody has allowed it
      | + template: copy your template "[HOME]/.config/dp/templates/mine" into the sandbox (dp.yml:1:24)
      | + program: run the template "[HOME]/.config/dp/templates/mine" as the agent "a", which can leave programs for all that runs in the sandbox later (dp.yml:1:24)
      | + given: give what you type for a run, such as variables and mounts, to the template "[HOME]/.config/dp/templates/mine", which runs as the agent "a" (dp.yml:1:24)
      hint: `dp trust` in a terminal asks you; `--yes` allows it, now and later
    "#);
    // A file of that name is no template of the project.
    let dp = dp.file(".dspatch/templates/mine", "x");
    let ran = dp.run(["trust"]);
    assert!(ran.err().contains("copy your template"), "{ran}");
    std::fs::remove_file(dp.path(".dspatch/templates/mine")).expect("it is there");
    let ran = dp.file(".dspatch/templates/mine/x", "").run(["trust"]);
    assert!(!ran.err().contains("copy"), "{ran}");
}
