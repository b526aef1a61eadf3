//! What `dp sandbox prune` takes away besides sandboxes, and what it leaves alone. Everybody's volumes
//! are on the same engine, so nothing is removed but what carries the test's own label.

use crate::sh;
use crate::support::{DEADLINE, Dp, OwnEngine, Way, docker, engine_socket, on_engine, wait_until};
use dp::engine::Engine;
use dp::volumes::Leftovers;
use jiff::{SignedDuration, Timestamp};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

const LABELS: [&str; 4] = [
    "--label",
    "dev.dp.managed=true",
    "--label",
    "dev.dp.kind=guest",
];

/// A name that nothing else has. It must not look like a guest's: the tests of a build begin by
/// removing those of other builds.
fn name(dp: &Dp, end: &str) -> String {
    let number = dp.label().replace(|c: char| !c.is_ascii_digit(), "-");
    format!("dp-left{number}-{end}")
}

fn volume(dp: &Dp, end: &str) -> String {
    let name = name(dp, end);
    let label = ["--label", dp.label()];
    docker(&[&["volume", "create"], &LABELS[..], &label, &[&name]].concat());
    name
}

/// A container that never ran, as a delivery has it, or somebody's, without our labels.
fn container(dp: &Dp, volume: &str, labels: &[&str]) -> String {
    let name = format!("{volume}-container");
    let mount = format!("{volume}:/.dp/bin");
    // A delivery's container mounts a volume of the guest.
    let guest = format!(
        "type=volume,src=dp-guest-{name},dst=/x,volume-label={}",
        dp.label()
    );
    let words = ["create", "--name", &name, "--volume", &mount];
    let guest: &[&str] = if labels.is_empty() {
        &[]
    } else {
        &["--mount", &guest]
    };
    let rest = ["--label", dp.label(), "dp-test/busybox", "true"];
    docker(&[&words[..], labels, guest, &rest].concat());
    name
}

/// Of what the test made, what will be left over in `hours`.
async fn leftovers(engine: &Engine, dp: &Dp, hours: i64) -> Leftovers {
    let label = dp.label();
    let volumes = engine.volumes(label).await.expect("volumes");
    let containers = engine.containers(&[label.into()]).await;
    let then = Timestamp::now() + SignedDuration::from_hours(hours);
    let mut found = Leftovers::new(&volumes, &containers.expect("containers"), None, then);
    found.guest_volumes.sort();
    found
}

#[test]
fn guests_that_nothing_uses_and_helpers_are_removed_when_they_are_old() {
    let dp = Dp::on_engine();
    let (alone, cut_off, used) = (volume(&dp, "a"), volume(&dp, "b"), volume(&dp, "c"));
    let helper = container(&dp, &cut_off, &LABELS);
    container(&dp, &used, &[]);
    let expected = Leftovers {
        guest_volumes: vec![alone, cut_off],
        guest_helpers: vec![helper],
        engines: Vec::new(),
    };
    on_engine(async |engine| {
        assert_eq!(leftovers(engine, &dp, 0).await, Leftovers::default());
        let found = leftovers(engine, &dp, 2).await;
        assert_eq!(found, expected);
        assert_eq!(found.remove(engine).await.expect("removed"), expected);
        assert_eq!(leftovers(engine, &dp, 2).await, Leftovers::default());
        engine.volume(&used).await.expect("it is there");
    });
}

#[test]
fn what_somebody_was_faster_with_is_left_out() {
    let dp = Dp::on_engine();
    let used = volume(&dp, "a");
    container(&dp, &used, &[]);
    let found = Leftovers {
        guest_volumes: vec![used.clone(), name(&dp, "gone")],
        guest_helpers: vec![name(&dp, "gone")],
        engines: Vec::new(),
    };
    on_engine(async |engine| {
        let removed = found.remove(engine).await.expect("nothing failed");
        assert_eq!(removed, Leftovers::default());
        engine.volume(&used).await.expect("it is there");
    });
}

#[test]
fn what_may_be_about_to_be_used_is_not_pruned() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let mounts = dp.inspect()["Mounts"].to_string();
    let fresh = volume(&dp, "a");
    let helper = container(&dp, &volume(&dp, "b"), &LABELS);
    dp.run(["sandbox", "rm", "--force", "."]).ok();
    let words = ["--format", "json", "sandbox", "prune", "--dry-run"];
    let found = dp.run(words).json();
    let volumes = found["guest_volumes"].as_array().expect("a list");
    let is_own = |name: &&str| mounts.contains(*name);
    let mut names = volumes.iter().map(|name| name.as_str().expect("a name"));
    assert_eq!(names.find(is_own), None, "its own build's");
    assert!(!found.to_string().contains(&fresh), "{found}");
    assert!(!found.to_string().contains(&helper), "{found}");
}

/// The names that a prune would take away.
fn would_remove(dp: &Dp, options: &[&str]) -> Vec<String> {
    let words = ["--format", "json", "sandbox", "prune", "--dry-run"];
    let found = dp.run([&words[..], options].concat()).json();
    let names = found["names"].as_array().expect("a list").iter();
    names
        .map(|name| name.as_str().expect("a name").to_string())
        .collect()
}

fn name_of(dp: &Dp) -> String {
    let inspected = dp.inspect();
    let name = inspected["Name"].as_str().expect("a name");
    name.trim_start_matches("/dp-").to_string()
}

#[test]
fn a_workspace_that_cannot_be_looked_at_is_not_gone() {
    if !rustix::process::getuid().is_root() {
        return; // Nobody else to be.
    }
    let group = std::fs::metadata(engine_socket()).expect("the engine's socket");
    let dp = Dp::on_engine().at("closed/app").file("x", "");
    let dp = dp.unprivileged(4246, &[group.gid()]);
    sh(&dp, "true").ok();
    let name = name_of(&dp);
    let closed = std::fs::canonicalize(dp.path("..")).expect("it is there");
    let home = dp.home();
    let dp = dp.at(home);
    let mode = |mode| std::fs::set_permissions(&closed, PermissionsExt::from_mode(mode));
    mode(0o000).expect("closed");
    assert!(!would_remove(&dp, &[]).contains(&name), "it may be there");
    mode(0o755).expect("open");
    std::fs::remove_dir_all(closed.join("app")).expect("removed");
    assert!(
        would_remove(&dp, &["--orphans"]).contains(&name),
        "it is gone"
    );
    // What is gone here may be there on the machine of a remote engine.
    let remote = Dp::on_engine_by(Way::Relay).at("gone").file("x", "");
    sh(&remote, "true").ok();
    let name = name_of(&remote);
    std::fs::remove_dir_all(remote.here()).expect("removed");
    let home = remote.home();
    let remote = remote.at(home);
    assert!(!would_remove(&remote, &[]).contains(&name), "it is remote");
}

#[test]
fn sandboxes_of_others_and_those_that_are_paused_are_kept() {
    if !rustix::process::getuid().is_root() {
        return; // Nobody else to be.
    }
    let group = std::fs::metadata(engine_socket()).expect("the engine's socket");
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let name = name_of(&dp);
    docker(&["pause", &dp.container()]);
    assert!(!would_remove(&dp, &[]).contains(&name), "it is paused");
    docker(&["unpause", &dp.container()]);
    docker(&["kill", &dp.container()]);
    wait_until("it is stopped", DEADLINE, || {
        would_remove(&dp, &[]).contains(&name)
    });
    let other = Dp::on_engine().unprivileged(4247, &[group.gid()]);
    assert!(!would_remove(&other, &[]).contains(&name), "it is root's");
}

/// The directories of sockets.
fn directories(dp: &Dp) -> Vec<String> {
    let listed = std::fs::read_dir(dp.home().join(".local/state/dp/s"));
    let names = listed.into_iter().flatten().map(|entry| {
        let name = entry.expect("an entry").file_name();
        name.into_string().expect("UTF-8")
    });
    names.collect()
}

#[test]
fn a_container_that_cannot_be_made_leaves_no_directory() {
    let dp = Dp::on_engine();
    let twice = format!("{}:{}", dp.path("../home"), dp.here().display());
    for options in [["-v", &twice], ["--network", "no-such-network"]] {
        let run = ["run", "-t", "dp-test/busybox"];
        let ran = dp.run([&run[..], &options, &["shell", "-c", "true"]].concat());
        assert_eq!(ran.code, 125, "{ran}");
        assert_eq!(directories(&dp), [""; 0], "{ran}");
    }
}

#[test]
fn the_directory_of_a_container_that_was_removed_by_hand_is_pruned() {
    // Prunes in earnest, so on an engine of its own.
    let engine = OwnEngine::new("");
    let dp = engine.person();
    sh(&dp, "true").ok();
    let left = directories(&dp);
    assert_eq!(left.len(), 1);
    let other = dp.run([
        "run",
        "--name",
        "other",
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
        "true",
    ]);
    other.ok();
    let host = format!("unix://{}", engine.socket().display());
    let name = dp.run(["--format", "json", "sandbox", "ls"]).json();
    let name = name
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["name"] != "other");
    let name = name.expect("the first")["name"]
        .as_str()
        .expect("a name")
        .to_string();
    docker(&["--host", &host, "rm", "--force", &format!("dp-{name}")]);
    // Of another engine, as far as anyone can tell.
    let strange = dp.home().join(".local/state/dp/s/0123456789abcdef");
    std::fs::create_dir(&strange).expect("a directory");
    assert_eq!(directories(&dp).len(), 3);
    let ran = dp.run(["sandbox", "prune", "--dry-run"]);
    assert!(ran.ok().contains("would remove"), "{ran}");
    assert_eq!(directories(&dp).len(), 3, "it was only said");
    dp.run(["sandbox", "prune", "--yes"]).ok();
    assert!(!directories(&dp).contains(&left[0]));
    assert_eq!(directories(&dp).len(), 2);
    assert!(Path::new(&strange).is_dir());
    let exec = ["sandbox", "exec", "other", "echo", "in"];
    assert_eq!(dp.run(exec).ok(), "in");
}

#[test]
fn a_dry_run_names_the_network_when_it_would_go() {
    let engine = OwnEngine::new("");
    let dp = engine.person();
    sh(&dp, "true").ok();
    let networks = |words: &[&str]| {
        let words = [&["--format", "json", "sandbox", "prune"], words].concat();
        dp.run(words).json()["networks"].clone()
    };
    let none = serde_json::json!([]);
    assert_eq!(networks(&["--dry-run"]), none, "a sandbox runs in it");
    dp.run(["sandbox", "stop", "."]).ok();
    let ours = serde_json::json!(["dp"]);
    assert_eq!(networks(&["--dry-run"]), ours);
    assert_eq!(networks(&["--dry-run", "--orphans"]), none);
    // A container of somebody else's keeps it.
    let host = format!("unix://{}", engine.socket().display());
    let docker = |words: &[&str]| docker(&[&["--host", &host], words].concat());
    docker(&[
        "run",
        "--detach",
        "--name",
        "other",
        "--network",
        "dp",
        "dp-test/busybox",
        "sleep",
        "99",
    ]);
    assert_eq!(networks(&["--dry-run"]), none);
    docker(&["rm", "--force", "other"]);
    assert_eq!(networks(&["--dry-run"]), ours);
    assert_eq!(networks(&["--yes"]), ours);
    assert_eq!(networks(&["--dry-run"]), none, "it is gone");
}
