//! `--recreate`: the old sandbox is gone when the new one is there, and not before.

use crate::sh;
use crate::support::{DEADLINE, Dp, Pty, Ran, docker, wait_until};

/// Makes the sandbox anew, with more options and another agent than its own where `words` say so.
fn recreate(dp: &Dp, words: &[&str]) -> Ran {
    let run = ["run", "--recreate"];
    let script = ["shell", "-c", "cat /tmp/state"];
    dp.run([&run[..], words, &script].concat())
}

/// What is in the one sandbox, which must run.
fn state(dp: &Dp) -> String {
    let words = ["sandbox", "exec", ".", "cat", "/tmp/state"];
    dp.run(words).ok()
}

#[test]
fn a_sandbox_that_cannot_be_made_anew_stays_as_it_was() {
    let dp = Dp::on_engine();
    sh(&dp, "echo kept > /tmp/state").ok();
    let first = dp.container();
    let busy = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = format!("{}:80", busy.local_addr().expect("bound").port());
    let twice = format!("{}:{}", dp.path("../home"), dp.here().display());
    let table: [&[&str]; 6] = [
        &["-t", "does-not/exist:nope", "--pull", "never"],
        &["-t", "127.0.0.1:9/no-such"],
        &["-t", "dp-test/busybox", "-v", &twice],
        &["-t", "dp-test/busybox", "-p", &port],
        &["-t", "dp-test/busybox", "--network", "no-such-network"],
        &["-t", "dp-test/busybox", "--dind=sysbox"],
    ];
    for words in table {
        let ran = recreate(&dp, words);
        assert_eq!(
            (ran.code, ran.out()),
            (125, String::new()),
            "{words:?}: {ran}"
        );
        assert_eq!(dp.container(), first, "{words:?}: {ran}");
        assert_eq!(state(&dp), "kept", "{words:?}");
        assert_eq!(sh(&dp, "cat /tmp/state").ok(), "kept", "{words:?}");
    }
    // One that was stopped is not started by it.
    dp.run(["sandbox", "stop", "."]).ok();
    for words in table {
        assert_eq!(recreate(&dp, words).code, 125, "{words:?}");
        assert_eq!(dp.container(), first, "{words:?}");
        assert_eq!(dp.inspect()["State"]["Running"], false, "{words:?}");
        docker(&["start", &first]);
        docker(&["kill", &first]);
    }
    assert_eq!(sh(&dp, "cat /tmp/state").ok(), "kept");
}

#[test]
fn a_build_that_fails_leaves_the_sandbox_as_it_was() {
    let probe = "[agents.probe]\ncommand = [\"no-such-program\"]\n";
    let dp = Dp::on_engine().config(probe);
    let create = ["sandbox", "create", "-t", "dp-test/busybox", "probe"];
    dp.run(create).ok();
    let first = dp.container();
    let script = ["sh", "-c", "echo kept > /tmp/state"];
    dp.run([&["sandbox", "exec", "."], &script[..]].concat())
        .ok();
    let dp = dp.config(&format!("{probe}install = \"exit 3\"\n"));
    let words = ["run", "--recreate", "-t", "dp-test/busybox", "probe"];
    let ran = dp.run(words);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(ran.err().contains("build"), "{ran}");
    assert_eq!(dp.container(), first);
    assert_eq!(state(&dp), "kept");
}

#[test]
fn a_port_of_the_old_sandbox_is_free_for_the_new_one() {
    let dp = Dp::on_engine();
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = format!("{}:80", free.local_addr().expect("bound").port());
    drop(free);
    let words = ["-t", "dp-test/busybox", "-p", &port, "--memory"];
    let script = ["shell", "-c", "true"];
    dp.run([&["run"], &words[..], &["128m"], &script].concat())
        .ok();
    let first = dp.container();
    dp.run([&["run", "--recreate"], &words[..], &["256m"], &script].concat())
        .ok();
    assert_ne!(dp.container(), first);
    assert_eq!(dp.inspect()["HostConfig"]["Memory"], 256 << 20);
}

#[test]
fn one_that_has_a_name_keeps_it() {
    let dp = Dp::on_engine();
    let name = format!("kept-{}", std::process::id());
    let create = ["sandbox", "create", "--name", &name, "-t"];
    let words = ["dp-test/busybox", "shell"];
    dp.run([&create[..], &words].concat()).ok();
    let first = dp.container();
    let ran = dp.run(
        [
            &["run", "--recreate", "-t"],
            &words[..],
            &["-c", "hostname"],
        ]
        .concat(),
    );
    assert_eq!(ran.ok(), name);
    assert_ne!(dp.container(), first);
    assert_eq!(dp.inspect()["Name"], format!("/dp-{name}"));
    let listed = dp.run(["sandbox", "exec", &name, "hostname"]);
    assert_eq!(listed.ok(), name);
    // The directory of its socket goes with it.
    dp.run(["sandbox", "rm", "--force", &name]).ok();
    let sockets = dp.home().join(".local/state/dp/s");
    let left = std::fs::read_dir(sockets).expect("it is there").count();
    assert_eq!(left, 0);
}

#[test]
fn one_that_is_paused_is_made_anew_when_that_is_meant() {
    let dp = Dp::on_engine();
    sh(&dp, "echo lost > /tmp/state").ok();
    let first = dp.container();
    docker(&["pause", &first]);
    let words = ["-t", "dp-test/busybox", "shell", "-c", "echo new"];
    let ran = dp.run([&["run", "--recreate"], &words[..]].concat());
    assert_eq!(ran.code, 125, "{ran}");
    assert!(ran.err().contains("is paused"), "{ran}");
    let ran = dp.run([&["run", "--recreate", "--yes"], &words[..]].concat());
    assert_eq!(ran.ok(), "new");
    assert_ne!(dp.container(), first);
}

#[test]
fn ten_at_once_make_one_sandbox_anew() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let first = dp.container();
    let words = [
        "run",
        "--recreate",
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
        "true",
    ];
    let running: Vec<_> = (0..10).map(|_| dp.spawn(words)).collect();
    for running in running {
        let ran = running.wait_for(DEADLINE * 2);
        // Its sandbox may have been made anew by another one under it, and then it says so.
        let is_clear = ran.code == 125 && ran.err().contains("error: ");
        assert!(ran.code == 0 || is_clear, "{ran}");
    }
    assert_eq!(sh(&dp, "echo fine").ok(), "fine");
    assert_ne!(dp.container(), first);
}

#[test]
fn what_a_killed_recreation_left_is_the_sandbox_again() {
    let dp = Dp::on_engine();
    sh(&dp, "echo kept > /tmp/state").ok();
    let first = dp.container();
    let inspected = dp
        .run(["--format", "json", "sandbox", "inspect", "."])
        .json();
    let name = inspected["name"].as_str().expect("a name").to_string();
    docker(&["kill", &first]);
    docker(&["rename", &first, &format!("dp.aside-{name}")]);
    let listed = dp.run(["sandbox", "ls", "--quiet"]).ok();
    assert!(listed.lines().any(|line| line == name), "{listed}");
    let inspected = dp
        .run(["--format", "json", "sandbox", "inspect", &name])
        .json();
    assert_eq!(inspected["id"], first);
    assert_eq!(sh(&dp, "cat /tmp/state").ok(), "kept");
    assert_eq!(dp.container(), first);
    assert_eq!(dp.inspect()["Name"], format!("/dp-{name}"));
    // And one that was replaced, but not removed yet, goes.
    let label = dp.label().to_string();
    let old = format!("dp.aside-{name}");
    let mounts = dp.inspect()["Mounts"].clone();
    let mut mounts = mounts.as_array().expect("mounts").iter();
    let guest = mounts.find(|mount| mount["Destination"] == "/.dp/bin");
    let guest = guest.expect("the guest")["Name"].clone();
    let guest = format!("{}:/.dp/bin:ro", guest.as_str().expect("a name"));
    let labels = dp.inspect()["Config"]["Labels"].clone();
    let labels: Vec<String> = labels
        .as_object()
        .expect("labels")
        .iter()
        .map(|(key, value)| format!("{key}={}", value.as_str().expect("text")))
        .collect();
    let labels = labels.iter().flat_map(|label| ["--label", label]);
    let mut words = vec!["create", "--name", &old, "--label", &label];
    words.extend(["--volume", &guest]);
    words.extend(labels);
    words.extend(["dp-test/busybox", "true"]);
    docker(&words);
    assert_eq!(dp.containers().len(), 2);
    assert_eq!(
        dp.run(["sandbox", "exec", ".", "cat", "/tmp/state"]).ok(),
        "kept"
    );
    assert_eq!(sh(&dp, "cat /tmp/state").ok(), "kept");
    wait_until("the old one goes", DEADLINE, || {
        dp.containers() == [first.clone()]
    });
}

/// A sandbox with an agent at work in it.
fn at_work(dp: &Dp) -> crate::support::Running {
    let words = ["run", "-t", "dp-test/busybox", "shell", "-c"];
    let running = dp.spawn(words.iter().chain(&["echo ready; read x; echo got $x"]));
    running.expect("ready\n");
    running
}

#[test]
fn what_runs_is_not_ended_without_a_word() {
    let dp = Dp::on_engine();
    let mut running = at_work(&dp);
    let first = dp.container();
    let words = ["-t", "dp-test/busybox", "shell", "-c", "true"];
    let ran = dp.run([&["run", "--recreate"], &words[..]].concat());
    assert_eq!(ran.code, 125, "{ran}");
    assert!(
        ran.err()
            .contains("`shell` runs in the sandbox `shell-app-"),
        "{ran}"
    );
    assert!(ran.err().contains("hint: `--yes`"), "{ran}");
    let create = ["sandbox", "create", "--recreate", "shell"];
    assert_eq!(dp.run(create).code, 4);
    running.send(b"it\n");
    assert_eq!(running.wait().ok(), "ready\ngot it");
    assert_eq!(dp.container(), first);
    for option in ["--yes", "--force"] {
        let before = dp.container();
        let running = at_work(&dp);
        dp.run([&["run", "--recreate", option], &words[..]].concat())
            .ok();
        assert_ne!(dp.container(), before, "{option}");
        assert_ne!(running.wait().code, 0);
    }
    let before = dp.container();
    dp.run([&["run", "--recreate"], &words[..]].concat()).ok();
    assert_ne!(dp.container(), before, "nothing runs");
}

#[test]
fn the_question_names_what_is_lost() {
    let dp = Dp::on_engine();
    let mut running = at_work(&dp);
    let first = dp.container();
    let ask = |words: &[&str]| {
        let script = ["shell", "-c", "true"];
        let mut pty = Pty::start(&dp, [&["run"], words, &script].concat(), 24, 200);
        pty.expect("Make shell-app-");
        pty.expect("`shell` runs in it and is ended");
        pty.expect("installed");
        pty.expect("workspace and logins are kept");
        pty.send("n\r");
        assert_eq!(pty.wait(), 125, "{}", pty.seen());
    };
    ask(&["--memory", "256m"]);
    ask(&["--recreate"]);
    running.send(b"it\n");
    assert_eq!(running.wait().ok(), "ready\ngot it");
    assert_eq!(dp.container(), first);
}

#[test]
fn what_is_not_asked_for_again_is_said() {
    let dp = Dp::on_engine().file("../data/x", "");
    let image = ["-t", "dp-test/busybox"];
    let mount = format!("{}:/data", dp.path("../data"));
    let create = ["sandbox", "create", "-v", &mount];
    dp.run([&create[..], &image, &["shell"]].concat()).ok();
    let first = dp.container();
    let more = ["--memory", "256m", "shell", "-c", "true"];
    let ran = dp.run([&["run"], &more[..]].concat());
    assert_eq!(ran.code, 125, "{ran}");
    let lost = "hint: repeat what is to stay when it is made anew: image: dp-test/busybox -> default; mounts: ";
    assert!(ran.err().contains(lost), "{ran}");
    let mut pty = Pty::start(&dp, [&["run"], &more[..]].concat(), 24, 200);
    pty.expect("memory: default -> 256m");
    pty.expect("image: dp-test/busybox -> default, not asked for again");
    pty.expect(":/data -> default, not asked for again");
    pty.expect("[y/N]");
    pty.send("n\r");
    assert_eq!(pty.wait(), 125);
    let dry = ["run", "--recreate", "--dry-run"];
    let shown = dp.run([&dry[..], &image, &more].concat()).ok();
    assert!(shown.contains("differs     memory: "), "{shown}");
    assert!(shown.contains("differs     mounts: "), "{shown}");
    assert!(!shown.contains("differs     image: "), "{shown}");
    assert_eq!(dp.container(), first);
    let ran = dp.run([&["run", "--recreate"], &image[..], &more].concat());
    assert!(ran.err().contains("not asked for again: mounts: "), "{ran}");
    assert!(!ran.err().contains("again: image"), "{ran}");
    let again = ["run", "--recreate", "--quiet"];
    assert_eq!(dp.run([&again[..], &image, &more].concat()).err(), "");
}
