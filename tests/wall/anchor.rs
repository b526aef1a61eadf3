//! An agent with root attacks the person's machine: it leaves links in its sandbox, so that at the next
//! start the engine mounts `dp`'s own program elsewhere, or something over it. Another sandbox of the
//! same directory helps.

use crate::sh;
use crate::support::{Dp, Proxy, Ran, docker};
use sha2::{Digest, Sha256};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

const FILE: &str = "mounts: [{host_path: ./data, container_path: /mnt/deep/data, read_only: false}]\n\
    docker: {image: dp-test/busybox, user: root}\n";
/// What an agent would run in the guest's place.
const FALSE_GUEST: &str = "#!/bin/sh\necho owned > /workspace/owned\nexec sleep 600\n";

/// A project whose mount holds a program named as the guest is.
fn scene(file: &str) -> Dp {
    let places = ["data/dp", "data/bin/dp"];
    let dp = places
        .iter()
        .fold(Dp::on_engine().file("dp.yml", file), |dp, place| {
            dp.file(place, FALSE_GUEST)
        });
    for place in places {
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(dp.path(place), mode).expect("executable");
    }
    dp
}

/// PID 1 runs the very binary that was delivered.
fn assert_ours(dp: &Dp) {
    let id = dp.container();
    let binary = fs::read(env!("CARGO_BIN_EXE_dp")).expect("it is there");
    let digest = Sha256::digest(binary);
    let expected: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    // Root inside may not look at it, so another container does.
    let of_sandbox = format!("--pid=container:{id}");
    let may = [
        "--cap-add=SYS_PTRACE",
        "--security-opt=apparmor=unconfined",
        &of_sandbox,
    ];
    let look = ["dp-test/busybox", "sha256sum", "/proc/1/exe"];
    let found = docker(&[&["run", "--rm", "--label", dp.label()], &may[..], &look].concat());
    assert!(found.starts_with(&expected), "{found} {expected}");
    assert!(!Path::new(&dp.path("owned")).exists(), "a false guest ran");
}

fn inside(dp: &Dp, script: &str) {
    docker(&["exec", &dp.container(), "sh", "-ec", script]);
}

fn assert_refused(what: &str, ran: &Ran, says: &str) {
    assert!([4, 125].contains(&ran.code), "{what}: {ran}");
    assert!(ran.err().contains(says), "{what}: {ran}");
    assert!(!ran.out().contains("owned"), "{what}: {ran}");
}

#[test]
fn root_inside_cannot_move_what_is_dps_own() {
    let dp = scene(FILE);
    dp.run(["run", "-d", "shell"]).ok();
    for attack in [
        "mv /.dp /old",
        "rmdir /.dp",
        "rm -rf /.dp && ln -s /workspace /.dp",
        "mv /.dp/bin /.dp/x",
        "mv /.dp/s /.dp/x",
        "rm -rf /.dp/bin",
        "touch /.dp/bin/dp",
        "mount -t tmpfs none /.dp",
        "umount /.dp/bin",
    ] {
        let words = [
            "exec",
            &dp.container(),
            "sh",
            "-c",
            &format!("{attack} 2>&1 || echo refused"),
        ];
        assert!(docker(&words).contains("refused"), "{attack}");
    }
    assert_ours(&dp);
}

#[test]
fn links_in_the_place_of_everything_else_lead_the_guest_nowhere() {
    let dp = scene(FILE);
    dp.run(["run", "-d", "shell"]).ok();
    inside(
        &dp,
        "mkdir -p /workspace/x/dp/bin /workspace/x/bin; cp /workspace/data/dp /workspace/x/dp/bin; \
         cp /workspace/data/dp /workspace/x/bin; \
         mv /run /run.old 2>/dev/null || true; ln -s /workspace/x /run; ln -s /workspace/x /.dp-x",
    );
    dp.run(["sandbox", "stop", "."]).ok();
    dp.run(["sandbox", "start", "."]).ok();
    assert_ours(&dp);
    assert_eq!(sh(&dp, "echo on").ok(), "on");
}

/// The mount of the project comes to lie over the guest's binary, over what that lies in, or over
/// something else: the sandbox is ended before anything of the person's is in it, and cannot be had.
#[test]
fn a_link_on_the_way_of_a_mount_ends_the_sandbox() {
    let places = [
        ("/.dp/bin", "another program than `dp`"),
        ("/.dp", "another program than `dp`"),
        ("/workspace/x", "leads to `/workspace/x`"),
        ("/etc", "leads to `/etc`"),
    ];
    for (place, says) in places {
        let dp = scene(FILE);
        dp.run(["run", "-d", "shell"]).ok();
        // One of them is above the target.
        let attack =
            format!("mv /mnt /old; mkdir /mnt /x; ln -s /x /mnt/deep; ln -s {place} /x/data");
        inside(&dp, &attack);
        for words in [
            &["sandbox", "restart", "."][..],
            &["sandbox", "start", "."],
            &["run", "shell", "-c", "echo owned"],
        ] {
            let what = format!("{place} {words:?}");
            assert_refused(&what, &dp.run(words), says);
            assert_ended(&dp, &what);
        }
        let words = ["run", "--yes", "--recreate", "shell", "-c", "echo new"];
        assert_eq!(dp.run(words).ok(), "new", "{place}");
    }
}

fn assert_ended(dp: &Dp, what: &str) {
    for id in dp.containers() {
        let state = docker(&["inspect", "-f", "{{.State.Status}}", &id]);
        assert_eq!(state.trim(), "exited", "{what}");
    }
}

/// The engine's start is the worst moment: nobody looks at the way once more.
struct Race {
    dp: Dp,
    proxy: Proxy,
}

impl Race {
    fn new(file: &str) -> Self {
        let dp = scene(file);
        let proxy = Proxy::new(dp.root());
        let address = proxy.address();
        Self {
            dp: dp.env("DOCKER_HOST", address),
            proxy,
        }
    }

    /// Just before the next start, the place in the project becomes a link.
    fn swap(&self, name: &str, leads_to: &str) {
        let place = PathBuf::from(self.dp.path(name));
        let (is_done, leads_to) = (AtomicBool::new(false), leads_to.to_string());
        self.proxy.before("/start", move || {
            if !is_done.swap(true, Ordering::SeqCst) {
                fs::rename(&place, place.with_extension("away")).expect("renamed");
                symlink(&leads_to, &place).expect("a link");
            }
        });
    }
}

/// The target is in the workspace, where another sandbox writes: a mount over the guest's binary, or
/// above it, is made then. The kernel tells, whatever the false guest says.
#[test]
fn a_mount_over_the_guest_ends_the_sandbox_whatever_pid_1_says() {
    let here = |dp: &Dp| {
        fs::canonicalize(dp.path(""))
            .expect("a path")
            .display()
            .to_string()
    };
    for (place, is_new) in [("/.dp/bin", true), ("/.dp", true), ("/.dp/bin", false)] {
        let race = Race::new("docker: {image: dp-test/busybox, user: root}\n");
        let dp = &race.dp;
        fs::create_dir_all(dp.path("vendor/x")).expect("a directory");
        let option = format!("-v=data:{}/vendor/x", here(dp));
        let run = |command: &str| dp.run(["run", &option, "shell", "-c", command]);
        if !is_new {
            assert_eq!(run("echo on").ok(), "on");
            dp.run(["sandbox", "stop", "."]).ok();
        }
        race.swap("vendor/x", place);
        let ran = run("echo owned");
        assert_refused(place, &ran, "another program than `dp`");
        assert_ended(dp, place);
    }
}
