//! Root inside a sandbox attacks the host and the next sandbox of the same name: the directory of the
//! guest's socket, which lies on the host, takes nothing from inside.

use crate::support::Dp;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

const RUN: [&str; 6] = ["run", "-t", "dp-test/busybox", "shell", "-c", "echo done"];

fn directory(dp: &Dp) -> PathBuf {
    let inspected = dp.inspect();
    let mounts = inspected["Mounts"].as_array().expect("mounts").clone();
    let mount = mounts
        .into_iter()
        .find(|mount| mount["Destination"] == "/.dp/s");
    mount.expect("it is bound")["Source"]
        .as_str()
        .expect("a path")
        .into()
}

/// Names, kinds, owners and rights of what is in a directory, and of itself.
fn look(directory: &Path) -> Vec<(PathBuf, u32, u32, u64)> {
    let entries = std::fs::read_dir(directory).expect("a directory");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut found: Vec<_> = paths
        .chain([directory.to_path_buf()])
        .map(|path| {
            let is = std::fs::symlink_metadata(&path).expect("it is there");
            (path, is.mode(), is.uid(), is.ino())
        })
        .collect();
    found.sort();
    found
}

#[test]
fn root_inside_writes_nothing_into_the_directory_of_its_socket() {
    let groups = [std::fs::metadata(crate::support::engine_socket())
        .expect("a socket")
        .gid()];
    let dp = Dp::on_engine().unprivileged(1234, &groups);
    dp.run(RUN).ok();
    let directory = directory(&dp);
    let before = look(&directory);
    let places = ["/.dp/s", "/proc/1/root/.dp/s", "/proc/1/cwd/.dp/s"];
    let attempts = [
        "dd if=/dev/zero of=fill bs=1024 count=1",
        "mkdir deep",
        "mkfifo pipe",
        "ln -s /etc link",
        "ln guest.sock other",
        "rm guest.sock",
        "mv guest.sock other",
        "chmod 777 guest.sock",
        "chmod 777 .",
        "chown 0:0 guest.sock",
        "chown 0:0 .",
        "touch .",
        "mount -o remount,rw,bind .",
        "umount .",
        "mount -t tmpfs none .",
        "unshare -Urm sh -c 'mount -o remount,rw,bind . && touch file'",
        "unshare -Urm sh -c 'umount . && touch file'",
    ];
    for place in places {
        let inside = |script: &str| dp.run(["sandbox", "exec", "-u", "0", ".", "sh", "-c", script]);
        // Each attempt is made there, or nobody gets there.
        let arrived = inside(&format!("cd {place} && test -S guest.sock && echo there"));
        if place != "/.dp/s" && arrived.err().contains("ermission denied") {
            continue;
        }
        assert_eq!(arrived.ok(), "there", "{place}");
        for attempt in attempts {
            let script = format!("cd {place} && {attempt}");
            let ran = inside(&script);
            assert_ne!(ran.code, 0, "{script}: {ran}");
            assert_eq!(look(&directory), before, "{script}");
        }
    }
    // It is one and the same after a stop, and gone with the sandbox.
    dp.run(["sandbox", "stop", "."]).ok();
    assert_eq!(dp.run(RUN).ok(), "done");
    dp.run(["sandbox", "rm", "--force", "."]).ok();
    assert!(!directory.exists());
    assert_eq!(dp.run(RUN).ok(), "done");
}

#[test]
fn a_sandbox_that_somebody_else_starts_is_reached_through_the_engine() {
    let dp = Dp::on_engine();
    dp.run(RUN).ok();
    crate::support::docker(&["restart", "--time", "10", &dp.container()]);
    assert_eq!(dp.run(RUN).ok(), "done");
    // The next start of ours gives it a socket again.
    dp.run(["sandbox", "stop", "."]).ok();
    assert_eq!(dp.run(RUN).ok(), "done");
    let socket = directory(&dp).join("guest.sock");
    std::os::unix::net::UnixStream::connect(socket).expect("its guest listens");
}

/// Somebody with the engine, or an engine on another machine, says that a directory of the person's
/// is a sandbox's.
#[test]
fn a_container_that_claims_another_directory_as_its_sockets_costs_nobody_a_file() {
    let dp = Dp::on_engine().file("../precious/file", "mine");
    dp.run(RUN).ok();
    let precious = std::fs::canonicalize(dp.path("../precious")).expect("it is there");
    let inspected = dp.inspect();
    let mounts = inspected["Mounts"].as_array().expect("mounts");
    let guest = mounts
        .iter()
        .find(|mount| mount["Destination"] == "/.dp/bin");
    let guest = guest.expect("it is mounted")["Name"]
        .as_str()
        .expect("a name");
    let labels = inspected["Config"]["Labels"].as_object().expect("labels");
    let labels = labels.iter().flat_map(|(key, value)| {
        [
            "--label".into(),
            format!("{key}={}", value.as_str().expect("text")),
        ]
    });
    let labels: Vec<String> = labels.collect();
    let name = inspected["Name"]
        .as_str()
        .expect("a name")
        .trim_start_matches('/')
        .to_string();
    dp.run(["sandbox", "rm", "--force", "."]).ok();
    let guest = format!("type=volume,src={guest},dst=/.dp/bin,readonly");
    let bind = format!("type=bind,src={},dst=/.dp/s", precious.display());
    let mut words = vec![
        "run", "--detach", "--name", &name, "--mount", &guest, "--mount", &bind,
    ];
    words.extend(labels.iter().map(String::as_str));
    words.extend(["dp-test/busybox", "sleep", "99"]);
    crate::support::docker(&words);
    for words in [
        &["sandbox", "ls"][..],
        &["sandbox", "exec", ".", "true"],
        &["sandbox", "rm", "--force", "."],
    ] {
        dp.spawn(words).wait_for(std::time::Duration::from_secs(60));
    }
    assert!(precious.join("file").exists(), "it is not the sandbox's");
}
