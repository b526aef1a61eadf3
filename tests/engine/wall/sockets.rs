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
