//! A Docker engine for the sandbox, without privileges, in a container beside it.

use crate::support::{Dp, Ran, docker, wait_until, with_base};
use std::time::Duration;

/// Starting an engine, several times over on a busy machine.
const SLOW: Duration = Duration::from_secs(120);

/// A workspace with an image to build that needs no registry.
fn person() -> Dp {
    let dp = with_base();
    let id = docker(&["create", "--label", dp.label(), "dp-test/busybox"]);
    docker(&["cp", &format!("{id}:/bin/busybox"), &dp.path("busybox")]);
    dp.file(
        "Dockerfile",
        "FROM scratch\nCOPY busybox /bin/busybox\nENTRYPOINT [\"/bin/busybox\"]\n",
    )
    .file(
        "compose.yml",
        "services: {web: {image: bb, command: httpd -f -p 80 -h /bin, ports: [\"8081:80\"]}}\n",
    )
}

fn run(dp: &Dp, options: &[&str], script: &str) -> Ran {
    let words = [
        &["run", "--ca-certificates", "host"],
        options,
        &["shell", "-ec", script],
    ];
    dp.spawn(words.concat()).wait_for(SLOW)
}

/// Builds, runs, composes, and asks published ports.
const WORK: &str = r"
    docker build -q -t bb . >/dev/null
    docker run -d -p 8080:80 bb httpd -f -p 80 -h /bin >/dev/null
    docker compose up -d 2>/dev/null
    for port in 8080 8081; do
        curl -sI --retry 20 --retry-connrefused --retry-delay 1 http://127.0.0.1:$port/busybox | head -n 1
    done
    test -S /var/run/docker.sock
";
/// Lets a container write into the workspace.
const WRITE: &str = r#"
    mkdir -p made && docker run --rm -v "$PWD/made:/made" bb touch /made/inside
    stat -c %u made/inside
"#;

#[test]
fn root_builds_runs_composes_and_publishes() {
    let dp = person();
    let ran = run(&dp, &["--dind", "--user", "root"], WORK);
    assert_eq!(ran.ok().matches("200 OK").count(), 2, "{ran}");
    // Nobody in those containers is global root, so root's files are read and not written.
    let script = "docker run --rm -v $PWD:/w bb cat /w/Dockerfile; docker run --rm -v $PWD:/w bb touch /w/made";
    let ran = run(&dp, &[], script);
    assert!(ran.out().contains("FROM scratch"), "{ran}");
    assert!(ran.err().contains("Permission denied"), "{ran}");
    let inspected = dp
        .run(["--format", "json", "sandbox", "inspect", "."])
        .json();
    assert_eq!(inspected["settings"]["dind"], "rootless", "{inspected}");
}

#[test]
fn an_ordinary_user_builds_runs_composes_and_publishes() {
    let dp = person().unprivileged(1000, &[docker_group()]);
    let ran = run(&dp, &["--dind"], &format!("{WORK}{WRITE}"));
    assert_eq!(ran.ok().matches("200 OK").count(), 2, "{ran}");
    assert!(ran.ok().ends_with("\n1000"), "{ran}");
    // What a container made is the person's on the host as well.
    let owner = std::fs::metadata(dp.here().join("made/inside")).expect("it was made");
    assert_eq!(std::os::unix::fs::MetadataExt::uid(&owner), 1000);
}

fn docker_group() -> u32 {
    let socket = std::fs::metadata(crate::support::engine_socket()).expect("the engine's socket");
    std::os::unix::fs::MetadataExt::gid(&socket)
}

#[test]
fn no_capability_is_added() {
    let dp = person();
    let capabilities = "grep -h Cap /proc/1/status";
    let ran = run(&dp, &["--dind"], capabilities);
    let image = dp.inspect()["Image"].as_str().expect("an ID").to_string();
    let usual = docker(&[
        "run",
        "--rm",
        "--cap-drop=MKNOD",
        "--cap-drop=NET_RAW",
        "--entrypoint",
        "sh",
        &image,
        "-c",
        capabilities,
    ]);
    assert_eq!(ran.ok(), usual);
    let host = dp.inspect()["HostConfig"].take();
    assert!(host["CapAdd"].is_null(), "{host}");
    assert_eq!(host["Privileged"], false);
}

#[test]
fn images_inside_survive_stop_and_a_new_container() {
    let dp = person();
    run(&dp, &["--dind"], "docker build -q -t bb .").ok();
    dp.run(["sandbox", "stop", "."]).ok();
    dp.run(["sandbox", "start", "."]).ok();
    let listed = |ran: Ran| assert!(ran.ok().contains("bb"), "{ran}");
    let ask = ["sandbox", "exec", ".", "docker", "images"];
    listed(dp.spawn(ask).wait_for(SLOW));
    listed(run(&dp, &["--dind", "--recreate"], "docker images"));
    // Another user has an engine of its own, and the first one's is not touched.
    let other = run(
        &dp,
        &["--dind", "--recreate", "--user", "1234:1234"],
        "docker images -q",
    );
    assert_eq!(other.ok(), "");
    listed(run(&dp, &["--dind", "--recreate"], "docker images"));
}

/// The container of the engine beside this directory's sandbox.
fn engine_container(dp: &Dp) -> String {
    let inspected = dp
        .run(["--format", "json", "sandbox", "inspect", "."])
        .json();
    let id = inspected["engine"]["id"].as_str();
    id.unwrap_or_else(|| panic!("no engine: {inspected}"))
        .to_string()
}

#[test]
fn an_engine_that_dies_is_started_again() {
    let dp = person();
    run(&dp, &["--dind"], "docker version").ok();
    let kill = "for p in /proc/[0-9]*; do if [ \"$(cat $p/comm)\" = dockerd ]; then kill -9 ${p#/proc/}; fi; done";
    docker(&["exec", &engine_container(&dp), "sh", "-c", kill]);
    wait_until("the engine inside is back", SLOW, || {
        dp.run(["sandbox", "exec", ".", "docker", "version"]).code == 0
    });
    let log = dp.run(["sandbox", "logs", ".", ":docker"]).ok();
    assert!(log.matches("API listen on").count() >= 2, "{log}");
}

#[test]
fn the_hosts_network_is_shared_by_the_sandbox_and_not_by_the_engine_inside() {
    let dp = person();
    let script = "docker build -q -t bb . >/dev/null; docker run --rm bb ip -o -4 addr show eth0";
    let ran = run(&dp, &["--dind", "--network", "host"], script);
    assert!(ran.ok().contains("172."), "{ran}");
    assert_eq!(dp.inspect()["HostConfig"]["NetworkMode"], "host");
}

#[test]
fn any_image_has_docker_and_a_command_for_it() {
    let dp = Dp::on_engine();
    let words = [
        "run",
        "-t",
        "dp-test/busybox",
        "--dind",
        "shell",
        "-c",
        "docker version",
    ];
    let ran = dp.spawn(words).wait_for(SLOW);
    assert!(ran.ok().contains("rootlesskit"), "{ran}");
}

#[test]
fn kinds_that_differ_are_refused_and_auto_takes_what_is_there() {
    let dp = person();
    run(&dp, &["--dind"], "true").ok();
    run(&dp, &["--dind=rootless"], "true").ok();
    run(&dp, &[], "docker version").ok();
    for option in ["--dind=privileged", "--no-dind"] {
        let ran = run(&dp, &[option], "true");
        assert_eq!(ran.code, 125, "{ran}");
        assert!(ran.err().contains("dind: rootless -> "), "{ran}");
    }
}

#[test]
fn privileges_work_or_are_said_to_be_missing() {
    let dp = person();
    let can = std::process::Command::new("docker")
        .args(["run", "--rm", "--privileged", "dp-test/busybox", "true"])
        .output()
        .expect("the docker CLI is installed");
    let ran = run(&dp, &["--dind=privileged"], "docker version");
    if can.status.success() {
        ran.ok();
    } else {
        assert_eq!(ran.code, 125, "{ran}");
        assert!(
            ran.err().contains("`--dind=rootless` needs no privilege"),
            "{ran}"
        );
        assert_eq!(dp.containers(), Vec::<String>::new());
    }
}
