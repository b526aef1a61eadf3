//! The engine's socket spoiled at every call of a run, and `dp` killed at every one: the failure has
//! words, nothing hangs, and the next run takes over whatever is there.

use crate::support::{DEADLINE, Dp, Fault, Proxy, Ran, docker, wait_until};
use rustix::process::Signal;
use std::time::Duration;

/// More calls than any run makes.
const ENOUGH: usize = 40;
const RUN: [&str; 6] = ["run", "-t", "dp-test/busybox", "shell", "-c", "echo done"];

fn person() -> (Dp, Proxy) {
    let dp = Dp::on_engine();
    let proxy = Proxy::new(dp.root());
    let address = proxy.address();
    (dp.env("DOCKER_HOST", address), proxy)
}

/// As a person whose guest was never delivered, so that every step of a run is a call.
fn newcomer() -> (Dp, Proxy) {
    let (dp, proxy) = person();
    (dp.of_another_build(), proxy)
}

/// What a failure must be: 125, an error with a cause or a hint, and no agent's output.
fn assert_clear(ran: &Ran, when: &str) {
    assert_eq!(ran.code, 125, "{when}: {ran}");
    assert_eq!(ran.out(), "", "{when}: {ran}");
    let error = ran.err();
    assert_eq!(error.matches("error: ").count(), 1, "{when}: {ran}");
    assert!(
        error.contains("\n  cause: ") || error.contains("\n  hint: "),
        "{when}: {ran}"
    );
}

/// The next run, without faults, succeeds, and there is one sandbox.
fn assert_recovers(dp: &Dp, when: &str) {
    let ran = dp.spawn(RUN).wait_for(DEADLINE);
    assert_eq!(
        (ran.code, ran.out().as_str()),
        (0, "done\n"),
        "after {when}: {ran}"
    );
    assert_eq!(dp.containers().len(), 1, "after {when}");
}

/// Spoils the n-th call, for every n until a run makes fewer; `prepare` makes what is there before.
fn spoil_every_call(dp: &Dp, proxy: &Proxy, fault: Fault, prepare: impl Fn()) -> usize {
    for number in 1..ENOUGH {
        proxy.heal();
        prepare();
        proxy.spoil(number, fault);
        let ran = dp.spawn(RUN).wait_for(DEADLINE);
        let calls = proxy.calls();
        proxy.heal();
        if calls.len() < number {
            assert_eq!((ran.code, ran.out().as_str()), (0, "done\n"), "{ran}");
            return number - 1;
        }
        let when = format!("{fault:?} of call {number}, `{}`", calls[number - 1]);
        if matches!(fault, Fault::Delay(_)) {
            assert_eq!(
                (ran.code, ran.out().as_str()),
                (0, "done\n"),
                "{when}: {ran}"
            );
        } else if ran.code == 0 {
            assert_eq!(ran.out(), "done\n", "{when}: {ran}");
        } else {
            assert_clear(&ran, &when);
        }
        assert_recovers(dp, &when);
    }
    panic!("a run makes fewer than {ENOUGH} calls");
}

/// Everything that was made, the helper of a delivery included.
fn remove(dp: &Dp) {
    let filter = format!("label={}", dp.label());
    for container in docker(&["ps", "--all", "--quiet", "--filter", &filter]).lines() {
        docker(&["rm", "--force", container]);
    }
}

fn forget_guest(dp: &Dp) {
    remove(dp);
    let volume = dp.guest_volume();
    let there = docker(&[
        "volume",
        "ls",
        "--quiet",
        "--filter",
        &format!("name={volume}"),
    ]);
    if !there.is_empty() {
        docker(&["volume", "rm", volume]);
    }
}

/// List; the image's ID (a container that was made by ID is listed four times as fast), the network and, at the
/// same time, the volumes of these names; create, start. And list alone when it runs.
#[test]
fn a_run_where_nothing_is_missing_makes_six_calls() {
    let (dp, proxy) = person();
    dp.run(RUN).ok();
    remove(&dp);
    proxy.heal();
    dp.run(RUN).ok();
    let calls = proxy.calls();
    assert_eq!(calls.len(), 6, "{calls:?}");
    proxy.heal();
    dp.run(RUN).ok();
    assert_eq!(proxy.calls().len(), 1, "{:?}", proxy.calls());
}

#[test]
fn calls_that_are_cut() {
    let (dp, proxy) = newcomer();
    let calls = spoil_every_call(&dp, &proxy, Fault::Cut, || forget_guest(&dp));
    assert!(calls >= 6, "the guest was delivered: {calls}");
}

#[test]
fn calls_whose_answer_is_lost() {
    let (dp, proxy) = newcomer();
    let calls = spoil_every_call(&dp, &proxy, Fault::Swallow, || forget_guest(&dp));
    assert!(calls >= 6, "the guest was delivered: {calls}");
}

#[test]
fn calls_that_the_engine_fails() {
    let (dp, proxy) = newcomer();
    let calls = spoil_every_call(&dp, &proxy, Fault::Answer(500), || forget_guest(&dp));
    assert!(calls >= 6, "the guest was delivered: {calls}");
}

#[test]
fn calls_that_are_held_back() {
    let (dp, proxy) = newcomer();
    let fault = Fault::Delay(Duration::from_millis(400));
    let calls = spoil_every_call(&dp, &proxy, fault, || forget_guest(&dp));
    assert!(calls >= 6, "the guest was delivered: {calls}");
}

#[test]
fn every_fault_while_a_stopped_sandbox_is_started() {
    let (dp, proxy) = person();
    dp.run(RUN).ok();
    for fault in [Fault::Cut, Fault::Swallow, Fault::Answer(500)] {
        let calls = spoil_every_call(&dp, &proxy, fault, || {
            docker(&["stop", "--time", "10", &dp.container()]);
        });
        assert!(calls >= 2, "{calls}");
    }
}

#[test]
fn an_engine_that_ends_in_the_middle_does_not_end_a_session() {
    let (dp, proxy) = person();
    let words = [
        "run",
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
        "echo ready; read x; echo got $x",
    ];
    let mut running = dp.spawn(words);
    running.expect("ready\n");
    // The socket of the sandbox needs no engine.
    std::fs::remove_file(dp.root().join("proxy.sock")).expect("the proxy's socket");
    drop(proxy);
    running.send(b"it\n");
    assert_eq!(running.wait().ok(), "ready\ngot it");
    let ran = dp.run(["sandbox", "exec", ".", "true"]);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(ran.err().contains("cannot reach Docker"), "{ran}");
}

#[test]
fn a_sandbox_that_is_taken_away_before_the_session_is_said_to_be() {
    for (command, words) in [
        ("kill", "was stopped meanwhile"),
        ("rm", "was removed meanwhile"),
    ] {
        let (dp, proxy) = person();
        dp.run(RUN).ok();
        let id = dp.container();
        // Without its socket, the way in is a call that can be held back.
        std::fs::remove_file(super::guest::socket(&dp)).expect("it is there");
        proxy.spoil(2, Fault::Delay(Duration::from_secs(1)));
        let running = dp.spawn(["sandbox", "exec", ".", "true"]);
        wait_until("dp comes", DEADLINE, || proxy.calls().len() >= 2);
        let force: &[&str] = if command == "rm" { &["--force"] } else { &[] };
        docker(&[&[command], force, &[&id]].concat());
        let ran = running.wait();
        assert_clear(&ran, command);
        assert!(ran.err().contains(words), "{ran}");
        assert!(ran.err().contains("hint: `dp run shell`"), "{ran}");
    }
}

/// Signals a first run of `dp` while its n-th call is held back, for every n.
fn kill_at_every_call(signal: Signal, is_clear: impl Fn(&Ran, &str)) {
    let (dp, proxy) = newcomer();
    let prepare = || forget_guest(&dp);
    let calls = kill_in_turn(&dp, &proxy, &RUN, signal, prepare, |ran, when| {
        is_clear(ran, when);
        proxy.heal();
        assert_recovers(&dp, when);
    });
    assert!(calls >= 6, "the guest was delivered: {calls}");
}

/// Signals `dp` while its n-th call is held back, for every n until a run makes fewer.
fn kill_in_turn(
    dp: &Dp,
    proxy: &Proxy,
    words: &[&str],
    signal: Signal,
    prepare: impl Fn(),
    check: impl Fn(&Ran, &str),
) -> usize {
    let hold = Fault::Delay(Duration::from_secs(2));
    for number in 1..ENOUGH {
        proxy.heal();
        prepare();
        proxy.spoil(number, hold);
        let mut running = dp.spawn(words);
        wait_until("the call comes, or the end", DEADLINE, || {
            proxy.calls().len() >= number || running.has_ended()
        });
        if proxy.calls().len() < number {
            return number - 1;
        }
        running.try_signal(signal);
        let ran = running.wait();
        let call = proxy.calls()[number - 1].clone();
        check(&ran, &format!("{signal:?} in call {number}, `{call}`"));
    }
    panic!("a run makes fewer than {ENOUGH} calls");
}

const RECREATE: [&str; 7] = [
    "run",
    "--recreate",
    "-t",
    "dp-test/busybox",
    "shell",
    "-c",
    "echo new > /tmp/state",
];

/// After a recreation that went wrong there is one sandbox, the old or the new, and it works.
fn assert_nothing_is_lost(dp: &Dp, when: &str) {
    let words = ["run", "shell", "-c", "cat /tmp/state || echo new"];
    let ran = dp.spawn(words).wait_for(DEADLINE);
    assert_eq!(ran.code, 0, "after {when}: {ran}");
    let state = ran.out();
    assert!(
        ["old\n", "new\n"].contains(&state.as_str()),
        "{when}: {ran}"
    );
    let is_old = docker(&["exec", &dp.container(), "ls", "/tmp"]).contains("old");
    assert_eq!(is_old, state == "old\n", "after {when}");
}

fn make_old(dp: &Dp) {
    remove(dp);
    let script = "echo old > /tmp/state; touch /tmp/old";
    let words = ["run", "-t", "dp-test/busybox", "shell", "-c", script];
    dp.run(words).ok();
}

#[test]
fn dp_is_killed_in_every_call_of_a_recreation() {
    let (dp, proxy) = person();
    for signal in [Signal::KILL, Signal::INT] {
        let prepare = || make_old(&dp);
        let calls = kill_in_turn(&dp, &proxy, &RECREATE, signal, prepare, |_, when| {
            proxy.heal();
            assert_nothing_is_lost(&dp, when);
        });
        assert!(calls >= 7, "{calls}");
    }
}

/// What runs under the name of the one sandbox, at this moment: nothing has to come back first.
fn works_at_once(dp: &Dp, name: &str, when: &str) -> String {
    let format = "{{.State.Running}} {{.Id}}";
    let shown = docker(&["inspect", "--format", format, name]);
    let id = shown.strip_prefix("true ").unwrap_or_default();
    assert!(
        dp.containers().iter().any(|one| one == id),
        "{when}: {shown}"
    );
    id.to_string()
}

#[test]
fn a_recreation_that_is_interrupted_brings_the_old_one_back_at_once() {
    let (dp, proxy) = person();
    let old = std::cell::RefCell::new((String::new(), String::new()));
    let prepare = || {
        make_old(&dp);
        let name = dp.inspect()["Name"].as_str().expect("a name").to_string();
        *old.borrow_mut() = (dp.container(), name);
        proxy.heal();
    };
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let calls = kill_in_turn(&dp, &proxy, &RECREATE, signal, prepare, |ran, when| {
            assert_eq!(ran.code, code, "{when}: {ran}");
            let (old, name) = &*old.borrow();
            let works = works_at_once(&dp, name, when);
            // The last call removes the old one, when the new one is there.
            let is_replaced = when.contains("`DELETE ");
            assert_eq!(works == *old, !is_replaced, "{when}");
            assert_eq!(
                dp.containers().len(),
                1 + usize::from(is_replaced),
                "{when}"
            );
            let is_begun = proxy.calls().iter().any(|call| call.contains("/stop"));
            let is_taken_back = ran.err().contains("the sandbox is as it was");
            assert_eq!(is_taken_back, is_begun && !is_replaced, "{when}: {ran}");
            proxy.heal();
            assert_nothing_is_lost(&dp, when);
        });
        assert!(calls >= 7, "{calls}");
    }
}

#[test]
fn a_recreation_is_interrupted_while_the_engine_stops_the_old_one() {
    let (dp, proxy) = person();
    make_old(&dp);
    let first = dp.container();
    let name = dp.inspect()["Name"].as_str().expect("a name").to_string();
    // It does not end when it is asked to: that takes seconds.
    let words = [
        "run",
        "shell",
        "-c",
        "trap '' TERM; echo up; while :; do sleep 1; done",
    ];
    let anew = [
        "run",
        "--recreate",
        "--yes",
        "-t",
        "dp-test/busybox",
        "shell",
    ];
    let stubborn = dp.spawn(words);
    stubborn.expect("up\n");
    proxy.heal();
    let running = dp.spawn(anew);
    wait_until("it is stopped", DEADLINE, || {
        proxy.calls().iter().any(|call| call.contains("/stop"))
    });
    running.signal(Signal::INT);
    let ran = running.wait();
    assert_eq!(ran.code, 130, "{ran}");
    assert!(ran.err().contains("the sandbox is as it was"), "{ran}");
    assert_eq!(works_at_once(&dp, &name, "a stop"), first);
    assert_ne!(stubborn.wait().code, 0);
    // Who does not want to wait leaves it to the next run.
    let stubborn = dp.spawn(words);
    stubborn.expect("up\n");
    proxy.heal();
    let running = dp.spawn(anew);
    let stops = || {
        let calls = proxy.calls();
        calls.iter().filter(|call| call.contains("/stop")).count()
    };
    wait_until("it is stopped", DEADLINE, || stops() == 1);
    running.signal(Signal::INT);
    running.expect_err("taking it back; interrupt again to leave that to the next run");
    wait_until("it is taken back", DEADLINE, || stops() == 2);
    running.signal(Signal::INT);
    let ran = running.wait();
    assert_eq!(ran.code, 130, "{ran}");
    assert!(ran.err().contains("next run"), "{ran}");
    assert_nothing_is_lost(&dp, "two signals");
    assert_eq!(dp.container(), first);
}

#[test]
fn every_fault_in_a_recreation() {
    let (dp, proxy) = person();
    for fault in [Fault::Cut, Fault::Swallow, Fault::Answer(500)] {
        for number in 1..ENOUGH {
            proxy.heal();
            make_old(&dp);
            proxy.spoil(number, fault);
            let ran = dp.spawn(RECREATE).wait_for(DEADLINE);
            let calls = proxy.calls();
            proxy.heal();
            if calls.len() < number {
                assert!(number > 7, "{calls:?}");
                break;
            }
            let when = format!("{fault:?} of call {number}, `{}`", calls[number - 1]);
            if ran.code != 0 {
                assert_clear(&ran, &when);
            }
            assert_nothing_is_lost(&dp, &when);
        }
    }
}

#[test]
fn a_name_that_is_taken_before_its_container_can_be_seen_is_waited_for() {
    // While the engine creates a container, its name is taken and nobody can look at it yet.
    let (dp, proxy) = person();
    dp.run(RUN).ok();
    remove(&dp);
    let taken = (0..10).flat_map(|turn| {
        let (create, look) = (5 + 2 * turn, 6 + 2 * turn);
        [(create, Fault::Answer(409)), (look, Fault::Answer(404))]
    });
    proxy.spoil_all(taken.collect());
    let ran = dp.spawn(RUN).wait_for(DEADLINE);
    assert_eq!((ran.code, ran.out().as_str()), (0, "done\n"), "{ran}");
    let calls = proxy.calls();
    assert!(calls.len() >= 25, "ten attempts were spoiled: {calls:?}");
}

#[test]
fn a_helper_that_is_removed_under_a_delivery_was_of_somebody_who_delivered() {
    let (dp, proxy) = newcomer();
    let spoil_sending = |status| {
        forget_guest(&dp);
        // List, image, volumes, network, create, start; create the helper, look into it, send.
        proxy.spoil(9, Fault::Answer(status));
        let ran = dp.spawn(RUN).wait_for(DEADLINE);
        assert!(proxy.calls()[8].starts_with("PUT "), "{:?}", proxy.calls());
        ran
    };
    assert_eq!(spoil_sending(500).code, 125);
    assert_eq!(spoil_sending(404).ok(), "done");
}

#[test]
fn dp_is_killed_in_every_call_and_the_next_run_takes_over() {
    kill_at_every_call(Signal::KILL, |ran, when| {
        assert_eq!(ran.code, 137, "{when}: {ran}");
    });
}

#[test]
fn dp_is_interrupted_in_every_call_and_says_so() {
    kill_at_every_call(Signal::INT, |ran, when| {
        assert_eq!(ran.code, 130, "{when}: {ran}");
        assert_eq!(ran.out(), "", "{when}");
    });
}

#[test]
fn dp_is_terminated_in_every_call_and_says_so() {
    kill_at_every_call(Signal::TERM, |ran, when| {
        assert_eq!(ran.code, 143, "{when}: {ran}");
        assert_eq!(ran.out(), "", "{when}");
    });
}

#[test]
fn a_helper_that_was_left_behind_is_taken_for_dead_when_it_is_old() {
    // The lock of the delivery is a container: one that a killed `dp` left must not block for ever.
    let (dp, _proxy) = newcomer();
    let volume = dp.guest_volume();
    let labels = ["dev.dp.managed=true", "dev.dp.kind=guest", dp.label()];
    let labels: Vec<&str> = labels
        .iter()
        .flat_map(|label| ["--label", *label])
        .collect();
    docker(&[&["volume", "create"], &labels[..], &[volume]].concat());
    let mount = format!("{volume}:/.dp/bin");
    let make = ["create", "--name", volume, "--volume", &mount];
    docker(&[&make[..], &labels, &["dp-test/busybox", "true"]].concat());
    let ran = dp.spawn(RUN).wait_for(DEADLINE);
    assert_eq!((ran.code, ran.out().as_str()), (0, "done\n"), "{ran}");
}

#[test]
fn the_sandboxs_directory_that_was_cleaned_away_is_made_again() {
    let (dp, _proxy) = person();
    dp.run(RUN).ok();
    docker(&["stop", "--time", "10", &dp.container()]);
    std::fs::remove_dir_all(dp.home().join(".local")).expect("the state directory");
    assert_recovers(&dp, "the state directory was removed");
    std::fs::remove_dir_all(dp.home().join(".local")).expect("the state directory");
    assert_recovers(&dp, "the state directory was removed while it ran");
}

#[test]
fn the_guests_volume_that_was_removed_is_filled_again() {
    let (dp, _proxy) = newcomer();
    dp.run(RUN).ok();
    forget_guest(&dp);
    assert_recovers(&dp, "the volume was removed");
}

/// Longer than a call may take as a whole.
const GIVEN_UP: Duration = Duration::from_secs(150);

/// The answer of a call begins and goes on for ever, by a byte now and then.
#[test]
fn an_answer_that_trickles_is_given_up_and_the_engine_is_named() {
    let table: [(&[&str], usize); 9] = [
        (&["sandbox", "ls"], 1),
        (&RUN, 1),
        (&RUN, 2),
        (&["sandbox", "stop", "."], 1),
        (&["sandbox", "rm", "--force", "."], 1),
        (&["sandbox", "inspect", "."], 1),
        (&["volumes", "ls"], 1),
        (&["image", "ls"], 1),
        (&["doctor"], 1),
    ];
    let people = table.map(|(words, number)| {
        let (dp, proxy) = person();
        proxy.spoil(number, Fault::Trickle);
        let running = dp.spawn(words);
        (dp, proxy, running)
    });
    for ((dp, proxy, running), (words, number)) in people.into_iter().zip(table) {
        let ran = running.wait_for(GIVEN_UP);
        let when = format!("{words:?}, call {number}, {:?}", proxy.calls());
        assert_ne!(ran.code, 0, "{when}: {ran}");
        let said = ran.out() + &ran.err();
        assert!(said.contains("did not answer in time"), "{when}: {ran}");
        assert!(said.contains(&proxy.address()), "{when}: {ran}");
        assert!(said.contains("`docker info` tells"), "{when}: {ran}");
        drop(dp);
    }
}

#[test]
fn an_answer_that_trickles_is_left_by_ctrl_c() {
    for words in [&["sandbox", "ls"][..], &RUN] {
        let (dp, proxy) = person();
        proxy.spoil(1, Fault::Trickle);
        let running = dp.spawn(words);
        wait_until("it asks", DEADLINE, || !proxy.calls().is_empty());
        running.signal(Signal::INT);
        let ran = running.wait_for(DEADLINE);
        assert_eq!(ran.code, 130, "{words:?}: {ran}");
    }
}

/// No answer needs so much, whatever it says.
#[test]
fn an_answer_without_end_is_not_kept() {
    for status in [200, 500] {
        for words in [&["sandbox", "ls"][..], &["image", "ls"], &["doctor"], &RUN] {
            let (dp, proxy) = person();
            proxy.spoil(1, Fault::Flood(status));
            let ran = dp.spawn(words).wait_for(DEADLINE);
            assert_ne!(ran.code, 0, "{status} {words:?}: {ran}");
            let said = ran.out() + &ran.err();
            let says = "its answer is larger than 64 MiB";
            assert!(said.contains(says), "{status} {words:?}: {ran}");
            assert!(said.contains(&proxy.address()), "{status} {words:?}: {ran}");
        }
    }
}

/// Both may be silent for long; Ctrl-C ends `dp` all the same.
#[test]
fn a_build_and_a_pull_that_are_silent_are_left_by_ctrl_c() {
    let table: [(&str, &[&str]); 2] = [
        ("POST /build", &["image", "build", "--no-cache"]),
        (
            "/images/create",
            &["run", "-t", "nowhere.invalid/none", "shell"],
        ),
    ];
    for (call, words) in table {
        let (dp, proxy) = person();
        proxy.before(call, || std::thread::park_timeout(2 * DEADLINE));
        let running = dp.spawn(words);
        let asked = || {
            proxy
                .calls()
                .iter()
                .any(|line| line.contains(call.trim_start_matches("POST ")))
        };
        wait_until("it asks", DEADLINE, asked);
        running.signal(Signal::INT);
        let ran = running.wait_for(DEADLINE);
        assert_eq!(ran.code, 130, "{words:?}: {ran}");
    }
}
