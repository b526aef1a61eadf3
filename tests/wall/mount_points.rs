//! A project and an agent attack the person's files: a link on the way to a mount, or a volume of an
//! image, lets the engine make files as root where the person and other sandboxes keep theirs.

use crate::support::{DEADLINE, Dp, Ran, docker, engine_socket, wait_until};
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::process::Command;

/// A workspace with a repository, whose file mounts something at `target` in it.
fn scene(source: &str, target: &str) -> Dp {
    let dp = { Dp::on_engine().file(".git/HEAD", "ref: refs/heads/main\n") }
        .file("data/x", "own")
        .file("file", "own");
    let here = fs::canonicalize(dp.here()).expect("it is there");
    let file = format!(
        "docker: {{image: dp-test/busybox}}\n\
         mounts: [{{host_path: ./{source}, container_path: {}/{target}, read_only: false}}]\n",
        here.display()
    );
    dp.file("dp.yml", file)
}

/// Names and owners of everything in the workspace.
fn found(dp: &Dp) -> Vec<(String, u32)> {
    let mut found = Vec::new();
    let mut left = vec![dp.here().to_path_buf()];
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(directory).expect("a directory") {
            let entry = entry.expect("an entry");
            let metadata = entry.metadata().expect("it is there");
            left.extend(metadata.is_dir().then(|| entry.path()));
            found.push((entry.path().display().to_string(), metadata.uid()));
        }
    }
    found.sort();
    found
}

fn assert_refused(ran: &Ran, says: &str, what: &str) {
    assert!([4, 125].contains(&ran.code), "{what}: {ran}");
    assert!(ran.err().contains(says), "{what}: {ran}");
}

const RUN: [&str; 4] = ["run", "shell", "-c", "echo ran"];

#[test]
fn a_link_of_a_project_on_the_way_to_a_mount_makes_nothing_anywhere() {
    let table = [
        ("file", "z/index.lock", "z", "/workspace/.git"),
        ("file", "z/index.lock", "z", ".git"),
        ("file", "a/z/deep/index.lock", "a/z", "../.git"),
        ("data", "z/hooks", "z", "/workspace/.git"),
        ("data", "z", "z", "/workspace/.git/hooks"),
        ("file", "z", "z", "/workspace/.git/index.lock"),
        ("file", "z/settings.json", "z", "/home/agent/.claude"),
    ];
    for (source, target, link, leads_to) in table {
        let dp = scene(source, target);
        let place = dp.here().join(link);
        fs::create_dir_all(place.parent().expect("in a directory")).expect("a directory");
        symlink(leads_to, &place).expect("a link");
        let before = found(&dp);
        let ran = dp.run(RUN);
        assert_refused(&ran, "is a link on the way to the mount", target);
        assert_eq!(found(&dp), before, "{target} -> {leads_to}");
        assert_eq!(dp.containers().len(), 0, "{target}");
    }
}

#[test]
fn something_of_another_kind_in_the_place_of_a_mount_is_told_before_anything_is_made() {
    for (source, target) in [("data", "file"), ("file", "data"), ("file", "file/x/y")] {
        let dp = scene(source, target);
        let before = found(&dp);
        assert_refused(&dp.run(RUN), "needs ", target);
        assert_eq!(found(&dp), before, "{target}");
        assert_eq!(dp.containers().len(), 0, "{target}");
    }
}

#[test]
fn a_link_that_an_agent_left_on_the_way_to_a_mount_makes_nothing_at_the_next_start() {
    let dp = scene("file", "vendor/lib/index.lock");
    assert_eq!(dp.run(RUN).ok(), "ran");
    let plant = "rm -rf vendor/lib 2>/dev/null; mv vendor vendor.away; ln -s /workspace/.git vendor; mkdir .git/lib";
    dp.run(["run", "shell", "-c", plant]).ok();
    dp.run(["sandbox", "stop", "."]).ok();
    let before = found(&dp);
    let id = dp.containers();
    let ways: [&[&str]; 4] = [
        &["sandbox", "start", "."],
        &["sandbox", "restart", "."],
        &RUN,
        &["run", "--recreate", "-y", "shell", "-c", "echo ran"],
    ];
    for words in ways {
        let what = format!("{words:?}");
        assert_refused(&dp.run(words), "is a link on the way to the mount", &what);
        assert_eq!(found(&dp), before, "{what}");
        assert_eq!(dp.containers(), id, "{what}: the sandbox is kept");
    }
    fs::remove_file(dp.here().join("vendor")).expect("a link");
    assert_eq!(dp.run(RUN).ok(), "ran");
}

/// The engine mounts everything for each look into a sandbox, as it does for a start.
#[test]
fn a_look_into_a_sandbox_makes_nothing_either() {
    let dp = scene("file", "vendor/lib/index.lock");
    dp.run(["run", "-d", "shell"]).ok();
    fs::rename(dp.path("vendor"), dp.path("away")).expect("renamed");
    symlink("/workspace/.git", dp.path("vendor")).expect("a link");
    fs::create_dir(dp.path(".git/lib")).expect("a directory");
    let before = found(&dp);
    let refuse = |words: &[&str]| {
        let what = format!("{words:?}");
        assert_refused(&dp.run(words), "is a link on the way to the mount", &what);
        assert_eq!(found(&dp), before, "{what}");
    };
    let copies: [&[&str]; 3] = [
        &["sandbox", "cp", ".:/etc/hostname", "../copied"],
        &["sandbox", "cp", "file", ".:/tmp"],
        &["sandbox", "cp", ".:/etc/hostname", "-"],
    ];
    for words in copies {
        // The guest copies, and nothing is mounted for it.
        let ran = dp.run(words);
        assert_eq!(ran.code, 0, "{words:?}: {ran}");
        assert_eq!(found(&dp), before, "{words:?}");
    }
    docker(&["kill", &dp.container()]);
    copies.into_iter().for_each(refuse);
    refuse(&["sandbox", "logs", "."]);
    refuse(&["sandbox", "start", "."]);
    fs::remove_file(dp.path("vendor")).expect("a link");
    dp.run(copies[0]).ok();
}

/// The engine's container of a sandbox that runs is made anew when it is gone: the agent had time.
#[test]
fn a_link_on_the_way_to_a_mount_makes_nothing_for_the_engine_inside() {
    let dp = scene("file", "vendor/lib/index.lock");
    dp.run(["run", "--dind", "-d", "shell"]).ok();
    let kind = "label=dev.dp.kind=engine";
    let own = format!("label={}", dp.label());
    let list = ["ps", "--all", "--quiet", "--filter", kind, "--filter", &own];
    wait_until("the engine's container is there", DEADLINE, || {
        !docker(&list).is_empty()
    });
    docker(&["rm", "--force", docker(&list).trim()]);
    fs::rename(dp.here().join("vendor"), dp.here().join("away")).expect("renamed");
    symlink("/workspace/.git", dp.here().join("vendor")).expect("a link");
    let before = found(&dp);
    let ran = dp.run([
        "run",
        "--dind",
        "shell",
        "-c",
        "docker version 2>&1; echo on",
    ]);
    assert!(ran.out().contains("on"), "{ran}");
    assert_eq!(docker(&list), "", "{ran}");
    assert_eq!(found(&dp), before);
}

#[test]
fn what_is_missing_on_the_way_to_a_mount_is_made_by_the_person() {
    let group = fs::metadata(engine_socket()).expect("a socket").gid();
    for (source, target) in [("file", "new/deep/settings"), ("data", "new/deep/data")] {
        let dp = scene(source, target).unprivileged(1234, &[group]);
        let command = if source == "file" {
            "cat new/deep/settings"
        } else {
            "cat new/deep/data/x"
        };
        let run = |words: &[&str]| {
            let run = [&["run"][..], words, &["shell", "-c", command]].concat();
            assert_eq!(dp.run(run).ok(), "own", "{target} {words:?}");
        };
        run(&[]);
        let all = found(&dp);
        let new: Vec<_> = all
            .iter()
            .filter(|(name, _)| name.contains("/new"))
            .collect();
        assert_eq!(new.len(), 3, "{new:?}");
        assert!(all.iter().all(|(_, owner)| *owner == 1234), "{all:?}");
        // It is there by now.
        run(&["--recreate", "-y"]);
        dp.run(["sandbox", "stop", "."]).ok();
        run(&[]);
        dp.run(["sandbox", "stop", "."]).ok();
        fs::remove_dir_all(dp.here().join("new")).expect("it was made by the person");
        dp.run(["sandbox", "start", "."]).ok();
        run(&[]);
        assert_eq!(found(&dp), all);
    }
}

#[test]
fn where_the_person_cannot_write_nothing_is_made_by_root() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let group = fs::metadata(engine_socket()).expect("a socket").gid();
    let dp = scene("file", "closed/settings").file("closed/x", "");
    let dp = dp.unprivileged(1234, &[group]);
    let closed = dp.here().join("closed");
    std::os::unix::fs::lchown(&closed, Some(0), Some(0)).expect("root gives files away");
    let before = found(&dp);
    assert_refused(&dp.run(RUN), "cannot be made for the mount", "closed");
    assert_eq!(found(&dp), before);
}

/// Builds an image on the small one.
fn image(dp: &Dp, steps: &str) -> String {
    let tag = format!("dp-test/wall-volume-{}", std::process::id());
    fs::write(
        dp.path("../Dockerfile"),
        format!("FROM dp-test/busybox\nLABEL {}\n{steps}\n", dp.label()),
    )
    .expect("a file");
    let built = Command::new("docker")
        .args([
            "build",
            "--quiet",
            "--tag",
            &tag,
            "-f",
            &dp.path("../Dockerfile"),
            &dp.path("../home"),
        ])
        .output()
        .expect("the docker CLI is installed");
    assert!(built.status.success(), "{built:?}");
    tag
}

#[test]
fn a_volume_of_an_image_is_made_in_no_mount() {
    let dp = Dp::on_engine().file("x", "the person's\n");
    let here = fs::canonicalize(dp.here()).expect("it is there");
    let own = here.join("cache");
    let targets = ["/workspace/vol".to_string(), own.display().to_string()];
    for target in &targets {
        let image = image(&dp, &format!("VOLUME {target}"));
        let before = found(&dp);
        let ran = dp.run(["run", "-t", &image, "shell", "-c", "echo ran"]);
        assert_refused(&ran, "has a volume at", target);
        assert_eq!(found(&dp), before, "{target}");
        assert_eq!(dp.containers().len(), 0, "{target}");
    }
    // A mount of the person's stands in for the volume, and a volume beside it all is no matter.
    let image = image(&dp, &format!("VOLUME {} /var/vol", own.display()));
    fs::create_dir(dp.path("../given")).expect("a directory");
    let option = format!(
        "-v={}:{}",
        Path::new(&dp.path("../given")).display(),
        own.display()
    );
    let ran = dp.run([
        "run",
        &option,
        "-t",
        &image,
        "shell",
        "-c",
        "ls -d cache /var/vol",
    ]);
    assert_eq!(ran.ok(), "/var/vol\ncache");
    docker(&["image", "rm", "--force", &image]);
}

#[test]
fn nothing_of_a_file_begins_in_what_a_person_mounts() {
    let table = [
        ("./f", "/data/new"),
        ("./f", "/data/real"),
        ("./d", "/data/new/deep"),
        ("./d", "//data/./dir"),
        ("./f", "/srv/own/real"),
    ];
    for (source, target) in table {
        for mode in ["", ":ro"] {
            let dp = Dp::on_engine()
                .file("../own/real", "mine")
                .file("../own/dir/x", "mine")
                .file("f", "hostile")
                .file("d/x", "hostile")
                .file(
                    "dp.yml",
                    format!("mounts: [{{host_path: {source}, container_path: {target}}}]\n"),
                );
            let place = if target.starts_with("/srv") {
                "/srv/own"
            } else {
                "/data"
            };
            let mount = format!("../own:{place}{mode}");
            let given = ["-t", "dp-test/busybox", "-v", &mount, "shell"];
            for words in [&["run"][..], &["sandbox", "create"]] {
                let ran = dp.run([words, &given[..]].concat());
                let says = format!("in what you mount at `{place}`");
                assert!([2, 125].contains(&ran.code), "{target}: {ran}");
                assert!(ran.err().contains(&says), "{target}: {ran}");
                assert!(ran.err().contains("`dp.yml:1:22` asks for"), "{ran}");
            }
            assert_eq!(dp.containers(), [""; 0], "{target}");
            let own = Path::new(&dp.path("../own")).to_path_buf();
            let mut names: Vec<_> = { fs::read_dir(&own).expect("a directory") }
                .map(|entry| entry.expect("an entry").file_name())
                .collect();
            names.sort();
            assert_eq!(names, ["dir", "real"], "{target}");
            // What the person types as well is theirs.
            if mode.is_empty() && target == "/data/real" {
                let more = ["-v", "f:/data/real", "shell", "-c", "cat /data/real"];
                let ran = dp.run([&["run"], &given[..4], &more].concat());
                assert_eq!(ran.ok(), "hostile", "{ran}");
            }
        }
    }
}
