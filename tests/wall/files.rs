//! The author of a project, or an agent in it, attacks the person's `dp`: pipes, devices and files
//! without end stand where `dp` reads.

use crate::support::Dp;
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
