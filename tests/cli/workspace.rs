//! Directories that cannot be a workspace.

use crate::support::Dp;
use insta::assert_snapshot;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

#[test]
fn one_that_does_not_exist() {
    assert_snapshot!(Dp::new().run(["run", "-w", "no/such", "shell"]), @"
    exit 125
    --- stderr
    error: the workspace `no/such` does not exist
      hint: `-w DIR` names the workspace; it is the current directory otherwise
    ");
}

#[test]
fn one_that_is_a_file() {
    let dp = Dp::new().file("notes.txt", "");
    assert_snapshot!(dp.run(["run", "-w", "notes.txt", "shell"]), @"
    exit 125
    --- stderr
    error: the workspace `notes.txt` is not a directory
      hint: a workspace is a directory: `-w DIR`
    ");
}

#[test]
fn the_root_directory() {
    assert_snapshot!(Dp::new().run(["run", "-w", "/", "shell"]), @"
    exit 125
    --- stderr
    error: `/` is the root directory: the agent could change everything in it
      hint: run `dp` in a project's directory, or add `--force` if you mean it
    ");
}

#[test]
fn the_home_directory() {
    let dp = Dp::new();
    let home = dp.home();
    let ran = dp.run([
        OsStr::new("run"),
        OsStr::new("-w"),
        home.as_os_str(),
        OsStr::new("shell"),
    ]);
    assert_snapshot!(ran, @"
    exit 125
    --- stderr
    error: `[HOME]` is your home directory: the agent could change everything in it
      hint: run `dp` in a project's directory, or add `--force` if you mean it
    ");
}

#[test]
fn a_link_to_the_home_directory() {
    let dp = Dp::new();
    std::os::unix::fs::symlink(dp.home(), dp.path("../link")).expect("a link");
    assert_eq!(dp.run(["run", "-w", "../link", "shell"]).code, 125);
    let json = dp.run([
        "--format", "json", "sandbox", "create", "-w", "../link", "shell",
    ]);
    assert_eq!(json.code, 4, "{json}");
    assert!(json.err().contains("\"workspace-too-wide\""), "{json}");
}

#[test]
fn force_allows_the_home_directory() {
    let dp = Dp::new();
    let ran = dp.run(["run", "--force", "-w", "../home", "shell"]);
    assert!(ran.err().contains("cannot reach Docker"), "{ran}");
}

#[test]
fn a_directory_of_the_system_even_by_force() {
    assert_snapshot!(Dp::new().run(["run", "--force", "-w", "/etc", "shell"]), @"
    exit 125
    --- stderr
    error: `/etc` is a directory of the system and cannot be a workspace
      hint: copy what the agent needs into a directory of its own
    ");
}

#[test]
fn a_path_that_is_not_utf8() {
    let dp = Dp::new();
    let name = OsStr::from_bytes(b"caf\xe9");
    std::fs::create_dir(dp.here().join(name)).expect("a directory");
    let ran = dp.run([
        OsStr::new("run"),
        OsStr::new("-w"),
        name,
        OsStr::new("shell"),
    ]);
    assert_snapshot!(ran, @"
    exit 125
    --- stderr
    error: the path of the workspace `[APP]/caf�` is not UTF-8
      cause: the engine's API carries text only
      hint: rename the directory, or work in a copy of it
    ");
}

#[test]
fn one_that_may_not_be_entered() {
    let dp = Dp::new();
    std::fs::create_dir_all(dp.path("closed/inner")).expect("a directory");
    let dp = dp.unprivileged(4242, &[]);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o000);
    std::fs::set_permissions(dp.path("closed"), mode).expect("closed");
    let ran = dp.run(["run", "-w", "closed/inner", "shell"]);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(dp.path("closed"), mode).expect("open again");
    assert_snapshot!(ran, @"
    exit 125
    --- stderr
    error: the workspace `closed/inner` cannot be opened
      cause: Permission denied
    ");
}

#[test]
fn the_current_directory_that_was_removed() {
    let dp = Dp::new();
    let program = dp
        .command([""; 0])
        .get_program()
        .to_string_lossy()
        .into_owned();
    let script = format!("mkdir gone && cd gone && rmdir ../gone && exec {program} run shell");
    assert_snapshot!(dp.run_other("sh", ["-c", &script]), @"
    exit 125
    --- stderr
    error: the workspace `.` does not exist
      hint: `-w DIR` names the workspace; it is the current directory otherwise
    ");
}

#[test]
fn a_directory_above_the_home() {
    assert_snapshot!(Dp::new().run(["run", "-w", "..", "shell"]), @"
    exit 125
    --- stderr
    error: `[ROOT]` is above your home directory: the agent could change everything in it
      hint: run `dp` in a project's directory, or add `--force` if you mean it
    ");
}

#[test]
fn a_directory_of_the_whole_machine() {
    assert_snapshot!(Dp::new().run(["run", "-w", "/opt", "shell"]), @"
    exit 125
    --- stderr
    error: `/opt` is a directory of the whole machine: the agent could change everything in it
      hint: run `dp` in a project's directory, or add `--force` if you mean it
    ");
    for path in ["/usr", "/var", "/etc", "/usr/local", "/dev/shm"] {
        let ran = Dp::new().run(["run", "--force", "-w", path, "shell"]);
        assert!(
            ran.err().contains("is a directory of the system"),
            "{path}: {ran}"
        );
    }
}
