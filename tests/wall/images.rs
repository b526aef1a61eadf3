//! The author of an image attacks the person's files: links of the image lead PID 1, which is root,
//! into the workspace; and a `sudo` of a request's `PATH` would lift `no-new-privileges`.

use crate::support::{Dp, docker};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};

/// Builds an image on the small one.
fn image(dp: &Dp, name: &str, steps: &str) -> String {
    let tag = format!("dp-test/wall-{name}-{}", std::process::id());
    let label = dp.label();
    let text = format!("FROM dp-test/busybox\nLABEL {label}\n{steps}\n");
    let mut build = Command::new("docker")
        .args(["build", "--quiet", "--tag", &tag, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the docker CLI is installed");
    let mut stdin = build.stdin.take().expect("it is open");
    std::io::Write::write_all(&mut stdin, text.as_bytes()).expect("it is taken");
    drop(stdin);
    assert!(build.wait().expect("it ends").success());
    tag
}

/// Owner, mode and content of everything in a directory.
fn described(directory: &Path) -> Vec<String> {
    let mut all = Vec::new();
    let mut left = vec![directory.to_path_buf()];
    while let Some(path) = left.pop() {
        let metadata = std::fs::symlink_metadata(&path).expect("it is there");
        let content = if metadata.is_dir() {
            let entries = std::fs::read_dir(&path).expect("a directory");
            left.extend(entries.map(|entry| entry.expect("an entry").path()));
            String::new()
        } else {
            std::fs::read_to_string(&path).expect("text")
        };
        let (mode, owner) = (metadata.permissions().mode(), metadata.uid());
        all.push(format!("{} {owner} {mode:o} {content}", path.display()));
    }
    all.sort();
    all
}

#[test]
fn no_link_of_an_image_leads_pid_1_into_the_workspace() {
    let mut dp = Dp::on_engine();
    for directory in ["home/.config", "log", "lib", "sudoers.d"] {
        std::fs::create_dir_all(dp.here().join(directory)).expect("a directory");
    }
    for file in ["passwd", "group", "shadow", "gitconfig", "home/.config/x"] {
        dp = dp.file(file, "the person's\n");
    }
    let links = "RUN rm -rf /home/agent /etc/sudoers.d /etc/passwd /etc/group /etc/shadow \
        /var/log/dp /var/lib/dp /etc/gitconfig && mkdir -p /home /etc/skel/.config \
        && touch /etc/skel/.profile \
        && ln -s /workspace/home /home/agent && ln -s /workspace/sudoers.d /etc/sudoers.d \
        && ln -s /workspace/gitconfig /etc/gitconfig && ln -s ../workspace/passwd /etc/passwd \
        && ln -s /workspace/group /etc/group && ln -s /workspace/shadow /etc/shadow \
        && mkdir -p /var/log /var/lib \
        && ln -s /workspace/log /var/log/dp && ln -s /workspace/lib /var/lib/dp";
    let image = image(&dp, "links", links);
    let before = described(dp.here());
    let run = ["run", "-t", &image, "--user", "1234:1234", "--env", "A=1"];
    let ran = dp.run([&run[..], &["shell", "-c", "echo done"]].concat());
    assert_eq!(ran.out(), "done\n", "{ran}");
    assert_eq!(described(dp.here()), before);
    // Nor does it when it is started again, with what an agent could have changed.
    docker(&["restart", "--time", "0", &dp.container()]);
    let ran = dp.run([&run[..], &["shell", "-c", "echo done"]].concat());
    assert_eq!(ran.out(), "done\n", "{ran}");
    let ran = dp.run([&run[..], &["--detach", "shell"]].concat());
    assert_ne!(ran.code, 0, "it is kept nowhere: {ran}");
    assert_eq!(described(dp.here()), before);
}

#[test]
fn an_image_whose_links_stay_on_it_works() {
    let dp = Dp::on_engine();
    let links = "RUN rm -rf /home/agent && mkdir -p /usr/home /etc/skel && echo hello > /etc/skel/.x \
        && rm -rf /home /etc/group && ln -s usr/home /home && touch /etc/group.real \
        && ln -s group.real /etc/group";
    let image = image(&dp, "kept", links);
    let script = "cat ~/.x; id -un; id -gn; readlink /etc/group; touch ~/new && echo wrote";
    let run = [
        "run",
        "-t",
        &image,
        "--user",
        "1234:1235",
        "shell",
        "-c",
        script,
    ];
    let ran = dp.run(run);
    assert_eq!(
        ran.out(),
        "hello\nagent\nagent\ngroup.real\nwrote\n",
        "{ran}"
    );
}

#[test]
fn privileges_are_gained_by_the_images_own_sudo_and_no_other() {
    let dp = Dp::on_engine();
    let flag = "grep NoNewPrivs /proc/self/status | cut -f2";
    let locked = |image: &str, words: &[&str]| {
        let run = [
            "run",
            "--recreate",
            "-y",
            "-t",
            image,
            "--user",
            "1234:1234",
        ];
        dp.run([&run[..], words, &["shell", "-c", flag]].concat())
            .ok()
    };
    // One in the workspace, of a request's path.
    let dp_file = dp.here().join("sudo");
    std::fs::write(&dp_file, "#!/bin/sh\n").expect("a file");
    std::fs::set_permissions(&dp_file, PermissionsExt::from_mode(0o755)).expect("a mode");
    let path = format!("PATH={}:/bin:/usr/bin", dp.here().display());
    assert_eq!(locked("dp-test/busybox", &["--env", &path]), "1");
    // One that is no program of root's.
    let steps = "RUN mkdir -p /usr/bin && cp /bin/busybox /usr/bin/sudo && chmod 755 /usr/bin/sudo";
    assert_eq!(locked(&image(&dp, "plain", steps), &[]), "1");
    let steps =
        "RUN mkdir -p /usr/bin && cp /bin/busybox /usr/bin/sudo && chmod 4755 /usr/bin/sudo";
    assert_eq!(locked(&image(&dp, "sudo", steps), &[]), "0");
}
