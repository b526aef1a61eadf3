//! Below a workspace: the sandbox is found, and a command starts where the person is.

use crate::sh;
use crate::support::Dp;

#[test]
fn a_sandbox_is_found_from_below_its_workspace() {
    let dp = Dp::on_engine();
    sh(&dp, "mkdir -p a/b beside").ok();
    let root = dp.path("");
    let root = root.trim_end_matches('/').to_string();
    let dp = dp.at("a/b");
    let exec = ["sandbox", "exec", ".", "pwd"];
    assert_eq!(dp.run(exec).ok(), format!("{root}/a/b"));
    let words = ["--format", "json", "sandbox", "inspect"];
    assert_eq!(dp.run(words).json()["workspace"], root);
    let ran = dp.run_with(["sandbox", "shell"], b"pwd\n");
    assert_eq!(ran.ok(), format!("{root}/a/b"));
    // Where a directory is given, the command still starts where the person is.
    let dp = dp.at("..");
    let ran = dp.run(["sandbox", "exec", "../beside", "pwd"]);
    assert_eq!(ran.ok(), format!("{root}/a"));
    let ran = dp.run(["sandbox", "exec", "-w", "/tmp", ".", "pwd"]);
    assert_eq!(ran.ok(), "/tmp");
    let ran = dp.run(["sandbox", "exec", "./mistyped", "pwd"]);
    assert!(ran.err().contains("there is no sandbox"), "{ran}");
}

#[test]
fn the_nearest_workspace_is_meant() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let dp = dp.at("inner/deep");
    let words = ["run", "-w", "..", "-t", "dp-test/busybox", "shell", "-c"];
    dp.run([&words[..], &["true"]].concat()).ok();
    let found = dp.run(["--format", "json", "sandbox", "inspect"]).json();
    let workspace = found["workspace"].as_str().expect("a path");
    assert!(workspace.ends_with("/app/inner"), "{found}");
}

#[test]
fn a_place_that_is_not_there_inside_is_left_for_the_workspace() {
    let dp = Dp::on_engine().file("covered/x", "").file("../empty/y", "");
    let root = dp.path("");
    let root = root.trim_end_matches('/').to_string();
    let cover = format!("../empty:{root}/covered");
    let words = ["run", "-v", &cover, "-t", "dp-test/busybox", "shell", "-c"];
    dp.run([&words[..], &["true"]].concat()).ok();
    let dp = dp.at("covered/deep");
    let ran = dp.run_with(["sandbox", "exec", ".", "sh", "-c", "pwd; cat"], b"input");
    assert_eq!(ran.ok(), format!("{root}\ninput"));
}
