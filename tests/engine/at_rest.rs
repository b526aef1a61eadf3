//! Sandboxes that do not run, or are paused, and archives of their files.

use crate::sh;
use crate::support::{DEADLINE, Dp, docker};

#[test]
fn the_log_of_a_sandbox_that_is_stopped_is_printed() {
    let dp = Dp::on_engine();
    sh(&dp, "echo one; echo two; echo three").ok();
    let running = dp.run(["sandbox", "logs"]).ok();
    dp.run(["sandbox", "stop", "."]).ok();
    assert_eq!(running, "one\ntwo\nthree");
    assert_eq!(dp.run(["sandbox", "logs"]).ok(), running);
    assert_eq!(dp.run(["sandbox", "logs", "-n", "1"]).ok(), "three");
    assert_eq!(dp.run(["sandbox", "logs", "-f", "."]).ok(), running);
    let ran = dp.run(["sandbox", "logs", ".", "nobody"]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.err().contains("there is no log of `nobody`"), "{ran}");
}

#[test]
fn a_log_that_is_a_link_is_not_followed() {
    let dp = Dp::on_engine();
    sh(
        &dp,
        "rm /var/log/dp/shell.log; ln -s /etc/passwd /var/log/dp/shell.log",
    )
    .ok();
    dp.run(["sandbox", "stop", "."]).ok();
    let ran = dp.run(["sandbox", "logs"]);
    assert_eq!((ran.code, ran.out()), (5, String::new()), "{ran}");
}

#[test]
fn a_sandbox_that_is_paused_is_said_to_be() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    docker(&["pause", &dp.container()]);
    for words in [
        &["exec", ".", "true"][..],
        &["shell"],
        &["attach"],
        &["ps"],
        &["logs"],
    ] {
        let ran = dp.spawn([&["sandbox"], words].concat()).wait_for(DEADLINE);
        assert!(ran.err().contains("is paused"), "{words:?}: {ran}");
        let hint = "hint: `dp sandbox start ";
        assert!(ran.err().contains(hint), "{words:?}: {ran}");
    }
    dp.run(["sandbox", "start", "."]).ok();
    assert_eq!(dp.run(["sandbox", "exec", ".", "echo", "on"]).ok(), "on");
}

#[test]
fn a_copy_is_an_archive_on_the_standard_streams() {
    let dp = Dp::on_engine();
    sh(&dp, "mkdir /tmp/in; echo 1 > /tmp/f1; echo here > f2").ok();
    let out = dp.run(["sandbox", "cp", ".:/tmp/f1", "-"]);
    assert_eq!(out.code, 0, "{out}");
    assert!(!dp.here().join("-").exists());
    let archive = out.stdout.clone();
    let mut entries = tar::Archive::new(archive.as_slice());
    let names: Vec<String> = entries
        .entries()
        .expect("an archive")
        .map(|entry| {
            entry
                .expect("an entry")
                .path()
                .expect("a path")
                .display()
                .to_string()
        })
        .collect();
    assert_eq!(names, ["f1"]);
    dp.run_with(["sandbox", "cp", "-", ".:/tmp/in"], &archive)
        .ok();
    let exec = |script: &str| dp.run(["sandbox", "exec", ".", "sh", "-c", script]).ok();
    assert_eq!(exec("cat /tmp/in/f1"), "1");
    let ran = dp.run_with(["sandbox", "cp", "-", ".:/tmp/no"], &archive);
    assert_eq!(ran.code, 5, "{ran}");
    let ran = dp.run_with(["sandbox", "cp", "-", ".:/tmp/in"], b"no archive at all");
    assert_ne!(ran.code, 0, "{ran}");
    let json = ["--format", "json", "sandbox", "cp", ".:/tmp/f1", "-"];
    assert_eq!(dp.run(json).stdout, archive, "nothing else is written");
}

#[test]
fn a_relative_path_of_a_copy_is_below_the_workspace() {
    let dp = Dp::on_engine().file("../notes.txt", "notes");
    sh(&dp, "mkdir d; echo here > f").ok();
    dp.run(["sandbox", "cp", ".:f", "copy"]).ok();
    assert_eq!(std::fs::read(dp.path("copy")).expect("a file"), b"here\n");
    dp.run(["sandbox", "cp", "../notes.txt", ".:d"]).ok();
    assert_eq!(
        std::fs::read(dp.path("d/notes.txt")).expect("a file"),
        b"notes"
    );
}
