//! Volumes that sandboxes use: each person's own, and never somebody else's.

use crate::support::{Dp, Ran, docker, engine_socket};
use std::os::unix::fs::MetadataExt;

const STRANGER: u32 = 4245;

/// An agent that nothing else has, which keeps a login.
fn agent(word: &str) -> (String, String) {
    let name = format!("{word}{}", std::process::id());
    let text = format!(
        "[agents.{name}]\ncommand = [\"sh\", \"-c\"]\nstate = {{ directory = \".probe\" }}\n"
    );
    (name, text)
}

fn run(dp: &Dp, options: &[&str], agent: &str, script: &str) -> Ran {
    let image = ["run", "-t", "dp-test/busybox"];
    dp.run([&image[..], options, &[agent, script]].concat())
}

#[test]
fn a_login_is_its_persons_alone() {
    if !rustix::process::getuid().is_root() {
        return; // Nobody else to be.
    }
    let (agent, text) = agent("own");
    let group = std::fs::metadata(engine_socket()).expect("the engine's socket");
    let one = Dp::on_engine()
        .config(&text)
        .unprivileged(STRANGER, &[group.gid()]);
    let two = Dp::on_engine().config(&text);
    let script = "echo secret > ~/.probe/token; ls -nd ~/.probe";
    run(&one, &[], &agent, script).ok();
    assert_eq!(run(&two, &[], &agent, "ls -A ~/.probe").ok(), "");
    let owner = "stat -c %u ~/.probe; cat ~/.probe/token";
    let ran = run(&one, &[], &agent, owner);
    assert_eq!(ran.ok(), format!("{STRANGER}\nsecret"));
}

#[test]
fn another_user_inside_does_not_lock_the_person_out() {
    let (agent, text) = agent("lock");
    let group = std::fs::metadata(engine_socket()).expect("the engine's socket");
    let dp = Dp::on_engine()
        .config(&text)
        .unprivileged(STRANGER, &[group.gid()]);
    run(&dp, &[], &agent, "echo login > ~/.probe/token").ok();
    let name = format!("{agent}-root");
    let options = ["--name", &name, "--user", "root"];
    let script = "stat -c %u ~/.probe";
    assert_eq!(run(&dp, &options, &agent, script).ok(), "0");
    let script = "cat ~/.probe/token && echo more >> ~/.probe/token";
    assert_eq!(run(&dp, &[], &agent, script).ok(), "login");
}

#[test]
fn a_volume_of_somebody_else_is_never_used() {
    let (agent, text) = agent("taken");
    let dp = Dp::on_engine().config(&text);
    let uid = rustix::process::getuid().as_raw();
    let volume = format!("dp-login-{uid}-{agent}");
    // The test's own label alone: without ours it is nobody's.
    docker(&["volume", "create", "--label", dp.label(), &volume]);
    let mount = format!("{volume}:/v");
    let write = "echo theirs > /v/file; chown 77:77 /v /v/file";
    let words = ["run", "--rm", "--network", "none", "--volume", &mount];
    docker(&[&words[..], &["dp-test/busybox", "sh", "-c", write]].concat());
    let ran = run(&dp, &[], &agent, "true");
    assert_eq!(ran.code, 125, "{ran}");
    let message = format!("the volume name `{volume}` is taken");
    assert!(ran.err().contains(&message), "{ran}");
    assert!(ran.err().contains("  hint: "), "{ran}");
    assert_eq!(dp.containers(), [""; 0]);
    let words = ["--format", "json", "sandbox", "create"];
    let ran = dp.run([&words[..], &["-t", "dp-test/busybox", &agent]].concat());
    assert_eq!(ran.code, 4, "{ran}");
    assert!(ran.err().contains("\"name-taken\""), "{ran}");
    let look = "stat -c %u:%g /v /v/file";
    let words = ["run", "--rm", "--network", "none", "--volume", &mount];
    let owners = docker(&[&words[..], &["dp-test/busybox", "sh", "-c", look]].concat());
    assert_eq!(owners, "77:77\n77:77");
    // Nor is it a reason to give up a sandbox that there is.
    let options = ["--credentials", "none"];
    run(&dp, &options, &agent, "echo kept > /tmp/state").ok();
    let options = ["--recreate", "--credentials", "sandbox"];
    assert_eq!(run(&dp, &options, &agent, "true").code, 125);
    assert_eq!(run(&dp, &[], &agent, "cat /tmp/state").ok(), "kept");
    docker(&["volume", "rm", &volume]);
}
