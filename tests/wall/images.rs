//! The author of an image attacks the person's files: links of the image lead PID 1, which is root,
//! into the workspace; and a `sudo` of a request's `PATH` would lift `no-new-privileges`.

use crate::support::{Dp, docker};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

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
        } else if metadata.is_symlink() {
            let target = std::fs::read_link(&path).expect("a link");
            format!("-> {}", target.display())
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
    let links = links.replace("/workspace", &dp.here().to_string_lossy());
    let image = image(&dp, "links", &links);
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

/// Links in the places that PID 1 writes to. `APP` stands for the workspace's path.
const LED: [(&str, &str); 12] = [
    // The `docker` command.
    (
        "bin",
        "RUN mkdir -p /usr/local && rm -rf /usr/local/bin && ln -s APP/d /usr/local/bin",
    ),
    (
        "relative",
        "RUN mkdir -p /usr/local && rm -rf /usr/local/bin && ln -s ../..APP/d /usr/local/bin",
    ),
    (
        "new",
        "RUN mkdir -p /usr/local && rm -rf /usr/local/bin && ln -s ../../hop /usr/local/bin \
         && ln -s ./APP/new /hop",
    ),
    ("path", "ENV PATH=APP/d/p/q:/bin"),
    ("path-led", "RUN ln -s .APP/d /led\nENV PATH=/led/p/q:/bin"),
    // Its socket, and the link to that.
    (
        "var",
        "RUN rm -rf /var/run && mkdir -p /var && ln -s APP/d /var/run",
    ),
    ("run", "RUN rm -rf /run && ln -s .APP/d /run"),
    (
        "chain",
        "RUN rm -rf /run /var/run && mkdir -p /var/a && ln -s ../run /var/run \
         && ln -s var/a/b /run && ln -s ../../hop /var/a/b && ln -s .APP/d /hop",
    ),
    // All else.
    (
        "log",
        "RUN rm -rf /var/log && mkdir -p /var && ln -s ..APP/d /var/log",
    ),
    (
        "lib",
        "RUN rm -rf /var/lib && mkdir -p /var && ln -s APP/d /var/lib",
    ),
    ("home", "RUN rm -rf /home && ln -s APP/d /home"),
    (
        "skeleton",
        "RUN rm -rf /home /etc/skel && ln -s APP/d /etc/skel && ln -s .APP/d /home",
    ),
];

#[test]
fn no_link_of_an_image_leads_pid_1_into_the_workspace_with_docker_inside() {
    let people: [&[&str]; 2] = [&["--user", "root"], &["--user", "1234:1234"]];
    for (name, steps) in LED {
        let dp = { Dp::on_engine().file("d/docker.sock", "the person's\n") }
            .file("d/bin/own", "the person's\n");
        let steps = steps.replace("APP", &dp.here().to_string_lossy());
        let image = image(&dp, &format!("dind-{name}"), &steps);
        for person in people {
            let before = described(dp.here());
            let run = ["run", "--recreate", "-y", "--dind", "-t", &image];
            let ran = dp.run([&run[..], person, &["shell", "-c", "pwd -P"]].concat());
            // That is where the links lead.
            let here = format!("{}\n", dp.here().display());
            assert_eq!(ran.out(), here, "{name} {person:?}: {ran}");
            assert_eq!(described(dp.here()), before, "{name} {person:?}");
            if person == people[0] {
                continue;
            }
            docker(&["restart", "--time", "0", &dp.container()]);
            let run = ["run", "--dind", "-t", &image];
            dp.run([&run[..], person, &["shell", "-c", "true"]].concat())
                .ok();
            assert_eq!(described(dp.here()), before, "{name} {person:?}, again");
        }
    }
}

#[test]
fn an_image_whose_links_stay_on_it_has_docker_inside() {
    let dp = Dp::on_engine();
    let links = "RUN rm -rf /run /var/run /usr/local && mkdir -p /var /usr/local /real/run /real/bin \
        && ln -s real/run /run && ln -s ../run /var/run && ln -s ../../hop /usr/local/bin && ln -s real/bin /hop\n\
        ENV PATH=/usr/local/bin:/bin";
    let image = image(&dp, "dind-kept", links);
    let script = "readlink /usr/local/bin/docker; readlink /var/run/docker.sock; docker version -f '{{.Server.Os}}'";
    for person in ["root", "1234:1234"] {
        let run = [
            "run",
            "--recreate",
            "-y",
            "--dind",
            "-t",
            &image,
            "--user",
            person,
        ];
        let words = [&run[..], &["shell", "-c", script]].concat();
        let ran = dp.spawn(words).wait_for(Duration::from_secs(120));
        assert_eq!(
            ran.out(),
            "/usr/local/lib/dp-docker/docker\n/run/dp-docker/docker.sock\nlinux\n",
            "{person}: {ran}"
        );
    }
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

#[test]
fn what_an_image_wants_run_beside_its_program_is_not_run() {
    let dp = Dp::on_engine().file("kept", "the person's\n");
    let steps = "HEALTHCHECK --interval=1ms CMD touch /workspace/checked\nWORKDIR /workspace/work";
    let image = image(&dp, "checked", steps);
    // An image of a `WORKDIR` has the directory; in the workspace nobody makes it.
    let before = described(dp.here());
    let ran = dp.run(["run", "-t", &image, "shell", "-c", "sleep 2; echo done"]);
    assert_eq!(ran.ok(), "done");
    assert_eq!(described(dp.here()), before);
    let inspected = dp.inspect();
    assert_eq!(inspected["Config"]["Healthcheck"]["Test"][0], "NONE");
    assert!(inspected["State"]["Health"].is_null(), "{inspected}");
    docker(&["image", "rm", "--force", &image]);
}
