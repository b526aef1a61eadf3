//! `dp run` of a workspace file: who runs, with what, and what is told when something is wrong.

use crate::support::{DEADLINE, Dp, Pty, Ran, Way, docker, wait_until};
use insta::assert_snapshot;

/// A small image with bash and git.
const IMAGE: &str = "docker: {image: dp-test/debian, dind: false}\n";

/// A workspace with a template for each of `scripts`: its name, and the line that its agent runs.
fn person(file: &str, scripts: &[(&str, &str)]) -> Dp {
    let mut dp = Dp::on_engine().file("dp.yml", format!("{file}{IMAGE}"));
    for (name, line) in scripts {
        dp = dp.template(name, &format!("command: {line:?}\n"));
    }
    dp
}

trait Templates {
    fn template(self, name: &str, more: &str) -> Self;
}

impl Templates for Dp {
    fn template(self, name: &str, more: &str) -> Self {
        let text = format!("name: {name}\ndescription: for a test\n{more}");
        self.file(&format!("{name}/dspatch.agent.yml"), text)
    }
}

fn agents(names: &[&str]) -> String {
    let lines = names
        .iter()
        .map(|name| format!("  {name}: {{template: ./{name}}}\n"));
    format!("agents:\n{}", lines.collect::<String>())
}

#[test]
fn an_agent_knows_itself_its_peers_and_its_variables() {
    let file = "name: my app\nenv: {SHARED: all, MINE: no}\nenv_file: [one.env, two.env]\nagents:\n  lead:\n    template: ./lead\n    \
        env: {MINE: yes}\n    args: [a, 'b c']\n    peers: [other]\n    sub_agents: {other: {agent: shell}}\n";
    let script =
        "env | grep -E '^(DSPATCH|SHARED|MINE|FIRST|SECOND|GIVEN)' | sort; pwd; echo $0 $1";
    let dp = person(file, &[("lead", script)])
        .file("one.env", "FIRST=1\nSECOND=1\n")
        .file("two.env", "SECOND=2\nSHARED=file\n");
    let ran = dp.run(["run", "-e", "GIVEN=here"]);
    let labels = &dp.inspect()["Config"]["Labels"];
    let id = labels["dev.dp.workspace-id"]
        .as_str()
        .expect("a label")
        .to_string();
    assert_eq!(
        ran.ok().replace(&id, "[ID]"),
        "DSPATCH_AGENT_ID=[ID]-lead\nDSPATCH_AGENT_INSTANCE=1\nDSPATCH_AGENT_KEY=lead\nDSPATCH_IS_ROOT=true\n\
         DSPATCH_PEERS=other\nDSPATCH_WORKSPACE_DIR=/workspace\nFIRST=1\nGIVEN=here\nMINE=yes\nSECOND=2\n\
         SHARED=all\n/workspace\na b c"
    );
    let name = dp.inspect()["Name"].to_string();
    assert!(name.contains("dp-team-my-app-"), "{name}");
}

#[test]
fn nothing_given_is_in_the_containers_configuration() {
    let file = format!("env: {{TOKEN: abc-secret}}\n{}", agents(&["a"]));
    let dp = person(&file, &[("a", "echo $TOKEN")]);
    assert_eq!(dp.run(["run"]).ok(), "abc-secret");
    assert!(!dp.inspect().to_string().contains("abc-secret"));
}

#[test]
fn a_secret_is_put_in_once_whatever_it_holds() {
    let dp = person(&agents(&["a"]), &[("a", "echo \"$TOKEN\"")]);
    dp.run_with(["secret", "set", "ODD"], b"{{apikey:NONE}}")
        .ok();
    let ran = dp.run(["run", "-e", "TOKEN={{apikey:ODD}}"]);
    assert_eq!(ran.ok(), "{{apikey:NONE}}", "{ran}");
}

#[test]
fn a_catalogue_agent_has_the_files_settings_in_a_sandbox_of_its_own() {
    let file = format!("env: {{SHARED: all}}\n{}", agents(&["a"]));
    let dp = person(&file, &[("a", "echo a")]).file("data/x", "");
    let ran = dp.run(["run", "shell", "-c", "echo $SHARED; touch dp.yml; pwd"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(ran.out(), format!("all\n{}\n", dp.here().display()));
    dp.run(["run"]).ok();
    assert_eq!(dp.containers().len(), 2);
}

#[test]
fn the_file_cannot_be_changed_from_inside() {
    let dp = person(&agents(&["a"]), &[("a", "true")]);
    let before = std::fs::read(dp.path("dp.yml")).expect("the file");
    for script in [
        "echo x >> dp.yml",
        "rm -f dp.yml",
        "mv dp.yml y",
        "echo x >> /workspace/dp.yml",
        "echo x > y && mv y dp.yml",
    ] {
        let ran = dp.run(["run", "--user", "root", "shell", "-c", script]);
        assert_ne!(ran.code, 0, "{script}: {ran}");
        assert_eq!(
            std::fs::read(dp.path("dp.yml")).expect("the file"),
            before,
            "{script}"
        );
    }
}

#[test]
fn a_mount_of_the_command_line_takes_none_of_the_file_away() {
    let file = format!(
        "mounts: [{{host_path: ./data, container_path: /data}}]\n{}",
        agents(&["a"])
    );
    let dp = person(&file, &[("a", "true")])
        .file("data/x", "")
        .file("more/y", "");
    let more = format!("{}:/more", dp.path("more"));
    for _ in 0..2 {
        let script = "ls /data /more; ! echo x >> dp.yml";
        let ran = dp.run(["run", "-v", &more, "shell", "-c", script]);
        assert_eq!(ran.ok(), "/data:\nx\n\n/more:\ny", "{ran}");
    }
    // It stays when it is not asked for again.
    assert_eq!(dp.run(["run", "shell", "-c", "ls /more"]).ok(), "y");
}

#[test]
fn one_root_has_the_terminal_and_the_others_go_on() {
    let file = "agents:\n  lead: {template: ./lead, sub_agents: {worker: {template: ./worker, auto_start: true}, idle: {template: ./worker}}}\n";
    let dp = person(
        file,
        &[
            ("lead", "tty; read line; echo got $line"),
            ("worker", "echo working; sleep 60"),
        ],
    );
    let mut pty = Pty::spawn(&dp, ["run"]);
    pty.expect("/dev/pts/");
    pty.send("words\r");
    pty.expect("got words");
    pty.expect("worker goes on in ");
    assert_eq!(pty.wait(), 0, "{}", pty.seen());
    assert!(pty.is_restored());
    let log = dp.run(["sandbox", "logs", ".", "worker"]);
    assert_eq!(log.ok(), "working");
    let ran = dp.run(["run", "wroker"]);
    assert!(
        ran.err().contains("hint: did you mean `worker`?\n"),
        "{ran}"
    );
    let ran = dp.run(["run", "nobody"]);
    assert_eq!(ran.code, 125);
    let others = "hint: the workspace file has `lead`, `worker` and `idle`\n";
    assert!(ran.err().contains(others), "{ran}");
}

#[test]
fn a_detached_root_is_come_back_to() {
    let dp = person(
        &agents(&["a"]),
        &[("a", "while read line; do echo got $line; done; echo over")],
    );
    let mut pty = Pty::spawn(&dp, ["run"]);
    pty.send("one\r");
    pty.expect("got one");
    pty.send("\x10\x11");
    pty.expect("`dp run a` comes back");
    assert_eq!(pty.wait(), 0);
    let mut pty = Pty::spawn(&dp, ["run"]);
    pty.expect("got one");
    pty.send("two\r");
    pty.expect("got two");
    pty.send("\x04");
    pty.expect("over");
    assert_eq!(pty.wait(), 0, "{}", pty.seen());
}

#[test]
fn several_roots_are_heard_line_by_line_and_the_first_failure_counts() {
    let dp = person(
        &agents(&["a", "bb"]),
        &[
            ("a", "echo one; echo two >&2"),
            ("bb", "echo three; exit 3"),
        ],
    );
    let ran = dp.run(["run"]);
    assert_eq!(ran.code, 3, "{ran}");
    let mut out: Vec<_> = ran.out().lines().map(str::to_string).collect();
    out.sort();
    assert_eq!(out, ["a  | one", "bb | three"]);
    assert!(ran.err().contains("a  | two\n"), "{ran}");
    assert!(
        ran.err().contains("warning: bb ended with exit code 3\n"),
        "{ran}"
    );
}

#[test]
fn ctrl_c_reaches_all_who_share_the_terminal() {
    let script = "trap 'echo stopped; exit 7' INT; echo ready; while :; do sleep 0.1; done";
    let dp = person(&agents(&["a", "b"]), &[("a", script), ("b", script)]);
    let mut pty = Pty::spawn(&dp, ["run"]);
    wait_until("both are ready", DEADLINE, || {
        pty.seen().matches(" | ready").count() == 2
    });
    pty.send("\x03");
    wait_until("both are stopped", DEADLINE, || {
        let seen = pty.seen();
        seen.contains("a | stopped") && seen.contains("b | stopped")
    });
    assert_eq!(pty.wait(), 7, "{}", pty.seen());
}

#[test]
fn ctrl_c_leaves_an_agent_that_worked_in_the_background() {
    let script = "trap 'exit 7' INT; while :; do echo tick; sleep 0.1; done";
    let dp = person(&agents(&["a"]), &[("a", script)]);
    dp.run(["run", "-d"]).ok();
    let mut pty = Pty::spawn(&dp, ["run"]);
    pty.expect("tick");
    pty.send("\x03");
    pty.expect("a goes on in ");
    assert_eq!(pty.wait(), 0, "{}", pty.seen());
    assert!(dp.run(["sandbox", "ps"]).ok().contains("running"));
}

#[test]
fn detached_agents_are_started_once() {
    let dp = person(
        &agents(&["a", "b"]),
        &[
            ("a", "echo run >> a.log; sleep 60"),
            ("b", "echo run >> b.log; sleep 60"),
        ],
    );
    let id = dp.run(["run", "-d"]).ok();
    assert_eq!(dp.run(["run", "-d"]).ok(), id);
    let count = |name: &str| {
        std::fs::read_to_string(dp.path(name))
            .unwrap_or_default()
            .lines()
            .count()
    };
    wait_until("both run", DEADLINE, || {
        count("a.log") + count("b.log") == 2
    });
    // Twenty at once start nothing a second time.
    let running: Vec<_> = (0..20).map(|_| dp.spawn(["run", "-d"])).collect();
    for running in running {
        assert_eq!(running.wait_for(DEADLINE * 2).ok(), id);
    }
    assert_eq!((count("a.log"), count("b.log")), (1, 1));
    assert_eq!(dp.containers().len(), 1);
}

#[test]
fn a_crash_in_the_background_is_told_with_its_last_lines() {
    let file = "agents:\n  lead: {template: ./lead, sub_agents: {worker: {template: ./worker, auto_start: true}}}\n";
    let dp = person(
        file,
        &[
            ("lead", "sleep 1; echo done"),
            ("worker", "echo one; echo broken >&2; exit 9"),
        ],
    );
    let ran = dp.run(["run"]);
    assert_eq!(ran.ok(), "done");
    assert!(
        ran.err()
            .contains("warning: worker ended with exit code 9\n  one\n  broken\n"),
        "{ran}"
    );
}

#[test]
fn arguments_are_for_an_agent_that_starts() {
    let dp = person(&agents(&["a"]), &[("a", "echo $0 $1; sleep 60")]);
    let started = dp.spawn(["run", "a", "--", "x", "y"]);
    started.expect("x y");
    let ran = dp.run(["run", "a", "z"]);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(
        ran.err()
            .contains("`a` runs already, without these arguments"),
        "{ran}"
    );
}

#[test]
fn what_a_template_requires_is_told_before_anything_is_made() {
    let dp = person(&agents(&["a", "b"]), &[("b", "true")])
        .template("a", "command: 'echo $TOKEN $OTHER; ls /data'\nrequired_env: [TOKEN, URL]\nrequired_mounts: [/data]\n");
    let ran = dp.run(["run", "-e", "URL="]);
    assert_snapshot!(ran, @"
    exit 125
    --- stderr
    error: the agents lack what their templates require
      | the agent `a` needs the variable `TOKEN`, which is not set or empty
      | the agent `a` needs the variable `URL`, which is not set or empty
      | the agent `a` needs something mounted at `/data`
      hint: set it under `env` in the workspace file, or with `-e NAME=VALUE`
      hint: `mounts` in the workspace file mounts it, or `-v HOST:CONTAINER`
    ");
    assert!(dp.containers().is_empty());
    let data = format!("{}:/data", dp.here().display());
    let ran = dp.run(["run", "-e", "URL=u", "-e", "TOKEN=t", "-v", &data, "a"]);
    assert!(ran.ok().starts_with("t\n"), "{ran}");
}

#[test]
fn nobody_starts_by_itself() {
    let file = "agents: {a: {template: ./a, auto_start: false}}\n";
    let dp = person(file, &[("a", "echo here")]);
    assert_snapshot!(dp.run(["run"]), @"
    exit 125
    --- stderr
    error: no agent of `dp.yml` starts by itself
      cause: the agents are `a`
      hint: `dp run a` starts one
    ");
    assert!(dp.containers().is_empty());
    assert_eq!(dp.run(["run", "a"]).ok(), "here");
}

#[test]
fn a_template_that_is_wrong_makes_nothing() {
    let dp = Dp::on_engine()
        .file("dp.yml", agents(&["a"]) + IMAGE)
        .file("a/dspatch.agent.yml", "name: a\nentrypoint: x\n");
    let ran = dp.run(["run"]);
    assert_snapshot!(ran, @"
    exit 125
    --- stderr
    error: there is no `description`
     --> [APP]/a/dspatch.agent.yml:1:1
      |
    1 | name: a
      | ^

    error: there is no key `entrypoint`
     --> [APP]/a/dspatch.agent.yml:2:1
      |
    2 | entrypoint: *
      | ^^^^^^^^^^
      |
      = hint: did you mean `entry_point`?
    ");
    assert!(dp.containers().is_empty());
    std::os::unix::fs::symlink("/etc/hostname", dp.path("a/name")).expect("a link");
    let dp = dp.template("a", "");
    let ran = dp.run(["run"]);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(ran.err().contains("leads out of the template"), "{ran}");
}

#[test]
fn a_hook_that_fails_stops_the_run_and_is_run_again() {
    let dp = person(&agents(&["a", "b"]), &[("a", "echo a"), ("b", "echo b")]);
    let hook = "echo first\ntest -e /workspace/mended || { echo it is broken >&2; exit 4; }\n";
    let dp = dp.file("a/scripts/pre_install.sh", hook);
    let ran = dp.run(["run"]);
    assert_snapshot!(tidy(&ran), @"
    exit 125
    --- stderr
    a: source copied ([TIME])
    b: source copied ([TIME])
    error: the step `pre-install` of the template `a` failed with exit code 4
      | first
      | it is broken
      hint: `dp sandbox logs [NAME] :a:pre-install` shows all of its log
      hint: the sandbox is kept: run the same command again when it is mended, or with `--keep-going`
    ");
    let log = dp.run(["sandbox", "logs", ".", ":a:pre-install"]);
    assert_eq!(log.ok(), "first\nit is broken");
    let ran = dp.run(["run", "--keep-going"]);
    assert_eq!(ran.ok().lines().count(), 2, "{ran}");
    let dp = dp.file("mended", "");
    let ran = dp.run(["run"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.err().contains("a: pre-install ("), "{ran}");
    assert!(!dp.run(["run"]).err().contains("pre-install"));
}

#[test]
fn a_hook_that_hangs_ends_at_its_deadline() {
    let dp = person(&agents(&["a"]), &[("a", "echo a")])
        .config("[timeouts]\nhook = 1\n")
        .file("a/pre_install.sh", "echo waiting; sleep 60\n");
    let ran = dp.run(["run"]);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(ran.err().contains("took longer than 1 s"), "{ran}");
    assert!(ran.err().contains("waiting"), "{ran}");
}

#[test]
fn a_file_of_another_name_or_none() {
    let dp = person(&agents(&["a"]), &[("a", "echo a")])
        .file("other.yml", agents(&["b"]) + IMAGE)
        .template("b", "command: echo b\n");
    assert_eq!(dp.run(["run", "a"]).ok(), "a");
    let ran = dp.run(["run", "-f", "other.yml"]);
    assert_eq!(ran.code, 125, "a file that differs is told: {ran}");
    assert_eq!(
        dp.run(["run", "-f", "other.yml", "--name", "two"]).ok(),
        "b"
    );
    let ran = dp.run(["run", "--no-file", "a"]);
    assert!(ran.err().contains("there is no agent `a`"), "{ran}");
    let ran = dp.run(["run", "-f", "nowhere.yml"]);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(
        ran.err()
            .contains("cannot read the workspace file `nowhere.yml`")
            || ran.err().contains("nowhere.yml"),
        "{ran}"
    );
}

#[test]
fn from_below_and_from_elsewhere_it_is_the_same_workspace() {
    let dp = person(&agents(&["a"]), &[("a", "pwd; ls")]).file("sub/deep/x", "");
    let all = dp.run(["run"]).ok();
    let here = dp.path("sub/deep");
    let mut command = dp.command(["run"]);
    command.current_dir(&here);
    let out = command.output().expect("it runs");
    assert_eq!(
        String::from_utf8_lossy(&out.stdout).trim_end(),
        all,
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    assert_eq!(dp.containers().len(), 1);
    // A directory that is named is the workspace, whatever lies above it.
    let ran = dp.run(["run", "-w", "sub/deep", "shell", "-c", "ls /workspace"]);
    assert_eq!(ran.ok(), "x", "{ran}");
}

#[test]
fn catalogue_agents_in_a_file_wait_with_a_terminal_of_their_own() {
    let file = "agents: {one: {agent: shell}, two: {agent: shell}}\n";
    let dp = person(file, &[]);
    let mut pty = Pty::spawn(&dp, ["run"]);
    pty.expect("`dp run two` comes to it");
    assert_eq!(pty.wait(), 0, "{}", pty.seen());
    let mut pty = Pty::spawn(&dp, ["run", "two"]);
    pty.send("echo in $DSPATCH_AGENT_KEY; exit 5\r");
    pty.expect("in two");
    assert_eq!(pty.wait(), 5, "{}", pty.seen());
}

#[test]
fn rm_and_stop_end_what_the_run_started() {
    let file = "agents:\n  lead: {template: ./lead, sub_agents: {worker: {template: ./worker, auto_start: true}}}\n";
    let dp = person(file, &[("lead", "echo lead"), ("worker", "sleep 60")]);
    assert_eq!(dp.run(["run", "--stop"]).ok(), "lead");
    let states = docker(&[
        "ps",
        "--all",
        "--format",
        "{{.State}}",
        "--filter",
        &format!("label={}", dp.label()),
    ]);
    assert_eq!(states.trim(), "exited");
    assert_eq!(dp.run(["run", "--rm"]).ok(), "lead");
    assert!(dp.containers().is_empty());
}

#[test]
fn create_makes_templates_ready_and_runs_nobody() {
    let dp = person(&agents(&["a"]), &[("a", "echo a")])
        .file("a/pre_install.sh", "touch /workspace/prepared");
    dp.run(["sandbox", "create"]).ok();
    assert!(std::path::Path::new(&dp.path("prepared")).exists());
    assert!(!dp.run(["sandbox", "ps"]).ok().contains(" a "));
    assert_eq!(dp.run(["run"]).err(), "nothing new to install for a\n");
}

#[test]
fn over_the_relay_it_is_the_same() {
    let file = agents(&["a", "b"]);
    let dp = Dp::on_engine_by(Way::Relay).file("dp.yml", format!("{file}{IMAGE}"));
    let dp = dp
        .template("a", "command: 'echo $DSPATCH_AGENT_KEY'\n")
        .template("b", "command: 'cat /agents/b/made'\n")
        .file("b/pre_install.sh", "echo by a hook > made");
    let ran = dp.run(["run"]);
    let mut lines: Vec<_> = ran.ok().lines().map(str::to_string).collect();
    lines.sort();
    assert_eq!(lines, ["a | a", "b | by a hook"], "{ran}");
    assert_eq!(dp.run(["run", "a"]).ok(), "a");
}

#[test]
fn what_an_ordinary_persons_agents_make_is_theirs() {
    let dp = person(
        &agents(&["a"]),
        &[(
            "a",
            "id -u; touch made; stat -c %u /agents/a /agents/a/hooked",
        )],
    );
    let dp = dp.file(
        "a/pre_install.sh",
        "touch hooked /workspace/hooked; git config user.name",
    );
    let socket = std::fs::metadata(crate::support::engine_socket()).expect("the engine's socket");
    let dp = dp.unprivileged(1000, &[std::os::unix::fs::MetadataExt::gid(&socket)]);
    let ran = dp.run(["run"]);
    assert_eq!(ran.ok(), "1000\n1000\n1000", "{ran}");
    for name in ["made", "hooked"] {
        let owner = std::fs::metadata(dp.path(name)).expect("it was made");
        assert_eq!(std::os::unix::fs::MetadataExt::uid(&owner), 1000, "{name}");
    }
    let log = dp.run(["sandbox", "logs", ".", ":a:pre-install"]);
    assert_eq!(log.ok(), "Ann Example");
}

fn tidy(ran: &Ran) -> String {
    let name = ran.err();
    let name = name
        .split("`dp sandbox logs ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next());
    let text = ran.to_string().replace(name.unwrap_or("nothing"), "[NAME]");
    let mut words = Vec::new();
    for line in text.lines() {
        let line = match line.split_once(" (") {
            Some((head, tail)) if tail.ends_with(" s)") => format!("{head} ([TIME])"),
            _ => line.to_string(),
        };
        words.push(line);
    }
    words.join("\n")
}
