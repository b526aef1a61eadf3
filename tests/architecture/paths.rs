//! Which files reach something of this machine by its path, and why they may.

use super::Source;
use std::collections::BTreeSet;

/// Ways to reach a file of this machine by its path. Somebody else may exchange what is there between two
/// of them: paths of a project are pinned once, and opened below descriptors.
const BY_PATH: [&str; 25] = [
    "std::fs",
    "fs_err",
    "File::open",
    "File::create",
    "OpenOptions",
    "DirBuilder",
    ".exists()",
    ".try_exists()",
    ".is_file()",
    ".is_dir()",
    ".is_symlink()",
    ".metadata()",
    ".symlink_metadata()",
    ".canonicalize()",
    ".read_dir()",
    ".read_link()",
    "files::read(",
    "read_text",
    "open_file(",
    "tempfile::",
    "UnixStream::connect",
    "fs::CWD",
    "fs::open(",
    "fs::stat(",
    "fs::access(",
];
/// The only files that do, and why. `files` has its own rules, and so has what runs inside.
const PATHS: &[(&str, &[&str], &str)] = &[
    (
        "cli/man.rs",
        &["fs_err"],
        "writes manual pages into the directory that a packager typed",
    ),
    (
        "cli/sandbox/prune.rs",
        &["std::fs"],
        "asks whether a workspace is gone; opens nothing",
    ),
    (
        "cli/sandbox/strays.rs",
        &[".exists()"],
        "own state directory",
    ),
    (
        "cli/sandbox/written.rs",
        &[".is_file()"],
        "asks entries of an archive",
    ),
    (
        "cli/secret/set.rs",
        &["open_file("],
        "reads the file that the person typed",
    ),
    (
        "config/accepted.rs",
        &["std::fs", "files::read("],
        "own state directory",
    ),
    (
        "git/bounds.rs",
        &["std::fs", ".is_dir()", ".metadata()"],
        "measures a clone in the cache directory; opens nothing but directories of it",
    ),
    (
        "git/clone.rs",
        &["std::fs"],
        "writes into a clone that was begun just now in the cache directory",
    ),
    (
        "config/hash_key.rs",
        &["std::fs", "files::read(", "File::open"],
        "own state directory, and the system's random numbers",
    ),
    (
        "config/approvals.rs",
        &["files::read("],
        "own state directory",
    ),
    (
        "config/mod.rs",
        &["files::read("],
        "own configuration directory",
    ),
    (
        "engine/connect.rs",
        &[".exists()", "files::read("],
        "the engine's socket, and certificates of the person's Docker context",
    ),
    (
        "engine/context.rs",
        &[".try_exists()", "files::read("],
        "the person's Docker contexts",
    ),
    (
        "engine/endpoint.rs",
        &["std::fs"],
        "looks for sockets at the places of engines",
    ),
    (
        "engine/transport.rs",
        &["UnixStream::connect"],
        "the engine's socket",
    ),
    (
        "images/authorities.rs",
        &["files::read("],
        "the machine's certificate authorities",
    ),
    (
        "images/log.rs",
        &["std::fs", ".metadata()", "tempfile::"],
        "own state directory",
    ),
    (
        "sandbox/anchor.rs",
        &["std::fs"],
        "the kernel's files of a process",
    ),
    (
        "sandbox/channel.rs",
        &["std::fs", "fs::open("],
        "own state directory",
    ),
    (
        "sandbox/gather.rs",
        &["std::fs", "File::open"],
        "the engine's socket, and random numbers",
    ),
    (
        "sandbox/gpu.rs",
        &["std::fs", "read_text"],
        "the machine's descriptions of devices",
    ),
    (
        "sandbox/lifecycle/sources.rs",
        &["std::fs", ".is_dir()", ".metadata()", "tempfile::"],
        "own cache of clones",
    ),
    (
        "sandbox/proof.rs",
        &["std::fs"],
        "the kernel's number of this boot, and words of an error",
    ),
    (
        "sandbox/reach.rs",
        &["read_text"],
        "the kernel's tables of sockets",
    ),
    (
        "sandbox/session/mod.rs",
        &["std::fs"],
        "the kernel's word about ignored signals",
    ),
    (
        "sandbox/hold/marker.rs",
        &[
            "std::fs",
            "File::open",
            "OpenOptions",
            ".metadata()",
            "read_text",
        ],
        "own state directory",
    ),
    (
        "sandbox/hold/turn.rs",
        &["std::fs", "OpenOptions"],
        "own state directory",
    ),
    (
        "sandbox/sockets/mod.rs",
        &["std::fs", "DirBuilder"],
        "own state directory",
    ),
    (
        "sandbox/sockets/offer.rs",
        &["fs::open("],
        "own state directory",
    ),
    (
        "secrets/env_file.rs",
        &["files::read("],
        "reads the file that the person typed",
    ),
    ("secrets/store.rs", &["files::read("], "own state directory"),
    (
        "volumes/guest.rs",
        &["std::fs", ".metadata()", "open_file("],
        "the guest's binary, which the person may name",
    ),
    (
        "workspace/find.rs",
        &["std::fs", ".is_file()", ".is_dir()"],
        "where a file may be; that one is pinned",
    ),
];

#[test]
fn paths_of_this_machine_are_opened_only_where_nobody_else_can_exchange_them() {
    let mut unused: BTreeSet<(&str, &str)> = { PATHS.iter() }
        .flat_map(|(path, ways, _)| ways.iter().map(move |way| (*path, *way)))
        .collect();
    let mut wrong = Vec::new();
    for source in Source::all() {
        let path = source.path.to_string_lossy().into_owned();
        let is_elsewhere = ["files/", "guest/"].iter().any(|own| path.starts_with(own));
        let is_test = path.contains("/tests");
        let code = source.code();
        let code = code.split("#[cfg(test)]").next().expect("the first part");
        for way in BY_PATH.iter().filter(|way| code.contains(**way)) {
            let may = { PATHS.iter() }.any(|(own, ways, _)| path == *own && ways.contains(way));
            if !may && !is_elsewhere && !is_test {
                wrong.push(format!("{path}: {way}"));
            }
            unused.retain(|(own, known)| *own != path || known != way);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(unused.is_empty(), "they may do less: {unused:?}");
}
