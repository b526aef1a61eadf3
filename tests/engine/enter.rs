//! Into a sandbox: created the first time, entered the second, never changed behind one's back.

use crate::sh;
use crate::support::{DEADLINE, Dp, docker, wait_until};

#[test]
fn the_same_directory_has_its_own_path_and_workspace_inside() {
    let dp = Dp::on_engine().file("notes.txt", "hello");
    let here = dp.path("");
    let here = here.trim_end_matches('/');
    let ran = sh(
        &dp,
        "pwd; cat notes.txt; echo; cat /workspace/notes.txt; echo; echo x > made",
    );
    assert_eq!(ran.ok(), format!("{here}\nhello\nhello"));
    assert_eq!(
        std::fs::read_to_string(dp.path("made")).expect("made inside"),
        "x\n"
    );
}

#[test]
fn the_second_run_enters_the_same_container() {
    let dp = Dp::on_engine();
    sh(&dp, "echo 1 > /tmp/state").ok();
    let first = dp.container();
    assert_eq!(sh(&dp, "cat /tmp/state").ok(), "1");
    assert_eq!(
        dp.run(["run", "shell", "-c", "cat /tmp/state"]).ok(),
        "1",
        "options may be left out"
    );
    assert_eq!(dp.container(), first);
}

#[test]
fn nothing_is_said_that_is_not_the_agents() {
    let dp = Dp::on_engine().home_file(".gitconfig", "[user]\nname = A\nemail = a@b\n");
    sh(&dp, "true").ok();
    let ran = sh(&dp, "printf out; printf err >&2");
    assert_eq!((ran.out(), ran.err()), ("out".into(), "err".into()));
}

#[test]
fn a_stopped_sandbox_is_started_again_with_its_files() {
    let dp = Dp::on_engine();
    sh(&dp, "echo 1 > /tmp/state").ok();
    let first = dp.container();
    docker(&["stop", "--time", "10", &first]);
    assert_eq!(sh(&dp, "cat /tmp/state").ok(), "1");
    docker(&["kill", &first]);
    assert_eq!(sh(&dp, "cat /tmp/state").ok(), "1");
    docker(&["restart", &first]);
    assert_eq!(sh(&dp, "cat /tmp/state").ok(), "1");
    assert_eq!(dp.container(), first);
}

#[test]
fn other_options_are_refused_field_by_field_and_recreate_takes_them() {
    let dp = Dp::on_engine();
    sh(&dp, "echo 1 > /tmp/state").ok();
    let first = dp.container();
    let words = [
        "--memory",
        "256m",
        "--network",
        "none",
        "shell",
        "-c",
        "cat /tmp/state; true",
    ];
    let ran = dp.run(["run"].into_iter().chain(words));
    assert_eq!((ran.code, ran.out()), (125, String::new()));
    for part in [
        "was made with other options",
        "| memory: ",
        "-> 256m",
        "| network: ",
        "-> none",
        "hint: `--recreate`",
    ] {
        assert!(ran.err().contains(part), "{part}: {ran}");
    }
    assert_eq!(dp.container(), first, "it is left alone");
    let ran = dp.run(
        ["run", "--recreate", "-t", "dp-test/busybox"]
            .into_iter()
            .chain(words),
    );
    assert_eq!((ran.code, ran.out()), (0, String::new()), "{ran}");
    assert_ne!(dp.container(), first);
    assert_eq!(dp.inspect()["HostConfig"]["Memory"], 256 << 20);
}

#[test]
fn another_image_is_a_difference_too() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let ran = dp.run(["run", "-t", "dp-test/debian", "shell", "-c", "true"]);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(
        ran.err()
            .contains("| image: dp-test/busybox -> dp-test/debian"),
        "{ran}"
    );
}

#[test]
fn the_refusal_is_exit_code_4_where_the_code_is_ours() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let ran = dp.run([
        "--format",
        "json",
        "sandbox",
        "create",
        "--pids-limit",
        "99",
        "shell",
    ]);
    assert_eq!(ran.code, 4, "{ran}");
    let error: serde_json::Value = serde_json::from_slice(&ran.stderr).expect("JSON");
    assert_eq!(error["error"]["code"], "differs");
    assert_eq!(
        error["error"]["details"],
        serde_json::json!(["pids-limit: 4096 -> 99"])
    );
}

#[test]
fn recreate_keeps_the_workspace() {
    let dp = Dp::on_engine();
    sh(&dp, "echo kept > file; echo lost > /tmp/file").ok();
    let script = "cat file; cat /tmp/file 2>/dev/null || echo none";
    let ran = dp.run([
        "run",
        "--recreate",
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
        script,
    ]);
    assert_eq!(ran.ok(), "kept\nnone");
    assert_eq!(dp.containers().len(), 1);
}

#[test]
fn a_name_makes_a_second_sandbox_of_the_same_directory() {
    let dp = Dp::on_engine();
    let named = |name: &str, script: &str| {
        dp.run([
            "run",
            "--name",
            name,
            "-t",
            "dp-test/busybox",
            "shell",
            "-c",
            script,
        ])
    };
    let (one, two) = (unique("one"), unique("two"));
    named(&one, "echo 1 > /tmp/state").ok();
    named(&two, "echo 2 > /tmp/state").ok();
    assert_eq!(
        named(&one, "cat /tmp/state; hostname").ok(),
        format!("1\n{one}")
    );
    let mut containers: Vec<String> = dp
        .containers()
        .iter()
        .map(|id| docker(&["inspect", "--format", "{{.Name}}", id]))
        .collect();
    containers.sort();
    assert_eq!(containers, [format!("/dp-{one}"), format!("/dp-{two}")]);
}

#[test]
fn a_name_that_a_sandbox_of_another_directory_has() {
    let dp = Dp::on_engine();
    let name = unique("taken");
    dp.run([
        "run",
        "--name",
        &name,
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
        "true",
    ])
    .ok();
    let first = dp.container();
    let dp = dp.at("elsewhere");
    let ran = dp.run([
        "run",
        "--name",
        &name,
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
        "true",
    ]);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(
        ran.err()
            .contains(&format!("the name `{name}` belongs to another sandbox")),
        "{ran}"
    );
    assert_eq!(dp.container(), first);
}

#[test]
fn a_name_that_somebody_elses_container_has_is_never_touched() {
    let dp = Dp::on_engine();
    let name = unique("foreign");
    let container = format!("dp-{name}");
    let label = dp.label().to_string();
    let make = [
        "create",
        "--name",
        &container,
        "--label",
        &label,
        "dp-test/busybox",
        "true",
    ];
    let id = docker(&make);
    for more in [&["--recreate"][..], &[]] {
        let words = ["run", "--name", &name, "-t", "dp-test/busybox"];
        let ran = dp.run(words.iter().chain(more).chain(&["shell", "-c", "true"]));
        assert_eq!(ran.code, 125, "{ran}");
        assert!(
            ran.err()
                .contains("is taken by a container that `dp` did not make"),
            "{ran}"
        );
        assert!(ran.err().contains("hint: `--name`"), "{ran}");
    }
    let ran = dp.run(["sandbox", "rm", "--force", &name]);
    assert_eq!(ran.code, 5, "{ran}");
    assert_eq!(
        docker(&[
            "inspect",
            "--format",
            "{{.Id}} {{.State.Status}}",
            &container
        ]),
        format!("{id} created")
    );
}

#[test]
fn a_run_in_a_subdirectory_keeps_the_place() {
    let dp = Dp::on_engine();
    let top = dp.path("");
    let dp = dp.at("src/deep");
    let words = [
        "run",
        "-w",
        &top,
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
        "pwd",
    ];
    assert_eq!(dp.run(words).ok(), dp.path("").trim_end_matches('/'));
}

#[test]
fn paths_with_spaces_colons_and_other_letters() {
    for name in [
        "a b",
        "a:b",
        "ünï☃",
        "quo'te\"s",
        "-dash",
        "new\nline",
        "$HOME",
    ] {
        let dp = Dp::on_engine().at(name).file("x", "1");
        let ran = sh(&dp, "pwd; cat x");
        let here = dp.path("");
        assert_eq!(
            ran.ok(),
            format!("{}\n1", here.trim_end_matches('/')),
            "{name}"
        );
        let listed = dp
            .run(["--format", "json", "sandbox", "inspect", "."])
            .json();
        assert_eq!(listed["workspace"], here.trim_end_matches('/'), "{name}");
    }
}

#[test]
fn a_link_to_a_directory_is_the_directory() {
    let dp = Dp::on_engine();
    std::fs::create_dir(dp.path("real")).expect("a directory");
    std::os::unix::fs::symlink("real", dp.path("link")).expect("a link");
    let run = |path: &str, script: &str| {
        dp.run([
            "run",
            "-w",
            path,
            "-t",
            "dp-test/busybox",
            "shell",
            "-c",
            script,
        ])
    };
    run("link", "echo 1 > x").ok();
    assert_eq!(run("real", "cat x").ok(), "1");
    assert_eq!(
        dp.inspect()["Config"]["Labels"]["dev.dp.workspace"],
        dp.path("real")
    );
}

#[test]
fn a_dry_run_makes_nothing_and_says_what_it_would() {
    let dp = Dp::on_engine();
    let words = [
        "--format",
        "json",
        "run",
        "--dry-run",
        "-t",
        "dp-test/busybox",
        "shell",
    ];
    let plan = dp.run(words).json();
    assert_eq!(plan["action"], "create");
    assert_eq!(dp.containers(), [""; 0]);
    sh(&dp, "true").ok();
    assert_eq!(dp.run(words).json()["action"], "enter");
    docker(&["kill", &dp.container()]);
    // Engines from 26 on list it as running for a moment longer.
    wait_until("it is listed as stopped", DEADLINE, || {
        dp.run(words).json()["action"] == "start"
    });
    let ran = dp.run([
        "--format",
        "json",
        "run",
        "--dry-run",
        "--memory",
        "1g",
        "shell",
    ]);
    assert_eq!(ran.json()["action"], "refuse");
    assert_eq!(ran.json()["differences"][0]["setting"], "memory");
    let words = [
        "--format",
        "json",
        "run",
        "--dry-run",
        "--recreate",
        "shell",
    ];
    assert_eq!(dp.run(words).json()["action"], "recreate");
    assert_eq!(
        dp.inspect()["State"]["Running"],
        false,
        "it was not started either"
    );
}

#[test]
fn environment_of_a_detached_run_is_for_all_that_comes_and_in_no_configuration() {
    let dp = Dp::on_engine()
        .env("HERE", "from here")
        .file("x.env", "OTHER=1\n");
    let words = [
        "run",
        "-t",
        "dp-test/busybox",
        "-e",
        "TOKEN=hunter2",
        "-e",
        "HERE",
        "--env-file",
        "x.env",
    ];
    let id = dp.run([&words, &["--detached", "shell"][..]].concat()).ok();
    assert!(!docker(&["inspect", &id]).contains("hunter2"));
    let script = "echo $TOKEN $HERE $OTHER";
    assert_eq!(
        dp.run(["run", "shell", "-c", script]).ok(),
        "hunter2 from here 1"
    );
    assert_eq!(
        dp.run(["sandbox", "exec", ".", "sh", "-c", script]).ok(),
        "hunter2 from here 1"
    );
    assert_eq!(
        dp.run(["run", "-e", "OTHER=2", "shell", "-c", script]).ok(),
        "hunter2 from here 2"
    );
    docker(&["restart", "--time", "0", &id]);
    assert_eq!(
        dp.run(["run", "shell", "-c", script]).ok(),
        "hunter2 from here 1"
    );
    let mode = "stat -c '%a %u' /var/lib/dp/environment.json";
    assert_eq!(
        dp.run(["sandbox", "exec", "-u", "root", ".", "sh", "-c", mode])
            .ok(),
        "600 0"
    );
    // A container that is made anew has forgotten it.
    let again = [
        "run",
        "--recreate",
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
        script,
    ];
    assert_eq!(dp.run(again).ok(), "");
}

#[test]
fn detach_prints_the_id_and_runs_no_agent() {
    let dp = Dp::on_engine();
    for option in ["-d", "--detach", "--detached"] {
        let ran = dp.run(["run", option, "-t", "dp-test/busybox", "shell"]);
        assert_eq!(ran.ok(), dp.container(), "{option}");
    }
    let processes = dp.run(["--format", "json", "sandbox", "ps", "."]).json();
    assert_eq!(processes, serde_json::json!([]));
}

#[test]
fn rm_and_stop_see_to_the_sandbox_afterwards() {
    let dp = Dp::on_engine();
    let run = |option: &str, code: &str| {
        dp.run([
            "run",
            option,
            "-t",
            "dp-test/busybox",
            "shell",
            "-c",
            &format!("exit {code}"),
        ])
    };
    assert_eq!(run("--stop", "7").code, 7);
    assert_eq!(dp.inspect()["State"]["Running"], false);
    assert_eq!(run("--rm", "8").code, 8);
    assert_eq!(dp.containers(), [""; 0]);
    let sockets = dp.home().join(".local/state/dp/s");
    let left = std::fs::read_dir(sockets).map_or(0, Iterator::count);
    assert_eq!(left, 0, "the socket's directory goes with the sandbox");
}

#[test]
fn a_missing_image_that_may_not_be_pulled() {
    let dp = Dp::on_engine();
    let ran = dp.run([
        "run",
        "--pull",
        "never",
        "-t",
        "dp-test/no-such",
        "shell",
        "-c",
        "true",
    ]);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(
        ran.err()
            .contains("error: the image `dp-test/no-such` is not there"),
        "{ran}"
    );
    assert!(
        ran.err().contains("hint: leave out `--pull never`"),
        "{ran}"
    );
    assert_eq!(dp.containers(), [""; 0]);
}

#[test]
fn a_missing_image_that_no_registry_has() {
    let dp = Dp::on_engine();
    // A registry on loopback that nobody runs: the engine's answer is quick and the same anywhere.
    let ran = dp.run(["run", "-t", "127.0.0.1:9/no-such", "shell", "-c", "true"]);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(
        ran.err()
            .contains("error: cannot pull the image `127.0.0.1:9/no-such`"),
        "{ran}"
    );
    assert!(
        ran.err().contains("  cause: ") && ran.err().contains("  hint: "),
        "{ran}"
    );
}

#[test]
fn a_reference_that_is_none() {
    let dp = Dp::on_engine();
    let ran = dp.run(["run", "-t", "Not An Image", "shell", "-c", "true"]);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(ran.err().contains("invalid reference format"), "{ran}");
    assert_eq!(dp.containers(), [""; 0]);
}

#[test]
fn an_image_without_a_shell_is_a_sandbox_like_any_other() {
    let dp = Dp::on_engine().config("[agents.hello]\ncommand = [\"/hello\"]\n");
    let ran = dp.run(["run", "-t", "dp-test/static", "hello", "3", "x y"]);
    let uid = rustix::process::getuid().as_raw();
    let here = dp.path("");
    assert_eq!(ran.code, 3, "{ran}");
    let here = here.trim_end_matches('/');
    assert_eq!(
        ran.out(),
        format!("argv[0]=/hello\nargv[1]=3\nargv[2]=x y\nuid={uid}\ncwd={here}\n")
    );
    let ran = dp.run(["sandbox", "shell", "."]);
    assert_eq!(ran.code, 127, "{ran}");
    assert_eq!(dp.run(["sandbox", "exec", ".", "/hello", "4"]).code, 4);
}

/// A name that no other test, and no other run of this one, has.
fn unique(word: &str) -> String {
    let here = tempfile::tempdir().expect("a directory");
    let id = here
        .path()
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .to_lowercase();
    format!("{word}-{}", id.trim_start_matches('.'))
}

#[test]
fn a_sandbox_of_another_build_of_dp_is_entered_as_it_is() {
    let dp = Dp::on_engine();
    sh(&dp, "echo 1 > /tmp/state").ok();
    let first = dp.container();
    let dp = dp.of_another_build();
    assert_eq!(sh(&dp, "cat /tmp/state").ok(), "1");
    docker(&["kill", &first]);
    assert_eq!(
        sh(&dp, "cat /tmp/state").ok(),
        "1",
        "its own guest starts again"
    );
    assert_eq!(dp.container(), first);
    let words = [
        "run",
        "--recreate",
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
        "echo new",
    ];
    assert_eq!(dp.run(words).ok(), "new");
    let mounts = dp.inspect()["Mounts"].to_string();
    assert!(mounts.contains(dp.guest_volume()), "{mounts}");
}

#[test]
fn a_sandbox_that_is_paused_goes_on_and_is_entered() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let id = dp.container();
    docker(&["pause", &id]);
    let ran = dp
        .spawn(["run", "shell", "-c", "echo in"])
        .wait_for(DEADLINE);
    assert_eq!((ran.ok().as_str(), ran.err().as_str()), ("in", ""));
    assert_eq!(dp.container(), id);
    assert_eq!(dp.inspect()["State"]["Paused"], false);
}

#[test]
fn the_root_directory_by_force() {
    let dp = Dp::on_engine();
    let words = [
        "run",
        "--force",
        "-w",
        "/",
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
    ];
    let script = format!("ls /workspace{}", dp.path("../home"));
    let ran = dp.run(words.iter().chain(&[script.as_str()]));
    assert_eq!(ran.code, 0, "{ran}");
}

#[test]
fn a_home_with_a_long_and_odd_path() {
    let dp = Dp::on_engine();
    let long = dp.root().join(format!("{}/a b:ü", "long-".repeat(40)));
    std::fs::create_dir_all(&long).expect("a directory");
    let dp = dp.env("HOME", &long);
    assert_eq!(sh(&dp, "echo in").ok(), "in");
    assert_eq!(
        dp.run(["sandbox", "exec", ".", "echo", "again"]).ok(),
        "again"
    );
    assert!(
        long.join(".local/state/dp/s").is_dir(),
        "the socket is there, not the relay"
    );
}
