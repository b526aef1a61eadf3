//! The agents of a workspace file one by one: listened to, listed, ended and started again, without
//! the others noticing.

use crate::support::{DEADLINE, Dp, Ran, Running, expect_documented, wait_until};
use rustix::process::Signal;
use serde_json::Value;

/// A team of a lead that waits for a line and of workers.
const FILE: &str = "env: {GREETING: hello}\n\
    agents:\n  lead: {template: ./lead, sub_agents: {worker: {template: ./worker, auto_start: true}}}\n\
    docker: {image: dp-test/busybox}\n";
const LEAD: &str = "echo $GREETING; read x; echo got $x";
const WORKER: &str =
    "echo at work; exec 2>/dev/null; trap 'echo ending; exit 7' TERM; while :; do sleep 0.05; done";

fn team(file: &str, lead: &str, worker: &str) -> Dp {
    let template = |name: &str, script: &str| {
        let command = serde_json::to_string(&["sh", "-c", script]).expect("text");
        format!("name: {name}\ndescription: A test\ncommand: {command}\n")
    };
    Dp::on_engine()
        .file("dp.yml", file)
        .file("lead/dspatch.agent.yml", template("lead", lead))
        .file("worker/dspatch.agent.yml", template("worker", worker))
}

/// Both run by themselves.
fn detached() -> Dp {
    let dp = team(FILE, "echo lead in; while :; do sleep 0.05; done", WORKER);
    dp.run(["run", "-d"]).ok();
    expect_log(&dp, "lead", "lead in");
    expect_log(&dp, "worker", "at work");
    dp
}

fn expect_log(dp: &Dp, key: &str, text: &str) {
    wait_until(&format!("{key} says {text}"), DEADLINE, || {
        let ran = sandbox(dp, &format!("logs . {key}"));
        ran.code == 0 && ran.out().contains(text)
    });
}

fn sandbox(dp: &Dp, line: &str) -> Ran {
    dp.run(["sandbox"].into_iter().chain(line.split(' ')))
}

fn following(dp: &Dp, line: &str) -> Running {
    dp.spawn(
        ["sandbox", "logs", "-f"]
            .into_iter()
            .chain(line.split_whitespace()),
    )
}

fn json(dp: &Dp, line: &str) -> Value {
    let words = ["--format", "json", "sandbox"].into_iter();
    dp.run(words.chain(line.split(' '))).json()
}

/// The process of an agent, as it is listed.
fn process(dp: &Dp, key: &str) -> Value {
    let all = json(dp, "ps .");
    let mut found = all.as_array().expect("a list").iter();
    let found = found.find(|process| process["key"] == key);
    found.unwrap_or_else(|| panic!("{key} in {all}")).clone()
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn the_logs_of_all_agents_have_their_names_in_front_and_one_has_none() {
    let dp = detached();
    let all = ["lead   | lead in", "worker | at work"];
    assert_eq!(sorted(&sandbox(&dp, "logs").ok()), all);
    assert_eq!(sandbox(&dp, "logs lead").ok(), "lead in");
    assert_eq!(sandbox(&dp, "logs . worker").ok(), "at work");
    let everybody = following(&dp, "");
    // Whoever is faster comes first.
    everybody.expect("\n");
    everybody.expect("\n");
    let one = following(&dp, "worker");
    one.expect("at work\n");
    sandbox(&dp, "stop --agent worker").ok();
    everybody.expect("worker | ending\n");
    one.expect("ending\n");
    let [everybody, one] = [everybody, one].map(|running| {
        running.signal(Signal::INT);
        running.wait()
    });
    assert_eq!((everybody.code, one.code), (130, 130));
    let all = ["lead   | lead in", "worker | at work", "worker | ending"];
    assert_eq!(sorted(&everybody.out()), all);
    assert_eq!(one.out(), "at work\nending\n");
    assert_eq!(process(&dp, "lead")["exit"], Value::Null, "it goes on");
    assert_eq!(sandbox(&dp, "logs .").ok().lines().count(), all.len());
    sandbox(&dp, "stop .").ok();
    assert_eq!(sorted(&sandbox(&dp, "logs -f").ok()), all, "from the files");
    assert_eq!(sandbox(&dp, "logs -n 1 worker").ok(), "ending");
    let ran = sandbox(&dp, "logs . wroker");
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.err().contains("did you mean `worker`?"), "{ran}");
    // The guest has forgotten who ran, the files have not.
    sandbox(&dp, "start .").ok();
    assert_eq!(sorted(&sandbox(&dp, "logs").ok()), all);
}

#[test]
fn a_word_that_is_a_sandbox_is_no_agent_and_one_that_is_neither_is_refused() {
    let dp = team(FILE, "echo in", WORKER);
    let ran = sandbox(&dp, "logs lead");
    assert_eq!(ran.code, 5, "there is no sandbox yet: {ran}");
    let words = ["run", "-d", "--name", "worker"];
    dp.run(words).ok();
    expect_log(&dp, "lead", "in");
    expect_log(&dp, "worker", "at work");
    let log = sandbox(&dp, "logs worker").ok();
    assert_eq!(
        sorted(&log),
        ["lead   | in", "worker | at work"],
        "the sandbox"
    );
    let ran = sandbox(&dp, "logs laed");
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.err().contains("there is no sandbox `laed`"), "{ran}");
    assert!(ran.err().contains("the agent `lead` is"), "{ran}");
}

#[test]
fn a_reader_that_has_had_enough_ends_what_follows() {
    let dp = team(FILE, "while :; do echo on; sleep 0.05; done", WORKER);
    dp.run(["run", "-d"]).ok();
    expect_log(&dp, "lead", "on");
    for line in ["", "lead"] {
        let mut running = following(&dp, line);
        running.expect("on\n");
        running.close_stdout();
        assert_eq!(running.wait().code, 0, "{line:?}");
    }
    assert_eq!(process(&dp, "lead")["exit"], Value::Null);
}

#[test]
fn one_agent_is_stopped_started_and_restarted_and_the_others_go_on() {
    let dp = detached();
    let lead = process(&dp, "lead")["pid"].clone();
    let stopped = json(&dp, "stop --agent worker");
    expect_documented("sandbox stop", &stopped);
    expect_documented("agents", &stopped["agents"]);
    assert_eq!(stopped["agents"][0]["key"], "worker");
    let worker = process(&dp, "worker");
    assert_eq!(worker["exit"]["code"], 7, "it was asked to end");
    let list = sandbox(&dp, "ps").ok();
    assert!(
        list.contains("exited 7") && list.contains("  running  "),
        "{list}"
    );
    assert_eq!(sandbox(&dp, "stop --agent worker").ok(), "nothing to do");
    let said = sandbox(&dp, "start --agent worker .").ok();
    assert!(said.starts_with("started worker in team-app-"), "{said}");
    let again = process(&dp, "worker");
    assert!(
        again["exit"].is_null() && again["pid"] != worker["pid"],
        "{again}"
    );
    assert_eq!(again["argv"], worker["argv"]);
    assert_eq!(sandbox(&dp, "start --agent worker").ok(), "nothing to do");
    expect_documented("sandbox restart", &json(&dp, "restart --agent worker"));
    let third = process(&dp, "worker");
    assert!(
        third["exit"].is_null() && third["pid"] != again["pid"],
        "{third}"
    );
    assert_eq!(process(&dp, "lead")["pid"], lead);
    let ran = sandbox(&dp, "stop --agent lead --agent wroker");
    assert_eq!(ran.code, 5, "{ran}");
    for words in [
        "no agent `wroker` has run",
        "are `lead` and `worker`",
        "did you mean `worker`?",
    ] {
        assert!(ran.err().contains(words), "{ran}");
    }
    assert_eq!(process(&dp, "lead")["pid"], lead, "nothing was done");
}

#[test]
fn a_key_stands_for_all_instances_and_a_number_for_one() {
    let file =
        "agents: {w: {template: ./worker, instances: 3}}\ndocker: {image: dp-test/busybox}\n";
    let dp = team(file, LEAD, WORKER);
    dp.run(["run", "-d"]).ok();
    let keys = |answer: &Value| -> Vec<String> {
        let all = answer.as_array().expect("a list").iter();
        all.map(|one| one["key"].as_str().expect("text").to_string())
            .collect()
    };
    for number in 1..=3 {
        expect_log(&dp, &format!("w.{number}"), "at work");
    }
    assert_eq!(keys(&json(&dp, "stop --agent w.2")["agents"]), ["w.2"]);
    assert_eq!(keys(&json(&dp, "stop --agent w")["agents"]), ["w.1", "w.3"]);
    let all = ["w.1", "w.2", "w.3"];
    assert_eq!(keys(&json(&dp, "restart --agent w")["agents"]), all);
    assert_eq!(keys(&json(&dp, "ps")), all);
    let log = sandbox(&dp, "logs w").ok();
    assert!(
        all.iter()
            .all(|key| log.contains(&format!("{key} | at work"))),
        "{log}"
    );
    let ran = sandbox(&dp, "attach . w");
    assert!(ran.err().contains("`w` stands for 3 agents"), "{ran}");
}

#[test]
fn what_does_not_run_has_no_agents_to_stop_and_a_restart_of_all_forgets_them() {
    let dp = detached();
    let restarted = json(&dp, "restart .");
    expect_documented("sandbox restart", &restarted);
    assert_eq!(restarted["names"].as_array().map(Vec::len), Some(1));
    assert_eq!(json(&dp, "ps"), serde_json::json!([]));
    let ran = sandbox(&dp, "restart --agent lead");
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.err().contains("hint: `dp run` starts"), "{ran}");
    dp.run(["run", "-d"]).ok();
    assert_eq!(process(&dp, "lead")["exit"], Value::Null);
    sandbox(&dp, "stop .").ok();
    let ran = sandbox(&dp, "stop --agent lead");
    assert_eq!(ran.code, 4, "{ran}");
    assert!(ran.err().contains("does not run"), "{ran}");
}

#[test]
fn ps_lists_agents_as_they_are_and_everything_when_asked() {
    let file = FILE.replace("busybox", "debian");
    let dp = team(&file, "echo lead in; read x", WORKER).file("worker/pre_install.sh", "echo step");
    dp.run(["run", "-d"]).ok();
    expect_log(&dp, "worker", "at work");
    sandbox(&dp, "restart --agent worker").ok();
    let mut command = dp.spawn(["sandbox", "exec", ".", "sh", "-c", "echo in; read x"]);
    command.expect("in\n");
    let keys = |line: &str| -> Vec<Option<String>> {
        let all = json(&dp, line);
        let all = all.as_array().expect("a list").iter();
        all.map(|one| one["key"].as_str().map(str::to_string))
            .collect()
    };
    let some = |key: &str| Some(key.to_string());
    assert_eq!(keys("ps"), [some("lead"), some("worker"), None]);
    let all = keys("ps --all");
    assert_eq!(all.iter().filter(|key| **key == some("worker")).count(), 2);
    let is_step = |key: &&Option<String>| {
        key.as_deref()
            .is_some_and(|key| key.starts_with(":worker:"))
    };
    assert_eq!(all.iter().filter(is_step).count(), 1, "{all:?}");
    let names = "lead   | lead in";
    assert!(
        sandbox(&dp, "logs").ok().contains(names),
        "steps are left out of logs too"
    );
    expect_documented("sandbox ps", &json(&dp, "ps --all"));
    command.send(b"x\n");
    command.wait().ok();
    assert_eq!(keys("ps ."), [some("lead"), some("worker")]);
}

#[test]
fn attach_takes_the_key_of_an_agent() {
    let dp = team(FILE, LEAD, WORKER);
    let mut running = dp.spawn(["run"]);
    running.expect("hello\n");
    let attach = |count: usize, words: &[&str]| {
        let other = dp.spawn([&["sandbox", "attach"], words].concat());
        wait_until("it looks too", DEADLINE, || {
            process(&dp, "lead")["attached"] == count
        });
        other
    };
    let others = [attach(2, &[".", "lead"]), attach(3, &["lead"])];
    running.send(b"it\n");
    running.expect("got it\n");
    assert_eq!(running.wait().code, 0);
    for other in others {
        assert!(other.wait().ok().ends_with("got it"));
    }
    let ran = sandbox(&dp, "attach . lead");
    assert_eq!(ran.code, 125, "{ran}");
    assert!(ran.err().contains("no agent `lead` runs"), "{ran}");
    let ran = sandbox(&dp, "attach . laed");
    assert!(ran.err().contains("did you mean `lead`?"), "{ran}");
}

#[test]
fn whoever_came_to_a_detached_agent_and_is_killed_does_not_take_it_along() {
    let dp = detached();
    sandbox(&dp, "restart --agent lead").ok();
    for key in ["lead", "worker"] {
        let visitor = dp.spawn(["sandbox", "attach", ".", key]);
        let attached = |count: usize| {
            wait_until("clients come and go", DEADLINE, || {
                process(&dp, key)["attached"] == count
            });
        };
        attached(1);
        visitor.signal(Signal::KILL);
        attached(0);
        assert_eq!(process(&dp, key)["exit"], Value::Null, "{key}");
    }
}

#[test]
fn the_end_of_one_agent_is_not_the_end_of_another() {
    let dp = team(FILE, "echo done", WORKER);
    let ran = dp.run(["run", "--quiet"]);
    assert_eq!(ran.ok(), "done");
    let worker = process(&dp, "worker");
    assert!(worker["exit"].is_null(), "{worker}");
    let ran = dp.run(["run"]);
    assert!(ran.err().contains("worker goes on in team-app-"), "{ran}");
    assert_eq!(
        process(&dp, "worker")["pid"],
        worker["pid"],
        "it is the same"
    );
}

#[test]
fn a_crash_beside_the_one_that_is_looked_at_is_told_with_its_last_lines() {
    let crash = "for i in 1 2 3 4 5 6 7; do echo line $i; done; exit 9";
    let dp = team(FILE, LEAD, crash);
    let mut running = dp.spawn(["run"]);
    running.expect("hello\n");
    wait_until("it crashed", DEADLINE, || {
        process(&dp, "worker")["exit"]["code"] == 9
    });
    assert_eq!(
        process(&dp, "lead")["exit"],
        Value::Null,
        "and the other goes on"
    );
    running.send(b"it\n");
    let ran = running.wait();
    assert_eq!(
        (ran.code, ran.out()),
        (0, "hello\ngot it\n".into()),
        "{ran}"
    );
    assert!(
        ran.err()
            .contains("warning: worker ended with exit code 9\n"),
        "{ran}"
    );
    assert!(
        ran.err().contains("  line 3\n") && ran.err().contains("  line 7\n"),
        "{ran}"
    );
    assert!(!ran.err().contains("line 2\n"), "only the last ones: {ran}");
}

#[test]
fn a_path_stands_for_the_workspace_that_its_file_names() {
    let file = FILE.replace("env:", "workspace_dir: elsewhere\nenv:");
    let dp = team(&file, "echo in", WORKER).file("elsewhere/x", "");
    dp.run(["run", "-d"]).ok();
    let workspace = json(&dp, "inspect .")["workspace"].clone();
    assert_eq!(workspace, dp.path("elsewhere"));
    let below = dp.at("below/it");
    assert_eq!(sandbox(&below, "exec . pwd").ok(), "/workspace");
    expect_log(&below, "lead", "in");
    assert_eq!(json(&below, "ps .").as_array().map(Vec::len), Some(2));
    below.run(["run", "-d"]).ok();
    assert_eq!(below.containers().len(), 1, "it is the same");
    // A sandbox of this very directory comes first.
    let here = [
        "run",
        "-w",
        ".",
        "-d",
        "--no-file",
        "-t",
        "dp-test/busybox",
        "shell",
    ];
    below.run(here).ok();
    assert_eq!(json(&below, "inspect .")["agent"], "shell");
    sandbox(&below, "rm --force .").ok();
    assert_eq!(json(&below, "inspect .")["agent"], "team");
    assert!(sandbox(&below, "stop .").ok().starts_with("stopped team-"));
    assert!(sandbox(&below, "start .").ok().starts_with("started team-"));
    assert!(
        sandbox(&below, "rm --force .")
            .ok()
            .starts_with("removed team-")
    );
    assert_eq!(sandbox(&below, "inspect .").code, 5);
}
