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
    symlink("run/engine.sock", dp.path("../link")).expect("a link");
    symlink("run", dp.path("../led")).expect("a link");
    for words in [
        ["-v", "../run/engine.sock:/x"],
        ["-v", "../link:/x:ro"],
        ["-v", "../led:/x"],
        ["-v", "..:/x"],
        ["--add-workspace", "../run"],
        ["--workspace", "../run"],
    ] {
        let ran = dp.run([&["run"], &words[..], &["shell"]].concat());
        assert_eq!(ran.code, 125, "{words:?} {ran}");
        assert!(ran.err().contains("the engine's socket"), "{words:?} {ran}");
    }
    assert_snapshot!(dp.run(["run", "-v", "../led:/x", "shell"]), @"
    exit 125
    --- stderr
    error: the mount `[ROOT]/run:/x` would give agents the engine's socket `[ROOT]/run/engine.sock`, and with it this machine
      hint: `--mount-docker-socket` is the option that gives it
    ");
}

#[test]
fn another_name_of_the_engines_socket_is_found() {
    let dp = person();
    for place in ["d/deep/.x", "w"] {
        std::fs::create_dir_all(dp.root().join(place)).expect("a directory");
    }
    let mount = ["run", "-v", "../d:/x", "shell"];
    let socket = dp.root().join("run/engine.sock");
    let name = dp.root().join("d/deep/.x/data");
    std::fs::hard_link(&socket, &name).expect("a name");
    std::fs::hard_link(&socket, dp.root().join("w/x")).expect("a name");
    for words in [
        &mount[..],
        &["run", "-v", "../d/deep:/x:ro", "shell"],
        &["run", "-v", "../d/deep/.x/data:/x", "shell"],
        &["run", "--add-workspace", "../d", "shell"],
        &["run", "--workspace", "../w", "shell"],
    ] {
        let ran = dp.run(words);
        assert_eq!(ran.code, 125, "{words:?} {ran}");
        assert!(ran.err().contains("the engine's socket"), "{words:?} {ran}");
    }
    // What cannot be searched is not mounted: more than the kernel resolves at once.
    std::fs::remove_file(&name).expect("ours");
    let long = vec!["x".repeat(100); 30].join("/");
    for place in [&format!("d/{long}"), &format!("e/{long}")] {
        std::fs::create_dir_all(dp.root().join(place)).expect("a directory");
    }
    let end = dp.root().join("d").join(&long).join("e");
    std::fs::rename(dp.root().join("e"), end).expect("renamed");
    assert_snapshot!(dp.run(mount), @"
    exit 125
    --- stderr
    error: the mount `[ROOT]/d:/x` may hold another name of the engine's socket `[ROOT]/run/engine.sock`, and is too large to be searched
      cause: the socket has more than one name, and some directories were not looked at
      hint: remove the other names of the socket: `find / -xdev -samefile` with its path lists them
    ");
}

#[test]
fn another_mount_of_the_engines_socket_is_found() {
    let dp = person();
    // In a mount namespace of its own, nothing stays mounted.
    let may = dp.run_other("unshare", ["-rm", "mount", "--bind", "../run", "../run"]);
    if may.code != 0 {
        return;
    }
    let program = env!("CARGO_BIN_EXE_dp");
    for place in ["d/deep", "state"] {
        std::fs::create_dir_all(dp.root().join(place)).expect("a directory");
    }
    std::fs::write(dp.root().join("d/file"), "").expect("a file");
    std::fs::create_dir_all(dp.home().join(".local/state/dp/s")).expect("a directory");
    for (made, mounted, says) in [
        ("../run ../d/deep", "../d", "the engine's socket"),
        ("../run ../d/deep", "../d/deep", "the engine's socket"),
        (".. ../d/deep", "../d", "the engine's socket"),
        (
            "../run/engine.sock ../d/file",
            "../d",
            "the engine's socket",
        ),
        (
            "../run/engine.sock ../d/file",
            "../d/file",
            "the engine's socket",
        ),
        ("$HOME/.local/state ../d/deep", "../d", "where `dp` keeps"),
        (
            "$HOME/.local/state/dp/s ../d/deep",
            "../d",
            "where `dp` keeps",
        ),
        (
            "$HOME/.local/state/dp/s ../d/deep",
            "../d/deep",
            "where `dp` keeps",
        ),
    ] {
        let script = format!("mount --bind {made}; exec {program} run -v {mounted}:/x shell");
        let ran = dp.run_other("unshare", ["-rm", "sh", "-c", &script]);
        assert_eq!(ran.code, 125, "{made} {mounted}: {ran}");
        assert!(ran.err().contains(says), "{made} {mounted}: {ran}");
    }
    // Another mount that holds none of it is one as before.
    let script = format!("mount --bind ../state ../d/deep; exec {program} run -v ../d:/x shell");
    let ran = dp.run_other("unshare", ["-rm", "sh", "-c", &script]);
    assert!(!ran.err().contains("would give"), "{ran}");
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
