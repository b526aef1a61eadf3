//! A project, or a person who pastes its advice, would give agents the engine's socket by another
//! name, or the directories in which `dp` keeps what protects the person.

use crate::support::Dp;
use insta::assert_snapshot;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

fn person() -> Dp {
    let dp = Dp::new();
    std::fs::create_dir(dp.root().join("run")).expect("a directory");
    let socket = dp.root().join("run/engine.sock");
    // Nobody listens any more: nothing is refused for the lack of a socket, and nothing waits.
    drop(UnixListener::bind(&socket).expect("a socket"));
    let address = format!("unix://{}", socket.display());
    dp.env("DOCKER_HOST", address)
}

#[test]
fn the_engines_socket_is_refused_by_every_name() {
    let dp = person();
    symlink("../run/engine.sock", dp.path("link")).expect("a link");
    symlink("../run", dp.path("run")).expect("a link");
    for words in [
        ["-v", "../run/engine.sock:/x"],
        ["-v", "link:/x:ro"],
        ["-v", "run:/x"],
        ["-v", "..:/x"],
        ["--add-workspace", "../run"],
        ["--workspace", "../run"],
    ] {
        let ran = dp.run([&["run"], &words[..], &["shell"]].concat());
        assert_eq!(ran.code, 125, "{words:?} {ran}");
        assert!(ran.err().contains("the engine's socket"), "{words:?} {ran}");
    }
    assert_snapshot!(dp.run(["run", "-v", "run:/x", "shell"]), @"
    exit 125
    --- stderr
    error: the mount `[ROOT]/run:/x` would give agents the engine's socket `[ROOT]/run/engine.sock`, and with it this machine
      hint: `--mount-docker-socket` is the option that gives it
    ");
}

#[test]
fn the_directories_of_dp_are_refused() {
    let dp = person();
    let state = dp.home().join(".local/state/dp");
    std::fs::create_dir_all(state.join("s")).expect("a directory");
    for place in [".local/state/dp", ".local", ".local/state/dp/s", ".config"] {
        std::fs::create_dir_all(dp.home().join(place)).expect("a directory");
        let mount = format!("{}:/x:ro", dp.home().join(place).display());
        let ran = dp.run(["run", "-v", &mount, "shell"]);
        assert_eq!(ran.code, 125, "{place} {ran}");
        assert!(ran.err().contains("where `dp` keeps"), "{place} {ran}");
    }
    let mount = format!("{}:/x", state.display());
    assert_snapshot!(dp.run(["run", "-v", &mount, "shell"]), @"
    exit 125
    --- stderr
    error: the mount `[HOME]/.local/state/dp:/x` would give agents `[HOME]/.local/state/dp`, where `dp` keeps what protects you from them
      cause: an agent there could allow itself everything
      hint: name a directory that does not hold it
    ");
}
