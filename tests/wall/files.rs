//! The author of a project, or an agent in it, attacks the person's `dp`: pipes, devices and files
//! without end stand where `dp` reads.

use crate::support::Dp;
use std::time::Duration;

fn ran(dp: &Dp, words: &[&str]) -> crate::support::Ran {
    dp.spawn(words).wait_for(Duration::from_secs(20))
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
