//! Two people, one engine and one directory: nobody is in another one's sandbox without a word.

use crate::support::{Dp, Ran, docker, engine_socket};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use tempfile::TempDir;

const ANN: u32 = 4251;
const BOB: u32 = 4252;

/// A directory where everyone may write.
fn shared() -> TempDir {
    let root = tempfile::tempdir().expect("a temporary directory");
    let everyone = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(root.path(), everyone).expect("it is ours");
    root
}

/// One who may use the engine, in `here`.
fn person(user: u32, here: &Path) -> Dp {
    let group = std::fs::metadata(engine_socket()).expect("the engine's socket");
    Dp::on_engine().unprivileged(user, &[group.gid()]).at(here)
}

fn run(dp: &Dp, options: &[&str], script: &str) -> Ran {
    let image = ["run", "-t", "dp-test/busybox"];
    dp.run([&image[..], options, &["shell", "-c", script]].concat())
}

#[test]
fn the_second_one_in_a_directory_is_refused_and_has_a_name_of_their_own() {
    if !rustix::process::getuid().is_root() {
        return; // Nobody else to be.
    }
    let here = shared();
    let (ann, bob) = (person(ANN, here.path()), person(BOB, here.path()));
    run(&ann, &[], "echo secret > /tmp/state").ok();
    let refused = run(&bob, &[], "cat /tmp/state");
    assert_eq!((refused.code, refused.out()), (125, String::new()));
    let said = refused.err();
    assert!(said.contains("is another person's"), "{refused}");
    assert!(said.contains("user 4251 made it"), "{refused}");
    assert!(said.contains("hint: `--name NAME`"), "{refused}");
    let words = ["sandbox", "create", "-t", "dp-test/busybox", "shell"];
    let created = bob.run([&["--format", "json"], &words[..]].concat());
    assert_eq!(created.code, 4, "{created}");
    assert!(created.err().contains("\"another-person\""), "{created}");
    // Not by force either: it is not the second one's to end.
    for option in ["--recreate", "--yes", "--force"] {
        let ran = run(&bob, &[option, "--memory", "1g"], "true");
        assert_eq!(ran.code, 125, "{option}: {ran}");
    }
    let dry = run(&bob, &["--dry-run"], "true").ok();
    assert!(dry.contains("refuse: it is another person's"), "{dry}");
    assert!(bob.containers().is_empty());
    // A name makes one, which is the one of this directory from then on.
    let name = format!("bobs-{}", std::process::id());
    run(&bob, &["--name", &name], "echo own > /tmp/state").ok();
    assert_eq!(run(&bob, &[], "cat /tmp/state").ok(), "own");
    assert_eq!(run(&ann, &[], "cat /tmp/state").ok(), "secret");
    let refused = run(&ann, &["--name", &name], "true");
    assert!(refused.err().contains("is another person's"), "{refused}");
}

#[test]
fn a_directory_stands_for_ones_own_sandbox() {
    if !rustix::process::getuid().is_root() {
        return;
    }
    let here = shared();
    let (ann, bob) = (person(ANN, here.path()), person(BOB, here.path()));
    run(&ann, &[], "echo secret > /tmp/state").ok();
    let of_ann = ann.container();
    let commands: [&[&str]; 6] = [
        &["exec", ".", "cat", "/tmp/state"],
        &["shell"],
        &["attach"],
        &["stop", "."],
        &["rm", "--force", "."],
        &["cp", ".:/tmp/state", "-"],
    ];
    for words in commands {
        let ran = bob.run([&["sandbox"], words].concat());
        assert!(ran.err().contains("is yours"), "{words:?}: {ran}");
        assert_eq!(ran.out(), "", "{words:?}");
    }
    bob.run(["sandbox", "rm", "--all", "--yes"]).ok();
    bob.run(["sandbox", "stop", "--all"]).ok();
    assert_eq!(ann.container(), of_ann);
    assert_eq!(ann.inspect()["State"]["Running"], true);
    // With one of one's own it is that one.
    let name = format!("bobs-own-{}", std::process::id());
    run(&bob, &["--name", &name], "echo own > /tmp/state").ok();
    let exec = ["sandbox", "exec", ".", "cat", "/tmp/state"];
    assert_eq!(bob.run(exec).ok(), "own");
    bob.run(["sandbox", "rm", "--force", "."]).ok();
    assert!(bob.containers().is_empty());
    assert_eq!(ann.run(exec).ok(), "secret");
}

/// A volume that a person keeps for a workspace, and that nobody uses.
fn keep(dp: &Dp, name: &str, kind: &str, workspace_id: &str, owner: u32) {
    let labels = [
        "dev.dp.managed=true".to_string(),
        format!("dev.dp.kind={kind}"),
        format!("dev.dp.workspace-id={workspace_id}"),
        format!("dev.dp.owner={owner}"),
        dp.label().to_string(),
    ];
    let labels = labels.iter().flat_map(|label| ["--label", label]);
    let words: Vec<&str> = ["volume", "create"].into_iter().chain(labels).collect();
    docker(&[&words[..], &[name]].concat());
}

#[test]
fn what_another_person_keeps_stays() {
    if !rustix::process::getuid().is_root() {
        return;
    }
    let here = shared();
    let bob = person(BOB, here.path());
    run(&bob, &[], "true").ok();
    let inspect = ["--format", "json", "sandbox", "inspect", "."];
    let id = bob.run(inspect).json()["workspace_id"].clone();
    let id = id.as_str().expect("it has one");
    let volume = |word: &str| format!("dp-engine-{id}-{word}-{}", std::process::id());
    let (theirs, own) = (volume("theirs"), volume("own"));
    for (name, owner) in [(&theirs, ANN), (&own, BOB)] {
        keep(&bob, name, "engine", id, owner);
        keep(&bob, &name.replace("engine", "login"), "login", "", owner);
    }
    for kind in ["engine", "login"] {
        let prune = ["volumes", "prune", "--dry-run", "--kind", kind];
        let listed = bob.run(prune).ok();
        assert!(listed.contains(&own.replace("engine", kind)), "{listed}");
        assert!(
            !listed.contains(&theirs.replace("engine", kind)),
            "{listed}"
        );
    }
    let ran = bob.run(["sandbox", "rm", "--force", "--volumes", "."]);
    let said = ran.ok();
    assert!(said.contains(&own) && !said.contains(&theirs), "{said}");
    docker(&["volume", "inspect", &theirs]);
}
