//! Root inside a sandbox attacks the next sandbox of the same name: what it leaves in the directory
//! of the guest's socket, which lies on the host, is in nobody's way.

use crate::support::Dp;
use std::path::PathBuf;

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

#[test]
fn what_root_left_in_the_sockets_directory_never_stops_the_next_sandbox() {
    let dp = Dp::on_engine();
    let groups = [std::os::unix::fs::MetadataExt::gid(
        &std::fs::metadata(crate::support::engine_socket()).expect("a socket"),
    )];
    let dp = dp.unprivileged(1234, &groups);
    dp.run(RUN).ok();
    let first = directory(&dp);
    let script =
        "cd /.dp/s && mkdir -p deep/er && touch deep/er/file && chown -R 0:0 . && chmod 700 .";
    dp.run(["sandbox", "exec", "-u", "0", ".", "sh", "-c", script])
        .ok();
    // The sandbox itself is still reached, and so is the next one of its name.
    assert_eq!(dp.run(RUN).out(), "done\n");
    dp.run(["sandbox", "rm", "--force", "."]).ok();
    assert_eq!(dp.run(RUN).out(), "done\n");
    assert_ne!(directory(&dp), first);
    let pruned = dp.run(["sandbox", "prune", "--yes"]);
    assert_eq!(pruned.code, 0, "{pruned}");
    if !rustix::process::geteuid().is_root() || first.exists() {
        assert!(pruned.err().contains("cannot remove"), "{pruned}");
    }
}

#[test]
fn what_root_wrote_into_the_sockets_directory_goes_whenever_dp_comes_by() {
    let dp = Dp::on_engine();
    dp.run(RUN).ok();
    let directory = directory(&dp);
    let fill = || {
        let script = "cd /.dp/s && dd if=/dev/zero of=fill bs=1024 count=1024 && ln -s /etc link && mkfifo pipe";
        let container = dp.container();
        crate::support::docker(&["exec", &container, "sh", "-c", script]);
    };
    let sandbox = crate::support::docker(&["inspect", "--format", "{{.Name}}", &dp.container()]);
    let sandbox = sandbox.trim_start_matches("/dp-");
    for words in [
        &["sandbox", "ls"][..],
        &["sandbox", "exec", ".", "true"],
        &["sandbox", "stop", "."],
    ] {
        fill();
        let ran = dp.run(words);
        assert_eq!(ran.code, 0, "{ran}");
        assert!(ran.err().contains(sandbox), "{words:?}: {ran}");
        assert!(
            ran.err().contains("3 files were removed"),
            "{words:?}: {ran}"
        );
        let names = std::fs::read_dir(&directory).expect("a directory");
        let names: Vec<_> = names
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        assert!(names.iter().all(|name| name == "guest.sock"), "{names:?}");
    }
    assert_eq!(dp.run(RUN).out(), "done\n");
    let ran = dp.run(["sandbox", "ls"]);
    assert_eq!(
        ran.err(),
        "",
        "nothing is said where nothing was left: {ran}"
    );
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
