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
    assert_snapshot!(person().run(["trust"]), @"
    exit 4
    --- stderr
    warning: `ports` does nothing with `network_mode` `host`
     --> dp.yml:1:38
      |
    1 | docker: {network_mode: host, ports: [\"0.0.0.0:80:80\"]}
      |                                      ^^^^^^^^^^^^^^^ every port of the container is the host's already
    error: `dp.yml` asks for more than its own directory, and nobody has allowed it
      | share this machine's network (dp.yml:1:24)
      | publish port 80 on 0.0.0.0 (dp.yml:1:38)
      | clone https://example.org/a at v1 (dp.yml:2:24)
      hint: `dp trust` in a terminal asks you; `--yes` allows it, now and later
    ");
}

#[test]
fn what_was_allowed_is_listed_and_taken_back() {
    let dp = person();
    dp.run(["trust", "--yes"]).ok();
    let listed = dp.run(["--format", "json", "trust", "--list"]).json();
    assert_eq!(listed[0]["file"], dp.path("dp.yml"));
    let allowed = [
        "clone https://example.org/a at v1",
        "publish port 80 on 0.0.0.0",
        "share this machine's network",
    ];
    assert_eq!(listed[0]["allowed"], serde_json::json!(allowed));
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
        pty.expect("Allow it?");
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
    assert_snapshot!(dp.run(["trust"]), @"
    exit 4
    --- stderr
    error: `dp.yml` asks for more than its own directory, and nobody has allowed it
      | share this machine's network (dp.yml:1:24)
      | work on /tmp (dp.yml:2:16)
      hint: `dp trust` in a terminal asks you; `--yes` allows it, now and later
    ");
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
    let dp = Dp::new().file("dp.yml", "env: {A: b}\n");
    std::os::unix::fs::chown(dp.path("dp.yml"), Some(4242), None).expect("root gives files away");
    assert_snapshot!(dp.run(["trust"]), @"
    exit 4
    --- stderr
    error: `dp.yml` asks for more than its own directory, and nobody has allowed it
      | be obeyed, though it belongs to the user 4242 (dp.yml:1:1)
      hint: `dp trust` in a terminal asks you; `--yes` allows it, now and later
    ");
    dp.run(["trust", "--yes"]).ok();
    dp.run(["trust"]).ok();
    // Who became root by sudo is asked about nobody's files but their own.
    let dp = Dp::new()
        .file("dp.yml", "env: {A: b}\n")
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
        .file("real/.env", "A=x\nB={{apikey:MINE}}\n")
        .file("../private/x", "");
    std::fs::create_dir_all(dp.path("real/.dspatch/templates")).expect("a directory");
    let link = |to: &str, path: &str| {
        std::os::unix::fs::symlink(to, dp.path(path)).expect("a link");
    };
    link("../../../../private", "real/.dspatch/templates/coder");
    link("team.yml", "real/dp.yml");
    let dp = dp.at("real");
    assert_snapshot!(dp.run(["trust"]), @"
    exit 4
    --- stderr
    error: `dp.yml` asks for more than its own directory, and nobody has allowed it
      | be obeyed, though it is a link, which agents can lead elsewhere (dp.yml:1:1)
      | use your secret MINE (dp.yml:1:11)
      | copy [ROOT]/private into it (dp.yml:2:24)
      hint: `dp trust` in a terminal asks you; `--yes` allows it, now and later
    ");
    dp.run(["trust", "--yes"]).ok();
    // What is there afterwards was not approved with it.
    let dp = dp.file(".env", "A={{apikey:OTHER}}\n");
    let ran = dp.run(["trust"]);
    assert!(
        ran.err().contains("| use your secret OTHER (dp.yml:1:11)"),
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
    let words = "let its own programs use your login and keys of claude";
    for agents in [
        "a: {agent: claude}, b: {template: ./b}",
        "a: {agent: claude, command: [sh]}",
    ] {
        let ran = own(agents).run(["trust"]);
        assert_eq!(ran.err().matches(words).count(), 1, "{agents}: {ran}");
    }
    for agents in [
        "a: {agent: claude}, b: {agent: codex}",
        "a: {agent: shell, command: [sh]}",
    ] {
        own(agents).run(["trust"]).ok();
    }
}
