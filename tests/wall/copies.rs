//! An agent attacks the person's files while `dp` copies: it flips a file and a link, or a directory
//! and a link, where `dp` reads or writes, and puts pipes and devices in the way.

use crate::support::{DEADLINE, Dp, Proxy, Ran, docker, wait_until};
use rustix::process::Signal;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Flips `path` between what it is and a link to `target`, as fast as it can, until it is dropped.
pub(crate) struct Flip {
    is_over: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Flip {
    pub(crate) fn new(path: PathBuf, target: PathBuf) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            let (away, link) = (path.with_extension("away"), path.with_extension("link"));
            symlink(&target, &link).expect("a link");
            while !ends.load(Ordering::SeqCst) {
                fs::rename(&path, &away).expect("away");
                fs::rename(&link, &path).expect("the link is there");
                fs::rename(&path, &link).expect("the link goes");
                fs::rename(&away, &path).expect("back");
            }
        });
        Self {
            is_over,
            thread: Some(thread),
        }
    }
}

impl Drop for Flip {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

/// A sandbox that runs, and a directory outside of it.
fn scene() -> (Dp, PathBuf) {
    let dp = { Dp::on_engine().file("../private/key", "private") }.file("d/key", "own");
    dp.run(["run", "-t", "dp-test/busybox", "-d", "shell"]).ok();
    let private = fs::canonicalize(dp.path("../private")).expect("it is there");
    (dp, private)
}

/// A sandbox in which a script runs, which makes the file `/tmp/ready`.
fn in_background(dp: &Dp, options: &[&str], script: &str) {
    dp.run([&["run", "-d"], options, &["shell"]].concat()).ok();
    let exec = ["sandbox", "exec", "-d", ".", "sh", "-c", script];
    dp.run(exec).ok();
    let ready = ["sandbox", "exec", ".", "test", "-e", "/tmp/ready"];
    wait_until("the script", DEADLINE, || dp.run(ready).code == 0);
}

fn cp(dp: &Dp, from: &str, to: &str) -> Ran {
    let running = dp.spawn(["sandbox", "cp", from, to]);
    running.wait_for(Duration::from_secs(30))
}

#[test]
fn a_copy_into_a_sandbox_takes_nothing_else_than_what_it_looked_at() {
    let (dp, private) = scene();
    for (path, target) in [("d/key", "key"), ("d", "")] {
        let flip = Flip::new(dp.path(path).into(), private.join(target));
        for _ in 0..10 {
            // It may fail, as what it looked at may be gone.
            cp(&dp, "d", ".:/tmp/copy");
        }
        drop(flip);
        let found = dp.run(["sandbox", "exec", ".", "grep", "-r", "private", "/tmp"]);
        assert_eq!(found.out(), "", "{path}");
    }
    cp(&dp, "d", ".:/tmp/whole").ok();
    let found = dp.run(["sandbox", "exec", ".", "cat", "/tmp/whole/key"]);
    assert_eq!(found.ok(), "own");
}

/// A scene whose calls of the engine are known, as the sandbox stands still, and a swap of `path` for a link just before one of them.
fn hooked(call: &str, path: &str, target: &str) -> (Dp, PathBuf) {
    let (dp, private) = scene();
    dp.run(["sandbox", "stop", "."]).ok();
    let proxy = Proxy::new(dp.root());
    let (path, target) = (PathBuf::from(dp.path(path)), private.join(target));
    fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
    let is_done = AtomicBool::new(false);
    proxy.before(call, move || {
        if !is_done.swap(true, Ordering::SeqCst) {
            fs::rename(&path, path.with_extension("away")).expect("away");
            symlink(&target, &path).expect("a link");
        }
    });
    let address = proxy.address();
    (dp.env("DOCKER_HOST", address), private)
}

/// The same at the two moments that count: what is there is asked for, and the archive is sent.
#[test]
fn a_link_swapped_in_at_a_call_of_the_engine_is_not_copied_in() {
    for call in ["HEAD ", "PUT "] {
        for (path, target) in [("d/key", "key"), ("d", "")] {
            let (dp, _private) = hooked(call, path, target);
            let ran = cp(&dp, "d", ".:/tmp/copy");
            assert!(
                Path::new(&dp.path(path)).is_symlink(),
                "{call}{path}: it was swapped: {ran}"
            );
            dp.run(["sandbox", "start", "."]).ok();
            let found = dp.run(["sandbox", "exec", ".", "grep", "-r", "private", "/tmp"]);
            assert_eq!(found.out(), "", "{call}{path}");
        }
    }
}

/// The same on the way out, just before the archive comes.
#[test]
fn a_link_swapped_in_at_a_call_of_the_engine_is_not_written_through() {
    for path in ["to/out/deep", "to/out", "to"] {
        let (dp, private) = scene();
        let make = "mkdir -p /tmp/out/deep; echo x > /tmp/out/deep/new; echo x > /tmp/out/new; echo x > /tmp/new";
        dp.run(["sandbox", "exec", ".", "sh", "-c", make]).ok();
        dp.run(["sandbox", "stop", "."]).ok();
        fs::create_dir_all(dp.path("to/out/deep")).expect("a directory");
        let proxy = Proxy::new(dp.root());
        let (place, target) = (PathBuf::from(dp.path(path)), private.clone());
        let is_done = AtomicBool::new(false);
        proxy.before("/archive?", move || {
            if !is_done.swap(true, Ordering::SeqCst) {
                fs::rename(&place, place.with_extension("away")).expect("away");
                symlink(&target, &place).expect("a link");
            }
        });
        let dp = { dp }.env("DOCKER_HOST", proxy.address());
        cp(&dp, ".:/tmp/out", "to");
        let calls = proxy.calls();
        assert!(Path::new(&dp.path(path)).is_symlink(), "{path}: {calls:?}");
        let names: Vec<_> = fs::read_dir(&private)
            .expect("a directory")
            .flatten()
            .collect();
        assert_eq!(names.len(), 1, "{path}: {names:?}");
    }
}

/// For a copy the engine mounts what the sandbox mounts, on its own machine, at paths that it looks up in
/// the sandbox. The agent exchanges such a directory for a link as fast as it can.
#[test]
fn a_copy_of_a_sandbox_that_runs_has_the_engine_mount_nothing() {
    let dp = Dp::on_engine()
        .file("data/x", "own")
        .file("../out/own", "own");
    let out = fs::canonicalize(dp.path("../out")).expect("it is there");
    let script = format!(
        "ln -s {} /link; touch /tmp/ready; exec perl -e 'while (1) {{ syscall(316, -100, $a = q(/q), -100, $b = q(/link), 2) }}'",
        out.display()
    );
    let mount = format!("{}:/q/cron.d", dp.path("data"));
    let proxy = Proxy::new(dp.root());
    let dp = dp.env("DOCKER_HOST", proxy.address());
    let options = ["-t", "dp-test/debian", "--user", "root", "-v", &mount];
    in_background(&dp, &options, &script);
    proxy.heal();
    for round in 0..20 {
        cp(&dp, ".:/etc/hostname", "copy").ok();
        cp(&dp, "data/x", ".:/tmp/").ok();
        let names = fs::read_dir(&out).expect("it is there").count();
        assert_eq!(names, 1, "{round}");
    }
    let calls = proxy.calls();
    let archives = calls.iter().filter(|call| call.contains("/archive"));
    assert_eq!(archives.count(), 0, "{calls:?}");
}

/// Who is not root inside exchanges where a copy goes for a link to where only root may write.
#[test]
fn a_copy_into_a_sandbox_writes_nothing_as_root_where_an_agent_leads_it() {
    let dp = Dp::on_engine();
    let flip = "while (1) { syscall(316, -100, $a = q(/tmp/x/d), -100, $b = q(/tmp/link), 2) }";
    let script = format!(
        "mkdir -p /tmp/x/d; ln -s /opt /tmp/link; ln -s /opt /tmp/still; touch /tmp/ready; exec perl -e '{flip}'"
    );
    let options = ["-t", "dp-test/debian", "--user", "1000:1000"];
    in_background(&dp, &options, &script);
    let mut archive = tar::Builder::new(Vec::new());
    for name in ["d/planted", "d/deep/planted"] {
        let mut header = tar::Header::new_gnu();
        header.set_size(3);
        header.set_mode(0o644);
        header.set_uid(1000);
        header.set_gid(1000);
        header.set_cksum();
        archive
            .append_data(&mut header, name, &b"own"[..])
            .expect("memory");
    }
    let archive = archive.into_inner().expect("memory");
    for _ in 0..20 {
        // It may fail, as what it looked at may be gone.
        dp.run_with(["sandbox", "cp", "-", ".:/tmp/x"], &archive);
    }
    dp.run_with(["sandbox", "cp", "-", ".:/tmp/x/d"], &archive);
    let ran = dp.run_with(["sandbox", "cp", "-", ".:/tmp/still"], &archive);
    assert!(ran.err().contains("ermission denied"), "{ran}");
    let found = dp.run(["sandbox", "exec", ".", "ls", "/opt"]);
    assert_eq!(found.ok(), "");
    // Where nobody but root can change the way, the person decides.
    dp.run_with(["sandbox", "cp", "-", ".:/opt"], &archive).ok();
    let found = dp.run(["sandbox", "exec", "-u", "0", ".", "ls", "/opt/d/deep"]);
    assert_eq!(found.ok(), "planted");
}

#[test]
fn a_pipe_holds_no_copy_up_and_a_planted_link_is_not_typed() {
    let (dp, private) = scene();
    dp.run_other("mkfifo", ["d/pipe"]).ok();
    cp(&dp, "d", ".:/tmp/copy").ok();
    cp(&dp, "d/pipe", ".:/tmp/pipe").ok();
    let listed = dp.run(["sandbox", "exec", ".", "ls", "/tmp/copy"]);
    assert_eq!(listed.ok(), "key");
    symlink(&private, dp.path("led")).expect("a link");
    for (from, to) in [
        ("led/key", ".:/tmp/"),
        (".:/etc/hosts", "led"),
        (".:/etc/hosts", "led/new"),
    ] {
        let ran = cp(&dp, from, to);
        assert!(ran.err().contains("leads out of"), "{from} {to}: {ran}");
    }
    let names: Vec<_> = fs::read_dir(&private)
        .expect("a directory")
        .flatten()
        .collect();
    assert_eq!(names.len(), 1, "{names:?}");
    // The link itself is copied as one.
    cp(&dp, "led", ".:/tmp/led").ok();
    let shown = dp.run(["sandbox", "exec", ".", "readlink", "/tmp/led"]);
    assert_eq!(Path::new(&shown.ok()), private);
}

#[test]
fn a_link_of_another_sandboxs_agent_is_not_typed_either() {
    let (dp, private) = scene();
    // Another project, its agent's link, and the person's own link into that project.
    let dp = dp.file("../other/d/own", "own").at("../other");
    fs::create_dir(dp.path("../common")).expect("a directory");
    let script = "ln -s PRIVATE led; ln -s PRIVATE /common/led; ln -s ../led/.. d/way"
        .replace("PRIVATE", &private.display().to_string());
    let words = [
        "run",
        "-t",
        "dp-test/busybox",
        "-v",
        "../common:/common",
        "shell",
        "-c",
    ];
    dp.run([&words[..], &[&script]].concat()).ok();
    let dp = dp.at("../app");
    symlink("other", dp.path("../mine")).expect("a link");
    symlink("other/led", dp.path("../through")).expect("a link");
    for way in [
        "../other/led",
        "../mine/led",
        "../mine/d/../led",
        "../through",
        "../common/led",
        "../mine/d/way/private",
    ] {
        for (from, to) in [
            (format!("{way}/key"), ".:/tmp/".to_string()),
            (format!("{way}/."), ".:/tmp/".to_string()),
            (".:/etc/hosts".to_string(), way.to_string()),
            (".:/etc/hosts".to_string(), format!("{way}/new")),
        ] {
            let ran = cp(&dp, &from, &to);
            assert!(ran.err().contains("leads out of"), "{from} {to}: {ran}");
        }
    }
    assert_eq!(fs::read_dir(&private).expect("a directory").count(), 1);
    // A person's own links are followed.
    cp(&dp, "../mine/d/own", ".:/tmp/").ok();
    cp(&dp, ".:/etc/hosts", "../mine/d").ok();
    assert!(Path::new(&dp.path("../other/d/hosts")).exists());
}

#[test]
fn a_copy_out_of_a_sandbox_writes_nowhere_else() {
    let (dp, private) = scene();
    let make = "mkdir -p /tmp/out/deep; cd /tmp/out; for i in 1 2 3 4 5 6 7 8; do echo $i > deep/$i; done; \
        echo x > prog; chmod 6755 prog; mkfifo pipe; ln -s /etc/passwd link";
    dp.run(["sandbox", "exec", ".", "sh", "-c", make]).ok();
    fs::create_dir_all(dp.path("to/out/deep")).expect("a directory");
    for path in ["to/out/deep", "to/out", "to"] {
        let flip = Flip::new(dp.path(path).into(), private.clone());
        for _ in 0..6 {
            cp(&dp, ".:/tmp/out", "to");
        }
        drop(flip);
        let names: Vec<_> = fs::read_dir(&private)
            .expect("a directory")
            .flatten()
            .collect();
        assert_eq!(names.len(), 1, "{path}: {names:?}");
    }
    cp(&dp, ".:/tmp/out", "to").ok();
    let mode = fs::metadata(dp.path("to/out/prog"))
        .expect("a file")
        .permissions();
    assert_eq!(mode.mode() & 0o7777, 0o755, "it does not run as its owner");
    assert!(fs::symlink_metadata(dp.path("to/out/pipe")).is_err());
    assert!(Path::new(&dp.path("to/out/link")).is_symlink());
}

#[test]
fn an_interrupted_copy_leaves_nothing_and_a_sparse_file_takes_no_room() {
    let (dp, _) = scene();
    let make = "truncate -s 200G /tmp/huge; truncate -s 300M /tmp/sparse";
    dp.run(["sandbox", "exec", ".", "sh", "-c", make]).ok();
    fs::create_dir(dp.path("to")).expect("a directory");
    for signal in [Signal::INT, Signal::TERM, Signal::KILL] {
        let running = dp.spawn(["sandbox", "cp", ".:/tmp/huge", "to"]);
        let open = format!("/proc/{}/fd", running.pid().as_raw_nonzero());
        let to = fs::canonicalize(dp.path("to")).expect("it is there");
        wait_until("the file is under way", DEADLINE, || {
            let files = fs::read_dir(&open).into_iter().flatten().flatten();
            let mut targets = files.filter_map(|file| fs::read_link(file.path()).ok());
            targets.any(|target| target.starts_with(&to) && target != to)
        });
        running.signal(signal);
        let ran = running.wait_for(Duration::from_secs(30));
        assert_ne!(ran.code, 0, "{ran}");
        let left: Vec<_> = fs::read_dir(&to).expect("a directory").flatten().collect();
        assert!(left.is_empty(), "{signal:?}: {left:?}");
    }
    cp(&dp, ".:/tmp/sparse", "to").ok();
    let sparse = fs::metadata(dp.path("to/sparse")).expect("a file");
    assert_eq!(sparse.len(), 300 << 20);
    assert!(sparse.blocks() * 512 < 1 << 20, "{}", sparse.blocks());
}

#[test]
fn a_template_of_more_than_a_disk_holds_is_not_copied() {
    let text = "docker: {image: dp-test/debian}\nagents: {x: {template: ./x}}\n";
    let manifest = "name: x\ndescription: x\ncommand: ls\n";
    let dp = { Dp::on_engine().file("dp.yml", text) }.file("x/dspatch.agent.yml", manifest);
    dp.run_other("truncate", ["-s", "8T", "x/sparse"]).ok();
    let ran = dp.spawn(["run", "--yes"]).wait_for(Duration::from_secs(30));
    assert!(
        ran.err()
            .contains("the template has more than 64g: `sparse` has 8t"),
        "{ran}"
    );
}

/// The template is swapped when its description has been read: the engine is asked next.
#[test]
fn a_template_swapped_for_a_link_after_it_was_read_is_not_followed() {
    let text = "docker: {image: dp-test/debian}\nagents: {x: {template: ./x, command: [cat, /agents/x/key]}}\n";
    let dp = { Dp::on_engine().file("dp.yml", text) }
        .file(
            "x/dspatch.agent.yml",
            "name: x\ndescription: x\ncommand: cat /agents/x/key\n",
        )
        .file("x/key", "own\n")
        .file("../private/key", "private\n");
    let proxy = Proxy::new(dp.root());
    let private = fs::canonicalize(dp.path("../private")).expect("it is there");
    let (path, away) = (PathBuf::from(dp.path("x")), PathBuf::from(dp.path("away")));
    proxy.before("/start", move || {
        if fs::rename(&path, &away).is_ok() {
            symlink(&private, &path).expect("a link");
        }
    });
    let address = proxy.address();
    let dp = dp.env("DOCKER_HOST", address);
    let ran = dp.run(["run", "--yes"]);
    assert!(Path::new(&dp.path("x")).is_symlink(), "it was swapped");
    assert!(!ran.out().contains("private"), "{ran}");
    assert_eq!(ran.out(), "own\n", "{ran}");
    let id = dp.containers()[0].clone();
    let found = docker(&["exec", &id, "cat", "/agents/x/key"]);
    assert_eq!(found, "own");
}

#[test]
fn a_template_whose_description_is_a_pipe_or_lies_elsewhere_is_not_read() {
    let text = "docker: {image: dp-test/debian}\nagents: {x: {template: ./x}}\n";
    for (make, problem) in [
        ("mkfifo x/dspatch.agent.yml", "is no file"),
        (
            "truncate -s 1500M x/dspatch.agent.yml",
            "is larger than 1 MiB",
        ),
        (
            "ln -s /etc/passwd x/dspatch.agent.yml",
            "leads out of the template",
        ),
        (
            "ln -s ../dp.yml x/dspatch.agent.yml",
            "leads out of the template",
        ),
    ] {
        let dp = { Dp::on_engine().file("dp.yml", text) }.file("x/file", "");
        dp.run_other("sh", ["-c", make]).ok();
        let ran = dp.spawn(["run", "--yes"]).wait_for(Duration::from_secs(30));
        assert!(ran.err().contains(problem), "{make}: {ran}");
    }
}
