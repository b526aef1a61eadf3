//! Volumes that sandboxes use: each person's own, and never somebody else's.

use crate::support::{Dp, Ran, engine_socket};
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
