//! An agent in one sandbox attacks the person's machine: while `dp` starts another sandbox of the
//! same directory, it puts a link in the place of what is mounted. The proxy does that at the worst
//! moment, just before the engine opens the source.

use crate::support::{Dp, Proxy, Ran, docker};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const FILE: &str = "mounts: [{host_path: ./data, container_path: /data, read_only: false}]\n\
    docker: {image: dp-test/busybox}\n";

/// A project with a mount in its own directory, and a directory outside that nobody may have.
struct Scene {
    dp: Dp,
    proxy: Proxy,
    private: PathBuf,
}

impl Scene {
    fn new(file: &str) -> Self {
        let dp = { Dp::on_engine().file("dp.yml", file) }
            .file("data/deep/x", "own")
            .file("../private/deep/x", "private")
            .file("../private/x", "private");
        let proxy = Proxy::new(dp.root());
        let private = fs::canonicalize(dp.path("../private")).expect("it is there");
        let address = proxy.address();
        Self {
            dp: dp.env("DOCKER_HOST", address),
            proxy,
            private,
        }
    }

    fn real(&self, path: &str) -> PathBuf {
        fs::canonicalize(self.dp.path(path)).expect("it is there")
    }

    /// Before the next call to start, `path` becomes a link to the private directory.
    fn swap(&self, path: &Path) {
        self.swap_before(1, path);
    }

    /// The same before the start of this number, from 1: the second is that of the engine's container.
    fn swap_before(&self, number: usize, path: &Path) {
        let (path, private) = (path.to_path_buf(), self.private.clone());
        let starts = AtomicUsize::new(0);
        self.proxy.before("/start", move || {
            if starts.fetch_add(1, Ordering::SeqCst) + 1 == number {
                fs::rename(&path, path.with_extension("away")).expect("renamed");
                symlink(&private, &path).expect("a link");
            }
        });
    }

    /// Puts back what was swapped.
    fn restore(&self, path: &Path) {
        self.proxy.heal();
        fs::remove_file(path).expect("a link");
        fs::rename(path.with_extension("away"), path).expect("renamed");
    }

    fn run(&self, words: &[&str]) -> Ran {
        self.dp.run(words)
    }
}

fn assert_ended(ran: &Ran, place: &Path) {
    let says = format!("`{}` was replaced while the sandbox", place.display());
    assert!([4, 125].contains(&ran.code), "{ran}");
    assert!(ran.err().contains(&says), "{ran}");
    assert!(!ran.out().contains("private"), "{ran}");
}

const SHOW: [&str; 4] = ["run", "shell", "-c", "cat /data/x /data/deep/x"];

#[test]
fn a_link_swapped_in_for_a_mount_ends_a_new_sandbox() {
    let scene = Scene::new(FILE);
    let data = scene.real("data");
    let ways: [&[&str]; 3] = [
        &SHOW,
        &["run", "-d", "shell"],
        &["sandbox", "create", "shell"],
    ];
    for words in ways {
        scene.swap(&data);
        assert_ended(&scene.run(words), &data);
        assert_eq!(scene.dp.containers().len(), 0, "{words:?}: it is removed");
        scene.restore(&data);
    }
    assert_eq!(
        scene.run(&["run", "shell", "-c", "cat /data/deep/x"]).ok(),
        "own"
    );
}

#[test]
fn a_link_swapped_in_for_a_mount_ends_a_sandbox_that_was_stopped() {
    let scene = Scene::new(FILE);
    let data = scene.real("data");
    scene.run(&["run", "-d", "shell"]).ok();
    let ways: [&[&str]; 4] = [
        &["sandbox", "restart", "."],
        &["sandbox", "start", "."],
        &SHOW,
        &["run", "-d", "shell"],
    ];
    for words in ways {
        scene.run(&["sandbox", "stop", "."]).ok();
        scene.swap(&data);
        assert_ended(&scene.run(words), &data);
        let inspect = ["--format", "json", "sandbox", "inspect", "."];
        let state = scene.run(&inspect).json()["state"].clone();
        assert_eq!(state, "exited", "{words:?}");
        scene.restore(&data);
    }
    scene.run(&["sandbox", "start", "."]).ok();
    let ran = scene.run(&["run", "shell", "-c", "cat /data/deep/x"]);
    assert_eq!(ran.ok(), "own");
}

#[test]
fn a_link_swapped_in_during_a_recreation_brings_the_old_sandbox_back() {
    let scene = Scene::new(FILE);
    let data = scene.real("data");
    scene.run(&["run", "-d", "shell"]).ok();
    let id = scene.dp.containers();
    scene.swap(&data);
    let mut words = vec!["run", "--recreate"];
    words.extend(&SHOW[1..]);
    assert_ended(&scene.run(&words), &data);
    scene.restore(&data);
    assert_eq!(scene.dp.containers(), id, "the old one, and it alone");
}

#[test]
fn a_link_swapped_in_for_the_mount_of_a_team_ends_its_sandbox() {
    let file = format!("{FILE}agents: {{a: {{agent: shell, args: [-c, cat /data/x]}}}}\n");
    let scene = Scene::new(&file);
    let data = scene.real("data");
    scene.swap(&data);
    assert_ended(&scene.run(&["run", "--yes"]), &data);
    assert_eq!(scene.dp.containers().len(), 0, "it is removed");
}

#[test]
fn a_directory_above_the_mount_is_no_way_either() {
    let file = FILE.replace("./data", "./data/deep");
    let scene = Scene::new(&file);
    let (data, deep) = (scene.real("data"), scene.real("data/deep"));
    scene.swap(&data);
    assert_ended(&scene.run(&SHOW), &deep);
}

#[test]
fn the_workspace_itself_is_no_way_either() {
    let scene = Scene::new("docker: {image: dp-test/busybox}\n");
    let here = scene.real("");
    scene.swap(&here);
    let options = ["run", "--no-file", "-t", "dp-test/busybox"];
    let words = [&options[..], &["shell", "-c", "cat /workspace/x"]].concat();
    assert_ended(&scene.run(&words), &here);
}

#[test]
fn mounts_of_the_command_line_are_no_way_either() {
    let scene = Scene::new("docker: {image: dp-test/busybox}\n");
    let data = scene.real("data");
    for option in ["-v=data:/data", "--add-workspace=data"] {
        scene.swap(&data);
        let ran = scene.run(&["run", option, "shell", "-c", "cat /data/x data/x"]);
        assert_ended(&ran, &data);
        scene.restore(&data);
    }
}

/// The engine's container mounts the same. It is started after the sandbox, which is proven by then.
#[test]
fn a_link_swapped_in_under_the_engine_inside_ends_that_engine() {
    let above = FILE.replace("./data", "./data/deep");
    for (file, user) in [(FILE, "root"), (&above, "1234:1234")] {
        let scene = Scene::new(file);
        // A guest that has to be delivered first costs another start.
        scene.run(&["run", "--dind", "shell", "-c", "true"]).ok();
        scene.run(&["sandbox", "rm", "--force", "."]).ok();
        let data = scene.real("data");
        scene.swap_before(2, &data);
        let script = "docker version 2>&1";
        let options = ["run", "--dind", "--user", user, "shell", "-c", script];
        let ran = scene.dp.spawn(options).wait_for(Duration::from_secs(60));
        assert!(data.is_symlink(), "{user}: it was swapped: {ran}");
        assert!(ran.out().contains("does not run"), "{user}: {ran}");
        let kind = "label=dev.dp.kind=engine";
        let own = format!("label={}", scene.dp.label());
        let list = ["ps", "--all", "--quiet", "--filter", kind, "--filter", &own];
        assert_eq!(docker(&list), "", "{user}: the engine's container is gone");
    }
}

/// Whoever started it was killed before it had looked: the next `dp` looks.
#[test]
fn a_sandbox_that_nobody_has_proven_is_proven_by_the_next_run() {
    let scene = Scene::new(FILE);
    let data = scene.real("data");
    scene.run(&["run", "-d", "shell"]).ok();
    let id = scene.dp.containers()[0].clone();
    docker(&["stop", &id]);
    docker(&["start", &id]);
    assert_eq!(
        scene.run(&["run", "shell", "-c", "cat /data/deep/x"]).ok(),
        "own"
    );
    docker(&["stop", &id]);
    fs::rename(&data, data.with_extension("away")).expect("renamed");
    symlink(&scene.private, &data).expect("a link");
    docker(&["start", &id]);
    let ran = scene.run(&["sandbox", "exec", ".", "cat", "/data/x"]);
    assert!(ran.err().contains("nobody has proven"), "{ran}");
    assert!(!ran.out().contains("private"), "{ran}");
    fs::remove_file(&data).expect("a link");
    fs::rename(data.with_extension("away"), &data).expect("renamed");
    assert_ended(&scene.run(&SHOW), &data);
}
