//! A home that outlives its containers, and one that does not; packages, caches and logins in it.

use crate::support::{Dp, Ran, docker, engine_socket, with_base};
use std::time::Duration;

/// Packages from registries, over a slow line.
const SLOW: Duration = Duration::from_secs(300);
const KEPT: &str = "docker: {home_persistence: true, image: dp-test/busybox}\n";
const CLEAN: &str = "docker: {home_persistence: false, image: dp-test/busybox}\n";

fn run(dp: &Dp, script: &str) -> Ran {
    dp.run(["run", "shell", "-c", script])
}

fn remove(dp: &Dp) {
    dp.run(["sandbox", "rm", "--force", "."]).ok();
}

/// The one volume that keeps the home of this workspace.
fn volume(dp: &Dp) -> String {
    let words = ["volumes", "ls", "-q", "--kind", "home", "--workspace", "."];
    let names = dp.run(words).ok();
    assert!(names.starts_with("dp-home-"), "{names}");
    assert_eq!(names.lines().count(), 1, "{names}");
    names
}

/// What a script says that looks at the volume, mounted at `/home`, as root.
fn look(dp: &Dp, script: &str) -> String {
    let mount = format!("{}:/home", volume(dp));
    let words = ["run", "--rm", "--network", "none", "--volume", &mount];
    docker(&[&words[..], &["dp-test/busybox", "sh", "-c", script]].concat())
}

#[test]
fn a_kept_home_survives_stop_removal_recreation_and_another_image() {
    let dp = Dp::on_engine().file("dp.yml", KEPT);
    let fill = "mkdir -p ~/.cache/pip ~/.npm ~/.local/bin
        echo pip > ~/.cache/pip/x; echo npm > ~/.npm/x; echo ls > ~/.history
        printf '#!/bin/sh\necho tool' > ~/.local/bin/tool; chmod +x ~/.local/bin/tool";
    run(&dp, fill).ok();
    let check = "cat ~/.cache/pip/x ~/.npm/x ~/.history; ~/.local/bin/tool";
    let is_kept = |ran: Ran| assert_eq!(ran.ok(), "pip\nnpm\nls\ntool");
    is_kept(run(&dp, check));
    dp.run(["sandbox", "stop", "."]).ok();
    is_kept(run(&dp, check));
    let first = dp.container();
    is_kept(dp.run(["run", "--recreate", "shell", "-c", check]));
    assert_ne!(dp.container(), first);
    remove(&dp);
    let before = volume(&dp);
    is_kept(run(&dp, check));
    let dp = dp.file("dp.yml", KEPT.replace("busybox", "debian"));
    let ran = run(&dp, check);
    assert!(
        ran.err().contains("| docker.image: dp-test/busybox -> "),
        "{ran}"
    );
    is_kept(dp.run(["run", "--recreate", "shell", "-c", check]));
    assert_eq!(volume(&dp), before);
}

#[test]
fn a_home_that_is_not_kept_is_clean_in_each_container_and_leaves_the_old_volume_alone() {
    let dp = Dp::on_engine().file("dp.yml", KEPT);
    run(&dp, "echo old > ~/x").ok();
    let dp = dp.file("dp.yml", CLEAN);
    let ran = run(&dp, "true");
    assert!(
        ran.err().contains("| docker.home_persistence: true -> "),
        "{ran}"
    );
    let again = |script| dp.run(["run", "--recreate", "shell", "-c", script]);
    assert_eq!(again("ls ~/x 2>/dev/null || echo clean").ok(), "clean");
    run(&dp, "echo new > ~/x").ok();
    assert_eq!(run(&dp, "cat ~/x").ok(), "new", "the same container");
    dp.run(["sandbox", "stop", "."]).ok();
    assert_eq!(run(&dp, "cat ~/x").ok(), "new", "the same container");
    assert_eq!(again("ls ~/x 2>/dev/null || echo clean").ok(), "clean");
    assert_eq!(look(&dp, "cat /home/x"), "old");
    remove(&dp);
    let dp = dp.file("dp.yml", KEPT);
    assert_eq!(run(&dp, "cat ~/x").ok(), "old");
}

#[test]
fn the_home_of_an_ordinary_user_is_theirs_from_the_start() {
    let socket = std::fs::metadata(engine_socket()).expect("the engine's socket");
    let group = std::os::unix::fs::MetadataExt::gid(&socket);
    let dp = Dp::on_engine().file("dp.yml", KEPT);
    let dp = dp.unprivileged(1000, &[group]);
    let script = "echo $HOME; stat -c %u ~; echo 1 > ~/x; mkdir -p ~/.cache/y && stat -c %u ~/x";
    let me = match rustix::process::geteuid().as_raw() {
        0 => 1000,
        me => me,
    };
    assert_eq!(run(&dp, script).ok(), format!("/home/agent\n{me}\n{me}"));
    remove(&dp);
    assert_eq!(run(&dp, "cat ~/x").ok(), "1");
}

#[test]
fn logins_are_kept_with_and_without_a_kept_home() {
    let agent = format!("homed{}", std::process::id());
    let text = format!(
        "[agents.{agent}]\ncommand = [\"sh\", \"-c\"]\n\
         state = {{ directory = \".homed\", variable = \"HOMED\" }}\n"
    );
    let mut dp = Dp::on_engine().config(&text);
    let run = |dp: &Dp, script: &str| dp.run(["run", &agent, script]);
    for (file, token) in [(KEPT, "one"), (CLEAN, "two")] {
        dp = dp.file("dp.yml", file);
        run(&dp, &format!("echo {token} > $HOMED/token")).ok();
        remove(&dp);
        assert_eq!(run(&dp, "cat $HOMED/token").ok(), token, "{file}");
        remove(&dp);
    }
    assert_eq!(look(&dp, "ls -A /home/.homed"), "", "it is in its own");
    // Without a volume for it a login is a part of the home.
    let alone = |file: &str| file.replace("{home", "{credentials: none, home");
    for (file, expected) in [(KEPT, "three"), (CLEAN, "none")] {
        dp = dp.file("dp.yml", alone(file));
        run(&dp, "mkdir -p ~/.homed; echo three > ~/.homed/token").ok();
        remove(&dp);
        let ran = run(&dp, "cat ~/.homed/token 2>/dev/null || echo none");
        assert_eq!(ran.ok(), expected, "{file}");
        remove(&dp);
    }
}

/// Installs by all three, for the home alone.
const INSTALL: &str = "
    pip install --quiet --user --break-system-packages six
    uv venv --quiet ~/venv && uv pip install --quiet --python ~/venv six
    npm install --silent --global --prefix ~/.local semver";
/// Uses what is installed, and installs it again from the caches alone. What pip caches is for the
/// registry to say.
const USE: &str = "
    python3 -c 'import six'; ~/venv/bin/python -c 'import six'; ~/.local/bin/semver 1.2.3
    uv pip install --quiet --offline --reinstall --python ~/venv six
    npm install --silent --offline --global --prefix ~/again semver && ~/again/bin/semver 4.5.6";

#[test]
fn packages_and_caches_of_pip_uv_and_npm_are_still_there() {
    let text = "docker: {home_persistence: true, dind: false}\n";
    let dp = with_base().file("dp.yml", text);
    let run = |dp: &Dp, script: &str| {
        let words = ["run", "--ca-certificates", "host", "shell", "-ec", script];
        dp.spawn(words).wait_for(SLOW)
    };
    run(&dp, INSTALL).ok();
    remove(&dp);
    let text = "docker: {home_persistence: true, dind: false, network_mode: none}\n";
    let dp = dp.file("dp.yml", text);
    assert_eq!(run(&dp, USE).ok(), "1.2.3\n4.5.6");
}
