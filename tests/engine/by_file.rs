//! What only a workspace file asks of the engine: a runtime, a size of the home, GPUs; and Docker
//! inside where the image has it.

use crate::support::{Dp, Ran, docker};
use std::time::Duration;

/// Starting an engine, several times over on a busy machine.
const SLOW: Duration = Duration::from_secs(120);

fn run(dp: &Dp, script: &str) -> Ran {
    dp.run(["run", "--yes", "shell", "-c", script])
}

/// Volumes of this test but the guest's, which all share.
fn volumes(dp: &Dp) -> Vec<String> {
    let filter = format!("label={}", dp.label());
    let names = docker(&["volume", "ls", "--quiet", "--filter", &filter]);
    let names = names.lines().filter(|name| !name.starts_with("dp-guest-"));
    names.map(str::to_string).collect()
}

fn assert_lacking(dp: &Dp, says: &str) {
    let ran = run(dp, "true");
    assert_eq!(ran.code, 125, "{ran}");
    assert!(ran.err().starts_with(&format!("error: {says}")), "{ran}");
    assert_eq!(dp.containers(), [""; 0]);
    assert_eq!(volumes(dp), [""; 0]);
}

#[test]
fn a_runtime_of_the_engine_and_one_that_it_does_not_have() {
    let file = |runtime: &str| format!("docker: {{image: dp-test/busybox, runtime: {runtime}}}\n");
    let dp = Dp::on_engine().file("dp.yml", file("no-such"));
    assert_lacking(&dp, "the engine has no runtime `no-such`\n  cause: it has ");
    let dp = dp.file("dp.yml", file("runc"));
    run(&dp, "true").ok();
    assert_eq!(dp.inspect()["HostConfig"]["Runtime"], "runc");
    let words = ["--format", "json", "sandbox", "inspect", "."];
    assert_eq!(dp.run(words).json()["settings"]["runtime"], "runc");
}

#[test]
fn gpus_are_missed_before_anything_is_made() {
    let given = docker(&["info", "--format", "{{json .}}"]);
    if given.contains("nvidia") || given.contains("/gpu=") {
        return; // It has.
    }
    let dp = Dp::on_engine().file("dp.yml", "docker: {gpu: true, image: dp-test/none}\n");
    assert_lacking(&dp, "the engine has no GPU for a container");
}

#[test]
fn a_home_is_held_to_its_size_or_that_is_refused() {
    let file = |size: &str| {
        format!("docker: {{image: dp-test/busybox, home_persistence: true, home_size: {size}}}\n")
    };
    let dp = Dp::on_engine().file("dp.yml", file("64m"));
    let ran = run(&dp, "dd if=/dev/zero of=$HOME/x bs=1M count=80 2>&1");
    if ran.code == 125 {
        assert_lacking(&dp, "the engine cannot hold the volume `dp-home-");
    } else {
        assert!(ran.out().contains("No space left"), "{ran}");
        dp.run(["sandbox", "rm", "--force", "."]).ok();
        let dp = dp.file("dp.yml", file("65m"));
        let ran = run(&dp, "true");
        assert!(ran.err().contains("was made with another size"), "{ran}");
    }
}

#[test]
fn docker_inside_is_on_with_a_file_unless_somebody_says_otherwise() {
    let dp = Dp::on_engine().file("dp.yml", "docker: {image: dp-test/busybox}\n");
    let run = |dp: &Dp, script: &str| {
        let words = ["run", "--yes", "shell", "-ec", script];
        dp.spawn(words).wait_for(SLOW)
    };
    let kind = |dp: &Dp| {
        let words = ["--format", "json", "sandbox", "inspect", "."];
        dp.run(words).json()["settings"]["dind"].take()
    };
    let planned = ["--format", "json", "run", "--dry-run", "shell"];
    let planned = dp.run(planned).json();
    assert_eq!(planned["settings"]["dind"], "rootless", "{planned}");
    assert!(
        planned["new_volumes"].to_string().contains("dp-engine-"),
        "{planned}"
    );
    run(&dp, "docker version").ok();
    assert_eq!(kind(&dp), "rootless");
    // It is no difference to a run that says as little.
    run(&dp, "docker version").ok();
    dp.run(["sandbox", "rm", "--force", "."]).ok();
    let dp = dp.file("dp.yml", "docker: {image: dp-test/busybox, dind: false}\n");
    run(&dp, "! test -S /var/run/docker.sock").ok();
    assert_eq!(kind(&dp), "off");
}
