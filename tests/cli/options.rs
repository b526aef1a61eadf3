//! Options of `run` whose values are wrong: each is said before any engine is asked.

use crate::support::Dp;
use insta::assert_snapshot;
use std::os::unix::net::UnixListener;

fn run(arguments: &[&str]) -> crate::support::Ran {
    let words = [&["run"], arguments, &["shell"]].concat();
    Dp::new().file("data/x", "").run(words)
}

#[test]
fn a_name_that_is_none() {
    assert_snapshot!(run(&["--name", "My App!"]), @"
    exit 125
    --- stderr
    error: `My App!` is not a sandbox name
      cause: a name has lower-case letters, digits, `_`, `.` and `-`, and at most 63 of them
      hint: `--name my-app` would do
    ");
}

#[test]
fn a_mount_without_a_target() {
    assert_snapshot!(run(&["-v", "data"]), @"
    exit 125
    --- stderr
    error: `data` is not a mount: it is `HOST:CONTAINER` or `HOST:CONTAINER:ro`
    ");
}

#[test]
fn a_mount_of_nothing() {
    assert_snapshot!(run(&["-v", "nothing:/data"]), @"
    exit 125
    --- stderr
    error: the source of the mount `nothing:/data` does not exist: `[APP]/nothing`
      hint: create it first: `dp` never makes a directory on the host for a mount
    ");
    let dp = Dp::new();
    dp.run(["run", "-v", "nothing:/data", "shell"]);
    assert!(!dp.here().join("nothing").exists(), "it is not made");
}

#[test]
fn a_mount_onto_what_belongs_to_dp() {
    assert_snapshot!(run(&["-v", "data:/.dp/bin"]), @"
    exit 125
    --- stderr
    error: the target of the mount `data:/.dp/bin` belongs to `dp`
    ");
}

#[test]
fn a_mount_onto_a_relative_path() {
    assert_snapshot!(run(&["-v", "data:inside"]), @"
    exit 125
    --- stderr
    error: the target of the mount `data:inside` is not an absolute path
    ");
}

/// With the socket of an engine that has ended: it is found, and answers nothing.
fn run_mounts(arguments: &[&str]) -> crate::support::Ran {
    let dp = Dp::new().file("data/x", "");
    drop(UnixListener::bind(dp.root().join("no-engine.sock")).expect("a socket"));
    dp.run([&["run"], arguments].concat())
}

#[test]
fn two_mounts_onto_one_target() {
    assert_snapshot!(run_mounts(&["-v", "data:/x", "-v", "data/x://./x/:ro", "shell"]), @"
    exit 125
    --- stderr
    error: two things are to be mounted at `/x`
      cause: the mount `[APP]/data:/x` and the mount `[APP]/data/x://./x:ro`
    ");
}

#[test]
fn a_mount_over_the_workspace() {
    let dp = Dp::new().file("data/x", "");
    drop(UnixListener::bind(dp.root().join("no-engine.sock")).expect("a socket"));
    let mount = format!("data:{}", dp.here().display());
    assert_snapshot!(dp.run(["run", "-v", &mount, "shell"]), @"
    exit 125
    --- stderr
    error: two things are to be mounted at `[APP]`
      cause: the workspace and the mount `[APP]/data:[APP]`
    ");
    assert_snapshot!(run_mounts(&["--add-workspace", ".", "shell"]), @"
    exit 125
    --- stderr
    error: two things are to be mounted at `[APP]`
      cause: the workspace and the mount `[APP]:[APP]`
    ");
}

#[test]
fn a_mount_over_the_agents_login() {
    let mount = |target: &str, mode: &str| {
        let mount = format!("data:{target}");
        let options = ["-v", &mount, "--credentials", mode, "--user", "0"];
        run_mounts(&[&options[..], &["claude"]].concat())
    };
    assert_snapshot!(mount("/root/.claude", "sandbox"), @"
    exit 125
    --- stderr
    error: two things are to be mounted at `/root/.claude`
      cause: the login of `claude` and the mount `[APP]/data:/root/.claude`
    ");
    for other in [
        mount("/root/.claude", "none"),
        mount("/root/.claude/skills", "sandbox"),
    ] {
        assert!(other.err().contains("cannot reach Docker"), "{other}");
    }
}

#[test]
fn something_of_the_file_in_a_mount_of_the_persons() {
    let run = |file: &str, options: &[&str]| {
        let dp = Dp::new()
            .file("dp.yml", file)
            .file("own/x", "")
            .file("f", "");
        drop(UnixListener::bind(dp.root().join("no-engine.sock")).expect("a socket"));
        dp.run(["trust", "--yes"]).ok();
        dp.run([&["run"], options, &["shell"]].concat())
    };
    let mount = "mounts: [{host_path: ./f, container_path: /data/x}]\n";
    assert_snapshot!(run(mount, &["-v", "own:/data"]), @"
    exit 125
    --- stderr
    error: the workspace file wants something at `/data/x`, in what you mount at `/data`
      cause: `dp.yml:1:22` asks for the mount `[APP]/f:/data/x:ro`, and `--volume` for the mount `[APP]/own:/data`
      hint: mount one of them elsewhere, or type `-v [APP]/f:/data/x:ro` as well to have it there
    ");
    let home = "docker: {home_persistence: true, user: \"1:1\"}\n";
    assert_snapshot!(run(home, &["-v", "own:/home"]), @"
    exit 125
    --- stderr
    error: the workspace file wants something at `/home/agent`, in what you mount at `/home`
      cause: `dp.yml:1:28` asks for the home that is kept, and `--volume` for the mount `[APP]/own:/home`
      hint: mount yours elsewhere
    ");
    // A further workspace is at its own path.
    let own = Dp::new().file("../own/x", "").file("f", "");
    let further = std::fs::canonicalize(own.path("../own")).expect("it is there");
    let further = further.display();
    let own = own.file(
        "dp.yml",
        format!("mounts: [{{host_path: ./f, container_path: {further}/new}}]\n"),
    );
    drop(UnixListener::bind(own.root().join("no-engine.sock")).expect("a socket"));
    own.run(["trust", "--yes"]).ok();
    let ran = own.run(["run", "--add-workspace", "../own", "shell"]);
    let says = format!(", and `--add-workspace` for the mount `{further}:{further}`");
    assert!(ran.code == 125 && ran.err().contains(&says), "{ran}");
    for (file, options) in [
        // Not in it, at another place beside it, and around it.
        (mount, &["-v", "own:/dat"][..]),
        (mount, &["-v", "own:/data/x/y"]),
        // The person asks for it as well.
        (mount, &["-v", "own:/data", "-v", "f:/data/x"]),
        // Nobody's mount is around it.
        (mount, &["-v", "own:/own"]),
        ("", &["-v", "own:/data", "-v", "own:/data/x"]),
    ] {
        let ran = run(file, options);
        assert!(ran.err().contains("cannot reach Docker"), "{ran}");
    }
}

#[test]
fn a_mount_over_the_engines_socket() {
    let options = ["--mount-docker-socket", "-v", "data:/var/run/docker.sock"];
    assert_snapshot!(run_mounts(&[&options[..], &["shell"]].concat()), @"
    exit 125
    --- stderr
    error: two things are to be mounted at `/var/run/docker.sock`
      cause: this machine's Docker socket and the mount `[APP]/data:/var/run/docker.sock`
    ");
}

#[test]
fn a_further_workspace_that_does_not_exist() {
    assert_snapshot!(run(&["--add-workspace", "nowhere"]), @"
    exit 125
    --- stderr
    error: the source of the mount `nowhere` does not exist: `[APP]/nowhere`
      hint: create it first: `dp` never makes a directory on the host for a mount
    ");
}

#[test]
fn a_port_that_is_no_number() {
    assert_snapshot!(run(&["-p", "http:80"]), @"
    exit 125
    --- stderr
    error: `http:80` is not a published port: a port is a number from 1 to 65535
      hint: write `-p CONTAINER`, `-p HOST:CONTAINER` or `-p IP:HOST:CONTAINER/udp`
    ");
}

#[test]
fn a_port_beyond_the_last() {
    assert_snapshot!(run(&["-p", "65536"]), @"
    exit 125
    --- stderr
    error: `65536` is not a published port: a port is a number from 1 to 65535
      hint: write `-p CONTAINER`, `-p HOST:CONTAINER` or `-p IP:HOST:CONTAINER/udp`
    ");
}

#[test]
fn an_address_that_is_a_name() {
    assert_snapshot!(run(&["-p", "localhost:80:80"]), @"
    exit 125
    --- stderr
    error: `localhost:80:80` is not a published port: the address is not an IP address
      hint: write `-p CONTAINER`, `-p HOST:CONTAINER` or `-p IP:HOST:CONTAINER/udp`
    ");
}

#[test]
fn a_protocol_that_has_no_ports() {
    assert_snapshot!(run(&["-p", "80/icmp"]), @"
    exit 125
    --- stderr
    error: `80/icmp` is not a published port: the protocol is `tcp`, `udp` or `sctp`
      hint: write `-p CONTAINER`, `-p HOST:CONTAINER` or `-p IP:HOST:CONTAINER/udp`
    ");
}

#[test]
fn a_host_port_twice() {
    assert_snapshot!(run(&["-p", "8080:80", "-p", "127.0.0.1:8080:81"]), @"
    exit 125
    --- stderr
    error: host port 8080 is published twice
    ");
}

#[test]
fn a_size_without_a_number() {
    assert_snapshot!(run(&["--memory", "lots"]), @"
    exit 125
    --- stderr
    error: `lots` is not a size such as `512m` or `8g`
    ");
}

#[test]
fn values_that_no_engine_takes() {
    assert_snapshot!(run(&["--memory", "1b"]), @"
    exit 125
    --- stderr
    error: `1b` is not a limit of memory: engines take no less than `6m`
    ");
    assert_snapshot!(run(&["--user", "0:4294967295"]), @"
    exit 125
    --- stderr
    error: `0:4294967295` is not a user: numbers end at 4294967294
    ");
    let dp = Dp::new().file(
        "dp.yml",
        "docker: {memory: 1b, user: \"4294967295\"}\nagents: {a: {agent: shell}}\n",
    );
    assert_snapshot!(dp.run(["config", "check"]), @r#"
    exit 3
    --- stderr
    error: `1b` is not a limit of memory: engines take no less than `6m`
     --> dp.yml:1:18
      |
    1 | docker: {memory: 1b, user: "4294967295"}
      |                  ^^ in `docker.memory`

    error: `4294967295` is not a user: numbers end at 4294967294
     --> dp.yml:1:28
      |
    1 | docker: {memory: 1b, user: "4294967295"}
      |                            ^^^^^^^^^^^^ in `docker.user`
    "#);
}

#[test]
fn sizes_and_shares_that_are_wrong_are_125() {
    for option in [
        ["--shm-size", "1.2.3g"],
        ["--memory", "0"],
        ["--cpus", "-1"],
        ["--cpus", "x"],
    ] {
        // `=`, so that a value may begin with a dash.
        let ran = run(&[&option.join("=")]);
        assert_eq!(ran.code, 125, "{option:?}: {ran}");
        assert!(ran.err().starts_with("error: "), "{option:?}: {ran}");
    }
}

#[test]
fn a_number_of_cpus_that_is_none() {
    assert_snapshot!(run(&["--cpus", "many"]), @"
    exit 125
    --- stderr
    error: `many` is not a number of CPUs such as `2` or `1.5`
    ");
}

#[test]
fn a_limit_of_processes_that_nothing_could_live_with() {
    assert_snapshot!(run(&["--pids-limit", "3"]), @"
    exit 125
    --- stderr
    error: invalid value '3' for '--pids-limit <N>': 3 is not in 16..=4294967295

    For more information, try '--help'.
    ");
}

#[test]
fn a_user_by_name() {
    assert_snapshot!(run(&["--user", "somebody"]), @"
    exit 125
    --- stderr
    error: `somebody` is not a user: `auto`, `root`, `UID` or `UID:GID`
    ");
}

#[test]
fn detach_keys_that_are_none() {
    let dp = Dp::new().config("detach_keys = \"alt-x\"\n");
    assert_snapshot!(dp.run(["run", "shell"]), @r#"
    exit 125
    --- stderr
    error: `alt-x` is not a sequence of keys such as `ctrl-p,ctrl-q`
     --> [HOME]/.config/dp/config.toml:1:15
      |
    1 | detach_keys = "alt-x"
      |               ^^^^^^^
    "#);
}

#[test]
fn authorities_of_a_machine_that_has_none() {
    // The system's own bundles cannot be taken away: only the choice is checked here.
    assert_snapshot!(run(&["--ca-certificates", "mine"]), @"
    exit 125
    --- stderr
    error: invalid value 'mine' for '--ca-certificates <WHOSE>'
      [possible values: host, none]

    For more information, try '--help'.
    ");
}

#[test]
fn a_docker_inside_that_cannot_be() {
    assert_snapshot!(run(&["--dind=privileged", "--network", "host"]), @"
    exit 125
    --- stderr
    error: Docker inside with `privileged` and the network `host` do not go together
      cause: its engine would change the network of this machine
      hint: `--dind=rootless` has a network of its own
    ");
    assert_snapshot!(run(&["--dind", "--mount-docker-socket"]), @"
    exit 125
    --- stderr
    error: Docker inside and this machine's Docker socket do not go together
      cause: both would answer at `/var/run/docker.sock`
      hint: leave out `--dind` or `--mount-docker-socket`
    ");
    assert_snapshot!(run(&["--dind=vm"]), @"
    exit 125
    --- stderr
    error: invalid value 'vm' for '--dind[=<KIND>]'
      [possible values: auto, rootless, sysbox, privileged]

    For more information, try '--help'.
    ");
}
