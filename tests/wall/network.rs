//! An agent in one sandbox attacks another sandbox over the network; and a foreign network takes
//! the name of ours.

use crate::support::{DEADLINE, Dp, OwnEngine, docker, wait_until};

const NAME: &str = "dp";

fn sandbox(person: &Dp, name: &str) {
    let words = [
        "run",
        "-t",
        "dp-test/busybox",
        "--name",
        name,
        "shell",
        "-c",
        "true",
    ];
    person.run(words).ok();
}

/// The address of a sandbox in our network.
fn address(name: &str) -> String {
    let format = format!("{{{{(index .NetworkSettings.Networks \"{NAME}\").IPAddress}}}}");
    docker(&["inspect", "--format", &format, &format!("dp-{name}")])
}

#[test]
fn a_sandbox_does_not_reach_another_one() {
    let dp = Dp::on_engine();
    let own = std::process::id();
    let (target, attacker) = (format!("wall-a-{own}"), format!("wall-b-{own}"));
    sandbox(&dp, &target);
    sandbox(&dp, &attacker);
    let serve = "while true; do echo reached | nc -l -p 9999; done";
    dp.run(["sandbox", "exec", "-d", &target, "sh", "-c", serve])
        .ok();
    let address = address(&target);
    let reach = |from: &str| {
        let script = format!("nc -w 2 {address} 9999 </dev/null");
        dp.run(["sandbox", "exec", from, "sh", "-c", &script])
    };
    wait_until("it serves itself", DEADLINE, || {
        reach(&target).out() == "reached\n"
    });
    let ran = reach(&attacker);
    assert_ne!(ran.code, 0, "{ran}");
    assert_eq!(ran.out(), "", "{ran}");
}

/// On an engine of its own: another one keeps a network while sandboxes of other tests run in it.
#[test]
fn a_sandbox_whose_network_was_removed_starts_again() {
    let engine = OwnEngine::new("--iptables=true");
    let address = format!("unix://{}", engine.socket().display());
    let dp = Dp::new().env("DOCKER_HOST", &address);
    let run = ["run", "-t", "dp-test/busybox", "shell", "-c", "echo done"];
    assert_eq!(dp.run(run).ok(), "done");
    let own = |words: &[&str]| docker(&[&["--host", &address], words].concat());
    let network = || own(&["network", "ls", "--quiet", "--filter", "name=^dp$"]);
    let before = network();
    dp.run(["sandbox", "stop", "."]).ok();
    // As a person's `docker network prune`: the container remembers the network that is no more.
    own(&["network", "rm", NAME]);
    assert_eq!(network(), "", "it is removed");
    assert_eq!(dp.run(run).ok(), "done");
    assert!(
        ![String::new(), before].contains(&network()),
        "it is made again"
    );
}

#[test]
fn many_who_need_the_network_at_once_share_one() {
    let people: Vec<Dp> = (0..4).map(|_| Dp::on_engine()).collect();
    let run = ["run", "-t", "dp-test/busybox", "shell", "-c", "echo done"];
    let all: Vec<_> = people.iter().map(|dp| dp.spawn(run)).collect();
    for one in all {
        let ran = one.wait();
        assert_eq!(ran.out(), "done\n", "{ran}");
    }
    let listed = docker(&[
        "network",
        "ls",
        "--quiet",
        "--filter",
        &format!("name=^{NAME}$"),
    ]);
    assert_eq!(listed.lines().count(), 1, "{listed}");
    let isolated = "{{index .Options \"com.docker.network.bridge.enable_icc\"}}";
    assert_eq!(
        docker(&["network", "inspect", "--format", isolated, NAME]),
        "false"
    );
}
