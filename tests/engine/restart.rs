//! The engine ends under a sandbox, gently, by force, or leaving it running, and comes back: what
//! is listed is true, a session that is lost says so, and the same command goes on.

use crate::support::{DEADLINE, Dp, Forward, OwnEngine, Pty, Ran, Running, docker, wait_until};

/// Answers each line it is given.
const ECHO: &str = "echo ready; while read x; do echo got $x; done";

fn sh(dp: &Dp, script: &str) -> Ran {
    crate::sh(dp, script)
}

/// A session over the socket that is being talked to.
fn talk(dp: &Dp) -> Running {
    let talk = dp.spawn(["run", "-t", "dp-test/busybox", "shell", "-c", ECHO]);
    talk.expect("ready\n");
    talk
}

/// A session over the relay in the same sandbox, which was made before.
fn relay(dp: &Dp, forward: &Forward) -> Running {
    let address = forward.address();
    let words = ["--engine", &address, "sandbox", "exec", ".", "sh", "-c"];
    let relay = dp.spawn(words.iter().chain(&["echo ready; exec sleep 1000"]));
    relay.expect("ready\n");
    relay
}

/// The one sandbox: its ID and its state.
fn listed(dp: &Dp) -> (String, String) {
    let all = dp.run(["--format", "json", "sandbox", "ls"]).json();
    assert_eq!(all.as_array().map(Vec::len), Some(1), "{all}");
    let text = |key: &str| all[0][key].as_str().expect("text").to_string();
    (text("id"), text("state"))
}

/// 125, one error with a hint or a cause.
fn assert_lost(ran: &Ran) {
    assert_eq!(ran.code, 125, "{ran}");
    let error = ran.err();
    assert_eq!(error.matches("error: ").count(), 1, "{ran}");
    assert!(error.contains("  hint: "), "{ran}");
}

/// The sandbox is listed as stopped, and a run comes back to it and its files.
fn assert_comes_back(dp: &Dp, id: &str) {
    assert_eq!(listed(dp), (id.to_string(), "exited".into()));
    assert_eq!(sh(dp, "cat /tmp/state").ok(), "1");
    assert_eq!(listed(dp), (id.to_string(), "running".into()));
}

#[test]
fn an_engine_that_is_stopped_and_started_again() {
    let mut engine = OwnEngine::new("");
    let dp = engine.person();
    sh(&dp, "echo 1 > /tmp/state").ok();
    let (id, _) = listed(&dp);
    // An agent that was left running.
    let mut left = Pty::spawn(
        &dp,
        ["run", "shell", "-c", "echo a-$((1)); exec sleep 1000"],
    );
    left.expect("a-1");
    left.send("\x10\x11");
    assert_eq!(left.wait(), 0);
    assert!(dp.run(["sandbox", "ps"]).ok().contains("detached"));
    let words = ["sandbox", "exec", ".", "sh", "-c"];
    let script = "echo b-$((1)); exec sleep 1000";
    let mut open = Pty::spawn(&dp, words.iter().chain(&[script]));
    open.expect("b-1");
    let piped = dp.spawn(words.iter().chain(&["echo ready; exec sleep 1000"]));
    piped.expect("ready\n");
    engine.end("TERM");
    // The guest ends what runs in it before it ends itself.
    assert_eq!(open.wait(), 143);
    assert!(open.is_restored());
    assert_eq!(piped.wait().code, 143);
    let ran = dp.run(["sandbox", "ls"]);
    assert_eq!(ran.code, 6, "{ran}");
    assert!(ran.err().contains("cannot reach Docker"), "{ran}");
    engine.start();
    assert_comes_back(&dp, &id);
    assert!(!dp.run(["sandbox", "ps"]).ok().contains("detached"));
}

#[test]
fn an_engine_that_leaves_its_containers_running() {
    let mut engine = OwnEngine::new("--live-restore");
    let dp = engine.person();
    sh(&dp, "echo 1 > /tmp/state").ok();
    let (id, _) = listed(&dp);
    let forward = Forward::to(engine.socket());
    let mut talk = talk(&dp);
    let relay = relay(&dp, &forward);
    engine.end("TERM");
    assert_lost(&relay.wait());
    talk.send(b"1\n");
    talk.expect("got 1\n");
    engine.start();
    talk.send(b"2\n");
    talk.expect("got 2\n");
    assert_eq!(listed(&dp), (id, "running".into()));
    assert_eq!(sh(&dp, "cat /tmp/state").ok(), "1");
    assert_eq!(talk.wait().code, 0);
}

#[test]
fn an_engine_that_is_killed() {
    let mut engine = OwnEngine::new("");
    let dp = engine.person();
    sh(&dp, "echo 1 > /tmp/state").ok();
    let (id, _) = listed(&dp);
    let forward = Forward::to(engine.socket());
    let mut talk = talk(&dp);
    let relay = relay(&dp, &forward);
    engine.end("KILL");
    assert_lost(&relay.wait());
    talk.send(b"1\n");
    talk.expect("got 1\n");
    // What it finds running it stops.
    engine.start();
    assert_eq!(talk.wait().code, 143);
    assert_comes_back(&dp, &id);
}

#[test]
fn a_container_that_is_restarted_ends_a_session_and_the_next_enters_it() {
    let dp = Dp::on_engine();
    sh(&dp, "echo 1 > /tmp/state").ok();
    let id = dp.container();
    let script = "trap '' TERM HUP; echo ready; while :; do sleep 1; done";
    let words = ["sandbox", "exec", ".", "sh", "-c", script];
    let mut open = Pty::spawn(&dp, words);
    open.expect("ready");
    docker(&["restart", "--time", "0", &id]);
    open.expect("the sandbox went away during the session");
    assert_eq!(open.wait(), 125);
    assert!(open.is_restored());
    assert_eq!(sh(&dp, "cat /tmp/state").ok(), "1");
    assert_eq!(dp.container(), id);
}

#[test]
fn agents_of_a_file_under_an_engine_that_is_killed() {
    let mut engine = OwnEngine::new("");
    let agent =
        "name: a\ndescription: x\ncommand: 'echo run >> /workspace/runs; exec sleep 1000'\n";
    let dp = engine.person().file("a/dspatch.agent.yml", agent).file(
        "dp.yml",
        "agents: {a: {template: ./a}}\ndocker: {image: dp-test/busybox, dind: false}\n",
    );
    let runs = || {
        std::fs::read_to_string(dp.path("runs"))
            .unwrap_or_default()
            .lines()
            .count()
    };
    dp.run(["run", "--yes", "-d"]).ok();
    wait_until("it runs", DEADLINE, || runs() == 1);
    let (id, _) = listed(&dp);
    engine.end("KILL");
    engine.start();
    assert_eq!(listed(&dp), (id.clone(), "exited".into()));
    let ran = dp.run(["sandbox", "ps"]);
    assert!(ran.err().contains("does not run"), "{ran}");
    // The same command: the same container, nothing to install, the agent once more.
    dp.run(["run", "-d"]).ok();
    wait_until("it runs again", DEADLINE, || runs() == 2);
    assert_eq!(listed(&dp), (id, "running".into()));
    assert_eq!(dp.run(["sandbox", "ps"]).ok().matches("running").count(), 1);
}
