//! Everything that is done to sandboxes beside running agents in them.

use crate::sh;
use crate::support::{DEADLINE, Dp, Pty, docker, wait_until};
use serde_json::{Value, json};

/// The name of the sandbox of the current directory.
fn name(dp: &Dp) -> String {
    let inspected = dp
        .run(["--format", "json", "sandbox", "inspect", "."])
        .json();
    inspected["name"].as_str().expect("a name").to_string()
}

/// What `ls` says of the sandboxes of this test.
fn listed(dp: &Dp, options: &[&str]) -> Vec<Value> {
    let words = [&["--format", "json", "sandbox", "ls"], options].concat();
    let root = dp.root().to_string_lossy().into_owned();
    let mut all = dp.run(words).json();
    let all = all.as_array_mut().expect("a list");
    let is_ours = |one: &Value| {
        one["workspace"]
            .as_str()
            .is_some_and(|path| path.starts_with(&root))
    };
    all.drain(..).filter(is_ours).collect()
}

#[test]
fn ls_shows_name_agent_state_and_workspace() {
    let dp = Dp::on_engine();
    assert_eq!(listed(&dp, &[]), Vec::<Value>::new());
    sh(&dp, "true").ok();
    let all = listed(&dp, &[]);
    assert_eq!(all.len(), 1);
    let one = &all[0];
    assert_eq!(
        (&one["agent"], &one["state"]),
        (&json!("shell"), &json!("running"))
    );
    assert_eq!(one["workspace"], dp.path("").trim_end_matches('/'));
    assert_eq!(one["id"], dp.container());
    let name = one["name"].as_str().expect("a name");
    assert!(name.starts_with("shell-app-"), "{name}");
    let table = dp.run(["sandbox", "ls"]).ok();
    assert!(table.starts_with("NAME "), "{table}");
    let row = table
        .lines()
        .find(|line| line.contains(name))
        .expect("it is listed");
    assert!(row.contains("Up ") && row.ends_with("/app"), "{row}");
    let names = dp.run(["sandbox", "ls", "--quiet"]).ok();
    assert!(names.lines().any(|line| line == name), "{names}");
    assert_eq!(dp.run(["sandbox", "list", "-q"]).code, 0, "the alias");
    assert_eq!(listed(&dp, &["--agent", "claude"]).len(), 0);
    assert_eq!(listed(&dp, &["--agent", "shell", "--running"]).len(), 1);
    dp.run(["sandbox", "stop", "."]).ok();
    assert_eq!(listed(&dp, &["--running"]).len(), 0);
    assert_eq!(listed(&dp, &[])[0]["state"], "exited");
}

#[test]
fn names_alone_are_an_array_for_programs() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let mounts = dp.inspect()["Mounts"].to_string();
    for (noun, expected) in [("sandbox", name(&dp)), ("agents", "shell".into())] {
        let names = dp.run(["--format", "json", noun, "ls", "-q"]).json();
        let names = names.as_array().expect("a list");
        assert!(names.contains(&json!(expected)), "{noun}: {names:?}");
    }
    let volumes = dp.run(["--format", "json", "volumes", "ls", "-qa"]).json();
    let mut volumes = volumes.as_array().expect("a list").iter();
    let is_ours = |name: &Value| mounts.contains(name.as_str().expect("a name"));
    assert!(volumes.any(is_ours), "{mounts}");
    let images = dp.run(["--format", "json", "image", "ls", "-q"]).json();
    let mut images = images.as_array().expect("a list").iter();
    assert!(images.all(Value::is_string), "{images:?}");
}

#[test]
fn a_sandbox_is_named_by_name_id_prefix_and_directory() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let (name, id) = (name(&dp), dp.container());
    let here = dp.path("");
    for selector in [".", &here, "../app", &name, &id, &id[..12], &id[..5]] {
        let inspected = dp
            .run(["--format", "json", "sandbox", "inspect", selector])
            .json();
        assert_eq!(inspected["id"], id, "{selector}");
    }
    let text = dp.run(["sandbox", "inspect", "."]).ok();
    assert!(
        text.lines().any(|line| line == "credentials sandbox"),
        "without the marks of JSON: {text}"
    );
    let ran = dp.run(["sandbox", "inspect", &name[..name.len() - 1]]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(
        ran.err().contains(&format!("did you mean `{name}`?")),
        "{ran}"
    );
    let ran = dp.run(["sandbox", "inspect", "../home"]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.err().contains("there is no sandbox `../home`"), "{ran}");
    assert!(ran.err().contains("`dp sandbox ls` lists them"), "{ran}");
}

#[test]
fn a_directory_with_two_sandboxes_is_ambiguous() {
    let dp = Dp::on_engine().config("[agents.probe]\ncommand = [\"sh\"]\n");
    sh(&dp, "true").ok();
    dp.run(["run", "-t", "dp-test/busybox", "probe", "-c", "true"])
        .ok();
    assert_eq!(dp.containers().len(), 2, "one an agent");
    let ran = dp.run(["sandbox", "inspect", "."]);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.err().contains("`.` is ambiguous"), "{ran}");
    assert!(
        ran.err().contains("`shell-app-") && ran.err().contains("`probe-app-"),
        "{ran}"
    );
}

#[test]
fn inspect_shows_mounts_and_settings() {
    let dp = Dp::on_engine();
    dp.run([
        "run",
        "--memory",
        "1g",
        "-d",
        "-t",
        "dp-test/busybox",
        "shell",
    ])
    .ok();
    let shown = dp.run(["sandbox", "inspect"]).ok();
    let here = dp.path("");
    let here = here.trim_end_matches('/');
    for line in [
        format!("workspace  {here}"),
        format!("mount      {here} -> {here}"),
        format!("mount      {here} -> /workspace"),
        "state      running".into(),
        "image      dp-test/busybox".into(),
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
    assert!(shown.contains("-> /.dp/bin (read-only)"), "{shown}");
}

#[test]
fn exec_runs_in_the_workspace_with_options() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let exec = |words: &[&str]| dp.run([&["sandbox", "exec"], words].concat());
    assert_eq!(exec(&[".", "pwd"]).ok(), dp.path("").trim_end_matches('/'));
    assert_eq!(exec(&["-w", "/tmp", ".", "pwd"]).ok(), "/tmp");
    assert_eq!(exec(&["-e", "A=1", ".", "sh", "-c", "echo $A"]).ok(), "1");
    assert_eq!(exec(&[".", "--", "echo", "-x"]).ok(), "-x");
    assert_eq!(
        exec(&["-it", ".", "echo", "as with docker"]).ok(),
        "as with docker"
    );
    assert_eq!(exec(&[".", "sh", "-c", "exit 9"]).code, 9);
    assert_eq!(exec(&[".", "no-such-command"]).code, 127);
    assert_eq!(exec(&[".", "/etc"]).code, 126);
    assert_eq!(
        dp.run_with(["sandbox", "exec", ".", "cat"], b"in").out(),
        "in"
    );
    let ran = exec(&["-w", "/no/such", ".", "pwd"]);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(
        ran.err()
            .contains("the working directory `/no/such` does not exist"),
        "{ran}"
    );
    let ran = exec(&["-u", "nobody-here", ".", "id"]);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(
        ran.err().contains("there is no user `nobody-here`"),
        "{ran}"
    );
    assert_eq!(
        exec(&["-u", "1234:5", ".", "sh", "-c", "id -u; id -g"]).ok(),
        "1234\n5"
    );
    assert_eq!(
        exec(&["-d", ".", "sh", "-c", "sleep 0.2; echo done > late"]).ok(),
        ""
    );
    wait_until("it went on by itself", DEADLINE, || {
        std::fs::read_to_string(dp.path("late")).is_ok_and(|text| text == "done\n")
    });
}

#[test]
fn nothing_runs_in_a_sandbox_that_is_stopped() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    dp.run(["sandbox", "stop", "."]).ok();
    for words in [
        &["exec", ".", "true"][..],
        &["shell", "."],
        &["attach", "."],
    ] {
        let ran = dp.run([&["sandbox"], words].concat());
        assert_eq!(ran.code, 125, "{words:?}: {ran}");
        assert!(ran.err().contains("does not run"), "{words:?}: {ran}");
        assert!(
            ran.err().contains("hint: `dp sandbox start "),
            "{words:?}: {ran}"
        );
    }
    assert_eq!(dp.run(["sandbox", "ps", "."]).code, 4);
}

#[test]
fn shell_is_a_shell_with_pipes_too() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let ran = dp.run_with(["sandbox", "shell"], b"echo in $((1 + 1)); exit 6\n");
    assert_eq!((ran.code, ran.out()), (6, "in 2\n".into()), "{ran}");
    let ran = dp.run_with(["sandbox", "shell", "-u", "1234", "."], b"id -u\n");
    assert_eq!(ran.ok(), "1234");
}

#[test]
fn create_makes_a_sandbox_and_runs_nothing_in_it() {
    let dp = Dp::on_engine();
    let ran = dp.run(["sandbox", "create", "-t", "dp-test/busybox", "shell"]);
    assert_eq!(ran.ok(), dp.container());
    let words = [
        "--format",
        "json",
        "sandbox",
        "create",
        "-t",
        "dp-test/busybox",
        "shell",
    ];
    let again = dp.run(words).json();
    assert_eq!(
        (&again["id"], &again["is_new"]),
        (&json!(dp.container()), &json!(false))
    );
    let plan = dp
        .run([
            "--format",
            "json",
            "sandbox",
            "create",
            "--dry-run",
            "shell",
        ])
        .json();
    assert_eq!(plan["action"], "enter");
}

#[test]
fn ps_and_logs_follow_an_agent() {
    let dp = Dp::on_engine();
    let script = "echo one; echo two >&2; echo ready; read x; echo three; exit 4";
    let mut running = dp.spawn(["run", "-t", "dp-test/busybox", "shell", "-c", script]);
    running.expect("ready");
    let processes = dp.run(["--format", "json", "sandbox", "ps"]).json();
    let agent = &processes[0];
    assert_eq!(
        (&agent["key"], &agent["attached"]),
        (&json!("shell"), &json!(1))
    );
    assert_eq!(
        (&agent["tty"], &agent["exit"]),
        (&json!(false), &Value::Null)
    );
    assert!(
        dp.run(["sandbox", "ps"]).ok().contains("  running  "),
        "{processes}"
    );
    let follower = dp.spawn(["sandbox", "logs", "--follow", "."]);
    follower.expect("ready\n");
    running.send(b"\n");
    assert_eq!(running.wait().code, 4);
    follower.expect("three\n");
    follower.signal(rustix::process::Signal::INT);
    assert_eq!(follower.wait().code, 130);
    let processes = dp.run(["--format", "json", "sandbox", "ps"]).json();
    assert_eq!(processes[0]["exit"]["code"], 4);
    assert!(dp.run(["sandbox", "ps"]).ok().contains("exited 4"));
    let log = dp.run(["sandbox", "logs"]).ok();
    let mut lines: Vec<&str> = log.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["one", "ready", "three", "two"]);
    assert_eq!(
        dp.run(["sandbox", "logs", "-n", "1", ".", "shell"]).ok(),
        "three"
    );
    let ran = dp.run(["sandbox", "logs", ".", "claude"]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(
        ran.err().contains("there is no log of `claude` yet"),
        "{ran}"
    );
}

#[test]
fn attach_without_an_agent_says_how_to_start_one() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let ran = dp.run(["sandbox", "attach"]);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(ran.err().contains("no agent runs in the sandbox"), "{ran}");
    assert!(
        ran.err().contains("hint: `dp run shell` starts one"),
        "{ran}"
    );
}

#[test]
fn stop_and_start() {
    let dp = Dp::on_engine();
    sh(&dp, "echo 1 > /tmp/state").ok();
    let name = name(&dp);
    assert_eq!(
        dp.run(["sandbox", "stop", "."]).ok(),
        format!("stopped {name}")
    );
    assert_eq!(dp.inspect()["State"]["Running"], false);
    assert_eq!(dp.inspect()["State"]["ExitCode"], 0, "it ended by itself");
    assert_eq!(
        dp.run(["sandbox", "stop", "."]).code,
        0,
        "once more is no error"
    );
    assert_eq!(
        dp.run(["sandbox", "start", &name]).ok(),
        format!("started {name}")
    );
    assert_eq!(
        dp.run(["sandbox", "exec", &name, "cat", "/tmp/state"]).ok(),
        "1"
    );
    let words = ["--format", "json", "sandbox", "start", &name];
    assert_eq!(dp.run(words).json(), json!({"names": [name], "agents": []}));
    let ran = dp.run(["sandbox", "stop", &name, "nothing-of-that-name"]);
    assert_eq!(ran.code, 5, "{ran}");
    assert_eq!(
        dp.inspect()["State"]["Running"],
        true,
        "all are found before one is stopped"
    );
}

#[test]
fn start_delivers_the_guest_that_is_gone() {
    let dp = Dp::on_engine().of_another_build();
    sh(&dp, "echo 1 > /tmp/state").ok();
    let name = name(&dp);
    let id = dp.container();
    docker(&["kill", &id]);
    // The volume is there, and empty.
    let mount = format!("{}:/v", dp.guest_volume());
    let words = ["run", "--rm", "--network", "none", "--volume", &mount];
    let empty = ["dp-test/busybox", "sh", "-c", "rm -f /v/*"];
    docker(&[&words[..], &empty].concat());
    let started = dp.run(["sandbox", "start", "."]);
    assert_eq!(started.ok(), format!("started {name}"));
    let state = ["sandbox", "exec", ".", "cat", "/tmp/state"];
    assert_eq!(dp.run(state).ok(), "1");
}

#[test]
fn many_who_start_a_sandbox_at_once_all_succeed() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let name = name(&dp);
    for end in ["kill", "pause"] {
        docker(&[end, &dp.container()]);
        let start = |_| dp.spawn(["sandbox", "start", &name]);
        let starting: Vec<_> = (0..10).map(start).collect();
        for starting in starting {
            assert_eq!(starting.wait().ok(), format!("started {name}"), "{end}");
        }
    }
}

#[test]
fn start_takes_over_what_a_killed_recreation_left() {
    let dp = Dp::on_engine();
    sh(&dp, "echo 1 > /tmp/state").ok();
    let (name, id) = (name(&dp), dp.container());
    docker(&["kill", &id]);
    docker(&["rename", &id, &format!("dp.aside-{name}")]);
    let started = dp.run(["sandbox", "start", &name]);
    assert_eq!(started.ok(), format!("started {name}"));
    let state = ["sandbox", "exec", &name, "cat", "/tmp/state"];
    assert_eq!(dp.run(state).ok(), "1");
}

#[test]
fn stop_lets_agents_clean_up() {
    let dp = Dp::on_engine();
    let script =
        "trap 'echo cleaned > file; exit 7' TERM; echo ready; while :; do sleep 0.05; done";
    let running = dp.spawn(["run", "-t", "dp-test/busybox", "shell", "-c", script]);
    running.expect("ready");
    dp.run(["sandbox", "stop", "."]).ok();
    assert_eq!(
        std::fs::read_to_string(dp.path("file")).expect("it was told"),
        "cleaned\n"
    );
    assert_eq!(running.wait().code, 7);
}

#[test]
fn rm_asks_or_is_forced_where_something_runs() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let name = name(&dp);
    let ran = dp.run(["sandbox", "rm", "."]);
    assert_eq!(ran.code, 4, "{ran}");
    assert!(
        ran.err().contains(&format!("the sandbox `{name}` runs")),
        "{ran}"
    );
    assert!(ran.err().contains("hint: `dp sandbox rm --force`"), "{ran}");
    let sockets = dp.home().join(".local/state/dp/s");
    assert_eq!(std::fs::read_dir(&sockets).expect("a directory").count(), 1);
    assert_eq!(
        dp.run(["sandbox", "rm", "--force", "."]).ok(),
        format!("removed {name}")
    );
    assert_eq!(dp.containers(), [""; 0]);
    assert_eq!(std::fs::read_dir(&sockets).expect("a directory").count(), 0);
    assert_eq!(dp.run(["sandbox", "rm", "."]).code, 5);
    sh(&dp, "true").ok();
    dp.run(["sandbox", "stop", "."]).ok();
    assert_eq!(
        dp.run(["sandbox", "remove", &name]).ok(),
        format!("removed {name}"),
        "it is stopped"
    );
}

#[test]
fn rm_names_all_that_it_would_remove() {
    let dp = Dp::on_engine().config("[agents.probe]\ncommand = [\"sh\"]\n");
    for agent in ["shell", "probe"] {
        dp.run(["run", "-t", "dp-test/busybox", agent, "-c", "true"])
            .ok();
    }
    let all = listed(&dp, &[]);
    let names = all.iter().map(|one| one["name"].as_str().expect("a name"));
    let mut names: Vec<&str> = names.collect();
    let ran = dp.run(["sandbox", "rm", "."]);
    assert_eq!(ran.code, 4, "{ran}");
    assert!(names.iter().all(|name| ran.err().contains(name)), "{ran}");
    let mut pty = Pty::start(&dp, ["sandbox", "rm", "."], 24, 200);
    pty.expect("Remove ");
    pty.send("n\r");
    pty.expect("error: not confirmed: nothing was removed");
    assert_eq!(pty.wait(), 4, "{}", pty.seen());
    let seen = pty.seen();
    let question = seen.lines().next().expect("a question");
    assert!(names.iter().all(|name| question.contains(name)), "{seen}");
    // One that is stopped is named as well.
    names.sort_unstable();
    dp.run(["sandbox", "stop", names[0]]).ok();
    let ran = dp.run(["sandbox", "rm", "."]);
    assert_eq!(ran.code, 4, "{ran}");
    assert!(
        ran.err()
            .contains(&format!("the sandbox `{}` runs", names[1])),
        "{ran}"
    );
    assert!(ran.err().contains(names[0]), "{ran}");
    let mut pty = Pty::start(&dp, ["sandbox", "prune"], 24, 200);
    pty.expect("Remove ");
    pty.send("n\r");
    pty.expect("error: not confirmed");
    assert_eq!(pty.wait(), 4, "{}", pty.seen());
    assert_eq!(dp.containers().len(), 2);
}

#[test]
fn prune_names_what_it_would_remove() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let name = name(&dp);
    let names = || {
        let text = dp.run(["sandbox", "prune", "--dry-run"]).ok();
        text.lines()
            .any(|line| line == format!("would remove {name}"))
    };
    assert!(!names(), "it runs");
    dp.run(["sandbox", "stop", "."]).ok();
    assert!(names(), "it is stopped");
    let orphans = dp.run(["sandbox", "prune", "--orphans", "--dry-run"]).ok();
    assert!(!orphans.contains(&name), "its workspace is there");
    let ran = dp.run(["sandbox", "prune"]);
    assert_eq!(ran.code, 4, "{ran}");
    assert!(
        ran.err().contains(&name) && ran.err().contains("add `--yes`"),
        "{ran}"
    );
    assert_eq!(dp.containers().len(), 1);
}

#[test]
fn a_sandbox_whose_workspace_is_gone_is_an_orphan_and_can_be_removed() {
    let dp = Dp::on_engine().at("gone").file("x", "");
    sh(&dp, "true").ok();
    let name = name(&dp);
    let here = dp.path("");
    std::fs::remove_dir_all(&here).expect("removed");
    let home = dp.home();
    let dp = dp.at(home);
    let orphans = dp.run(["sandbox", "prune", "--orphans", "--dry-run"]).ok();
    assert!(orphans.contains(&name), "{orphans}");
    assert_eq!(
        dp.run(["sandbox", "rm", "--force", &name]).ok(),
        format!("removed {name}")
    );
}

#[test]
fn files_are_copied_in_and_out() {
    let dp = Dp::on_engine()
        .file("../notes.txt", "notes")
        .file("../tree/a/b.txt", "b")
        .file("../tree/run.sh", "#!/bin/sh\n");
    let script = dp.path("../tree/run.sh");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(script, mode).expect("executable");
    sh(&dp, "true").ok();
    let name = name(&dp);
    let cp = |from: &str, to: &str| dp.run(["sandbox", "cp", from, to]);
    let inside = |path: &str| format!("{name}:{path}");
    let exec = |script: &str| dp.run(["sandbox", "exec", ".", "sh", "-c", script]).ok();
    assert_eq!(cp("../notes.txt", &inside("/tmp/")).ok(), "");
    cp("../notes.txt", &inside("/tmp/renamed.txt")).ok();
    cp("../tree", ".:/tmp").ok();
    assert_eq!(
        exec("cat /tmp/notes.txt /tmp/renamed.txt /tmp/tree/a/b.txt"),
        "notesnotesb"
    );
    assert_eq!(
        exec("test -x /tmp/tree/run.sh && stat -c %u /tmp/notes.txt"),
        "0"
    );
    exec(
        "mkdir -p /tmp/out/d; echo 1 > /tmp/out/d/a; ln /tmp/out/d/a /tmp/out/d/hard; \
          ln -s a /tmp/out/d/soft; ln -s /etc /tmp/out/d/far",
    );
    cp(&inside("/tmp/out"), ".").ok();
    cp(&inside("/tmp/out/d/a"), "single").ok();
    cp(&inside("/tmp/out"), "other").ok();
    for place in ["out", "other"] {
        let read = |name: &str| std::fs::read_to_string(dp.path(&format!("{place}/d/{name}")));
        assert_eq!(read("a").expect("a file"), "1\n", "{place}");
        assert_eq!(read("hard").expect("a hard link"), "1\n", "{place}");
        assert_eq!(read("soft").expect("a link"), "1\n", "{place}");
        let far = std::fs::read_link(dp.path(&format!("{place}/d/far"))).expect("a link");
        assert_eq!(far, std::path::Path::new("/etc"), "{place}");
    }
    assert_eq!(
        std::fs::read_to_string(dp.path("single")).expect("a file"),
        "1\n"
    );
    for (state, run) in [("running", "start"), ("stopped", "stop")] {
        dp.run(["sandbox", run, "."]).ok();
        std::fs::create_dir(dp.path(state)).expect("a directory");
        cp(&inside("/tmp/out/."), state).ok();
        cp(&inside("/tmp/out/."), &format!("{state}/new")).ok();
        for place in ["d/a", "new/d/a"] {
            let file = dp.path(&format!("{state}/{place}"));
            let text = std::fs::read_to_string(&file).expect("a file");
            assert_eq!(text, "1\n", "{file}");
        }
    }
    std::fs::remove_dir_all(dp.path("stopped")).expect("a directory");
    cp(&inside("/tmp/out/d/a"), "stopped").ok();
    cp("../notes.txt", &inside("/tmp/late.txt")).ok();
    assert!(dp.here().join("stopped").exists());
}

#[test]
fn copies_that_cannot_be() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    for (from, to, code, words) in [
        ("no.txt", ".:/tmp/", 5, "`no.txt` cannot be read"),
        (".:/no/such", ".", 5, "/no/such"),
        (
            ".:/etc/hostname",
            "no/such/dir/x",
            5,
            "the directory `no/such/dir` does not exist",
        ),
        (".:/a", ".:/b", 2, "one side is `SANDBOX:PATH`"),
        (
            "nothing-there:/a",
            ".",
            5,
            "there is no sandbox `nothing-there`",
        ),
        ("-", "-", 2, "one side is `SANDBOX:PATH`"),
    ] {
        let ran = dp.run(["sandbox", "cp", from, to]);
        assert_eq!(ran.code, code, "{from} {to}: {ran}");
        assert!(ran.err().contains(words), "{from} {to}: {ran}");
    }
}

#[test]
fn a_hard_link_of_a_copy_never_takes_a_file_of_the_host() {
    // The archive names the first of two hard links by its path inside: on the host a file may
    // have that very path.
    let dp = Dp::on_engine().file("out/a", "of the host");
    sh(
        &dp,
        "mkdir /tmp/out; echo inside > /tmp/out/a; ln /tmp/out/a /tmp/out/b",
    )
    .ok();
    let ran = dp.run(["sandbox", "cp", ".:/tmp/out", "copy"]);
    if ran.code == 0 {
        let read = |name: &str| std::fs::read_to_string(dp.path(name)).expect("a file");
        assert_eq!(
            (read("copy/a"), read("copy/b")),
            ("inside\n".into(), "inside\n".into())
        );
    }
    assert_eq!(
        std::fs::read_to_string(dp.path("out/a")).expect("a file"),
        "of the host"
    );
}

#[test]
fn doctor_finds_everything_in_order() {
    let dp = Dp::on_engine();
    let rows = dp.run(["--format", "json", "doctor"]).json();
    let rows = rows.as_array().expect("a list");
    let wrong: Vec<&Value> = rows.iter().filter(|row| row["state"] != "ok").collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(
        rows.iter().any(|row| row["key"] == "docker-volume-api"),
        "{rows:?}"
    );
    let volumes = docker(&[
        "volume",
        "ls",
        "--quiet",
        "--filter",
        &format!("label={}", dp.label()),
    ]);
    assert!(
        volumes.lines().all(|name| !name.starts_with("dp-probe-")),
        "{volumes}"
    );
}

#[test]
fn completion_knows_the_sandboxes() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let names = dp.run(["__complete", "sandbox", "rm"]).ok();
    assert!(names.lines().any(|line| line == name(&dp)), "{names}");
}

#[test]
fn a_log_is_bounded_and_ends_with_the_last_words() {
    let dp = Dp::on_engine();
    let words = [
        "run",
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
        "yes 0123456789abcde | head -c 30000000; echo last",
    ];
    let mut command = dp.command(words);
    let null = std::process::Stdio::null;
    assert!(
        command
            .stdin(null())
            .stdout(null())
            .status()
            .expect("dp")
            .success()
    );
    let log = dp.run(["sandbox", "logs"]);
    assert!(
        log.out().ends_with("\nlast\n"),
        "{} bytes",
        log.stdout.len()
    );
    assert!(
        (8 << 20..17 << 20).contains(&log.stdout.len()),
        "{} bytes",
        log.stdout.len()
    );
    assert_eq!(
        dp.run(["sandbox", "logs", "-n", "2"]).ok(),
        "0123456789abcde\nlast"
    );
}
