//! The author of a project, or an agent in it, attacks the person's `dp`: pipes, devices and files
//! without end stand where `dp` reads.

use crate::support::{Dp, engine_socket};
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

fn ran(dp: &Dp, words: &[&str]) -> crate::support::Ran {
    dp.spawn(words).wait_for(Duration::from_secs(20))
}

#[test]
fn a_workspace_file_to_begin_with_is_written_through_no_link() {
    let dp = Dp::new().file("../elsewhere/workspace.schema.json", "own");
    let elsewhere = |name: &str| dp.path(&format!("../elsewhere/{name}"));
    for (make, is_refused) in [
        ("ln -s ../elsewhere .dspatch", true),
        ("ln -s ../elsewhere/new .dspatch", true),
        ("ln -s ../elsewhere/workspace.schema.json .dspatch", true),
        ("mkfifo .dspatch", true),
        (
            "mkdir .dspatch; ln -s ../../elsewhere/workspace.schema.json .dspatch/workspace.schema.json",
            false,
        ),
        (
            "mkdir .dspatch; mkfifo .dspatch/workspace.schema.json",
            false,
        ),
        ("ln -s ../elsewhere/new dp.yml", true),
        ("ln -s ../elsewhere/new dp.toml", true),
    ] {
        dp.run_other("sh", ["-c", make]).ok();
        let ran = ran(&dp, &["config", "init"]);
        assert_eq!(ran.code != 0, is_refused, "{make}: {ran}");
        let text = std::fs::read_to_string(elsewhere("workspace.schema.json"));
        assert_eq!(text.expect("a file"), "own", "{make}");
        let entries = std::fs::read_dir(dp.path("../elsewhere")).expect("a directory");
        assert_eq!(entries.count(), 1, "{make}");
        dp.run_other("sh", ["-c", "rm -rf .dspatch dp.yml dp.toml"])
            .ok();
    }
}

#[test]
fn a_workspace_file_that_is_a_pipe_or_has_no_end_is_not_read() {
    let dp = Dp::new();
    dp.run_other("mkfifo", ["pipe.yml"]).ok();
    dp.run_other("truncate", ["-s", "1500M", "sparse.yml"]).ok();
    for (file, problem) in [
        ("pipe.yml", "is no file"),
        ("sparse.yml", "is larger than 1 MiB"),
        ("/dev/zero", "is no file"),
    ] {
        for words in [
            &["run", "-f", file][..],
            &["trust", file],
            &["config", "check", file],
        ] {
            let ran = ran(&dp, words);
            assert!(ran.err().contains(problem), "{words:?}: {ran}");
        }
    }
}

#[test]
fn an_environment_file_that_is_a_pipe_or_has_no_end_is_not_read() {
    let text = "env_file: [.env]\nagents: {a: {agent: shell}}\n";
    for (make, problem) in [
        ("mkfifo .env", "is no file"),
        ("truncate -s 1500M .env", "is larger than 1 MiB"),
        ("ln -s /dev/zero .env", "is no file"),
    ] {
        let dp = Dp::new().file("dp.yml", text);
        dp.run_other("sh", ["-c", make]).ok();
        let ran = ran(&dp, &["trust"]);
        assert!(ran.err().contains(problem), "{make}: {ran}");
    }
}

/// Root inside closes a directory of the person, who is not root: its file is not a missing one, and
/// the file above does not take its place.
#[test]
fn what_root_inside_has_closed_is_not_taken_for_missing() {
    let socket = std::fs::metadata(engine_socket()).expect("the engine's socket");
    let above = "agents: {above: {agent: shell}}\n";
    let dp = { Dp::on_engine().file("dp.yml", above) }
        .file("child/dp.yml", "agents: {below: {agent: shell}}\n")
        .file("child/d/file", "")
        .unprivileged(4243, &[socket.gid()]);
    let name = format!("closed-{}", std::process::id());
    let make = "run -d --no-file -w child -v ./child/d:/d -t dp-test/debian --name";
    let make = make.split(' ').chain([name.as_str(), "shell"]);
    dp.run(make).ok();
    let close = ["sandbox", "exec", &name, "sudo", "sh", "-c"];
    dp.run(close.iter().chain(&["chown 0:0 . && chmod 700 ."]))
        .ok();
    for words in [
        &["run", "-w", "child"][..],
        &["run", "-w", "child", "--dry-run"],
    ] {
        let ran = ran(&dp, words);
        let missing = ["cannot look for a workspace file in", "Permission denied"];
        for part in missing {
            assert!(ran.err().contains(part), "{words:?}: {ran}");
        }
        for wrong in ["no agent was named", "above"] {
            assert!(!ran.err().contains(wrong), "{words:?}: {ran}");
        }
    }
    dp.run(["sandbox", "stop", &name]).ok();
    let ran = dp.run(["sandbox", "start", &name]);
    assert_ne!(ran.code, 0, "{ran}");
    assert!(
        ran.err()
            .contains("`dp` cannot look at it: Permission denied"),
        "{ran}"
    );
    assert!(!ran.err().contains("another machine"), "{ran}");
}
