//! `dp config check`, `init` and `schema`: the workspace file.

use crate::support::Dp;
use insta::assert_snapshot;

#[test]
fn every_mistake_at_once() {
    let dp = Dp::new().file(
        "dp.yml",
        "docker: {ports: [\"80:80\", \"80:81\"], memroy: 8g}\nmounts:\n  - host_path: nowhere\n    \
         container_path: /x\nagents:\n  lead: {agent: claud}\nenv: {TOKEN: [hunter2]}\n",
    );
    assert_snapshot!(dp.run(["config", "check"]), @r#"
    exit 3
    --- stderr
    error: host port 80 is published twice
     --> dp.yml:1:27
      |
    1 | docker: {ports: ["80:80", "80:81"], memroy: **}
      |                           ^^^^^^^ already published above

    error: there is no key `memroy`
     --> dp.yml:1:37
      |
    1 | docker: {ports: ["80:80", "80:81"], memroy: **}
      |                                     ^^^^^^
      |
      = hint: did you mean `memory`?

    error: the source of the mount is not there
     --> dp.yml:3:16
      |
    3 |   - host_path: nowhere
      |                ^^^^^^^ [APP]/nowhere

    error: there is no agent `claud` in the catalogue
     --> dp.yml:6:17
      |
    6 |   lead: {agent: claud}
      |                 ^^^^^
      |
      = hint: did you mean `claude`?

    error: `env.TOKEN` should be text
     --> dp.yml:7:7
      |
    7 | env: {TOKEN: [*******]}
      |       ^^^^^ this is a list
    "#);
}

#[test]
fn mistakes_for_programs() {
    let dp = Dp::new().file("dp.toml", "zzz = 1\n[docker]\nhome_size = '1g'\n");
    assert_snapshot!(dp.run(["config", "check", "--format", "json"]), @r#"
    exit 3
    --- stdout
    [
      {
        "severity": "error",
        "message": "there is no key `zzz`",
        "file": "dp.toml",
        "line": 1,
        "column": 1,
        "label": "",
        "hints": []
      },
      {
        "severity": "warning",
        "message": "`home_size` does nothing without `home_persistence`",
        "file": "dp.toml",
        "line": 3,
        "column": 13,
        "label": "",
        "hints": []
      }
    ]
    "#);
}

#[test]
fn a_file_that_is_right() {
    let dp = Dp::new().file("data/x", "").file(
        "dspatch.workspace.yml",
        "agents: {a: {agent: claude}, b: {agent: codex}}\nmounts: [{host_path: data, container_path: /x}]\n",
    );
    assert_snapshot!(dp.run(["config", "check"]), @"
    exit 0
    --- stdout
    dspatch.workspace.yml is right: 2 agents, 1 mount, 0 ports
    ");
    let ran = dp.run(["config", "check", "--format", "json"]);
    assert_eq!(ran.json(), serde_json::json!([]));
}

#[test]
fn a_warning_is_shown_and_forgiven() {
    let dp = Dp::new().file(
        "dp.yml",
        "docker: {network_mode: host, ports: [\"80:80\"]}\n",
    );
    assert_snapshot!(dp.run(["config", "check"]), @r#"
    exit 0
    --- stdout
    warning: `ports` does nothing with `network_mode` `host`
     --> dp.yml:1:38
      |
    1 | docker: {network_mode: host, ports: ["80:80"]}
      |                                      ^^^^^^^ every port of the container is the host's already

    dp.yml is right: 0 agents, 0 mounts, 1 port
    "#);
}

#[test]
fn a_file_above_and_a_file_that_is_named() {
    let dp = Dp::new()
        .file("dp.yml", "name: [a]\n")
        .file("other.toml", "name = 5\n")
        .at("src/deep");
    assert_snapshot!(dp.run(["config", "check"]), @"
    exit 3
    --- stderr
    error: `name` should be text
     --> [APP]/dp.yml:1:1
      |
    1 | name: [*]
      | ^^^^ this is a list
    ");
    assert_snapshot!(dp.run(["config", "check", "../../other.toml"]), @"
    exit 3
    --- stderr
    error: `name` should be text
     --> ../../other.toml:1:8
      |
    1 | name = 5
      |        ^ this is a number
    ");
}

#[test]
fn files_that_are_no_workspace_files() {
    let dp = Dp::new();
    assert_snapshot!(dp.run(["config", "check"]), @"
    exit 5
    --- stderr
    error: there is no workspace file here or above
      hint: `dp config init` writes one to begin with
    ");
    assert_snapshot!(dp.run(["config", "check", "nope.yml"]), @"
    exit 5
    --- stderr
    error: cannot read the workspace file `[APP]/nope.yml`
      cause: No such file or directory
    ");
    assert_snapshot!(dp.run(["config", "check", "."]), @"
    exit 3
    --- stderr
    error: the workspace file `[APP]/.` is a directory
    ");
    let dp = Dp::new().file("dp.yml", b"a: \xff\n");
    assert_snapshot!(dp.run(["config", "check"]), @"
    exit 3
    --- stderr
    error: the workspace file `[APP]/dp.yml` is not UTF-8 text
    ");
    let dp = Dp::new().file("dp.yml", "#\n".repeat(1 << 20));
    assert_snapshot!(dp.run(["config", "check"]), @"
    exit 3
    --- stderr
    error: the workspace file `[APP]/dp.yml` is larger than 1 MiB
    ");
    let dp = Dp::new().file("dp.yml", "").file("dp.toml", "");
    assert_snapshot!(dp.run(["config", "check"]), @"
    exit 3
    --- stderr
    error: `[APP]` has two workspace files: `dp.toml` and `dp.yml`
      hint: keep one of them
    ");
}

#[test]
fn colours_are_for_who_wants_them() {
    let dp = Dp::new().file("dp.yml", "zzz: 1\n");
    let ran = dp.run(["config", "check", "--color", "always"]);
    assert!(ran.err().contains("\x1b["), "{ran}");
    assert!(!dp.run(["config", "check"]).err().contains('\x1b'));
}

#[test]
fn a_file_to_begin_with() {
    for (arguments, name) in [
        (vec!["config", "init"], "dp.yml"),
        (vec!["config", "init", "--toml"], "dp.toml"),
    ] {
        let dp = Dp::new();
        let ran = dp.run(&arguments);
        assert_eq!(ran.code, 0, "{ran}");
        assert_eq!(dp.run(["config", "check"]).code, 0);
        let read = |path: &str| std::fs::read_to_string(dp.here().join(path)).expect("a file");
        let first = read(name).lines().next().unwrap_or_default().to_string();
        let schema = first.rsplit(['=', ' ']).next().expect("a path").to_string();
        assert_eq!(read(&schema), dp.run(["config", "schema"]).out());
        let written = read(name);
        let ran = dp.run(&arguments);
        assert_eq!(ran.code, 4, "{ran}");
        assert_eq!(read(name), written);
    }
    let dp = Dp::new();
    assert_snapshot!(dp.run(["config", "init"]), @"
    exit 0
    --- stdout
    wrote dp.yml, and .dspatch/workspace.schema.json for editors
    change it, then `dp config check`
    ");
    assert_snapshot!(dp.run(["config", "init", "--toml"]), @"
    exit 4
    --- stderr
    error: `dp.yml` is there already
      hint: `dp config check` says what is wrong with it
    ");
}

#[test]
fn a_pipe_in_the_place_of_a_file_is_not_waited_for() {
    let dp = Dp::new().file("dp.yml", "env_file: .env\nagents: {a: {agent: shell}}\n");
    let fifo = |path: &str| dp.run_other("mkfifo", [dp.path(path)]).ok();
    fifo(".env");
    assert_snapshot!(dp.run(["trust"]), @"
    exit 3
    --- stderr
    error: the environment file `[APP]/.env` is no file
    ");
}

#[test]
fn of_a_file_that_a_link_leads_to_nothing_is_shown() {
    let dp = Dp::new().file("team/x.yml", "agnets: {}\n");
    std::os::unix::fs::symlink("team/x.yml", dp.path("dp.yml")).expect("a link");
    assert_snapshot!(dp.run(["config", "check"]), @r#"
    exit 3
    --- stderr
    error: there are mistakes in `dp.yml`, which is a link to "[APP]/team/x.yml"
    --> dp.yml
     = hint: nothing of that file is shown, because it may be no workspace file: look at it yourself
    "#);
    assert_snapshot!(dp.run(["--format", "json", "config", "check"]), @r#"
    exit 3
    --- stdout
    [
      {
        "severity": "error",
        "message": "there are mistakes in `dp.yml`, which is a link to \"[APP]/team/x.yml\"",
        "file": "dp.yml",
        "line": 1,
        "column": 1,
        "label": "",
        "hints": [
          "nothing of that file is shown, because it may be no workspace file: look at it yourself"
        ]
      }
    ]
    "#);
    let dp = dp.file("team/x.yml", "agents: {a: {agent: shell, peers: [a]}}\n");
    assert_snapshot!(dp.run(["config", "check"]), @r#"
    exit 0
    --- stdout
    warning: there are warnings of `dp.yml`, which is a link to "[APP]/team/x.yml"
    --> dp.yml
     = hint: nothing of that file is shown, because it may be no workspace file: look at it yourself

    dp.yml is right: 1 agent, 0 mounts, 0 ports
    "#);
}
