//! Root inside a sandbox (an agent with sudo) attacks the person and others on the machine after it
//! is gone: by programs of root that it leaves in the workspace.

use crate::support::{Dp, engine_socket};
use std::os::unix::fs::{MetadataExt, PermissionsExt};

const RUN: [&str; 4] = ["run", "-t", "dp-test/busybox", "shell"];

/// Somebody with a sandbox, whose root has done as `script` says.
fn after(script: &str) -> Dp {
    let group = std::fs::metadata(engine_socket()).expect("a socket").gid();
    let dp = Dp::on_engine().unprivileged(1234, &[group]);
    dp.run([&RUN[..], &["-c", "true"]].concat()).ok();
    dp.run(["sandbox", "exec", "-u", "0", ".", "sh", "-c", script])
        .ok();
    dp
}

const LEAVE: &str = "mkdir -p .git/objects/aa node_modules/.bin && for at in .git/objects/aa node_modules/.bin .; do \
     cp /bin/busybox \"$at/$(printf 'x\\033[2Jy')\" && chmod 4755 $at/x*; done; touch group && chmod 2755 group";

#[test]
fn a_program_of_root_left_in_a_workspace_is_named_when_the_sandbox_goes() {
    for words in [
        &["sandbox", "rm", "--force", "."][..],
        &["--format", "json", "sandbox", "rm", "--force", "."],
    ] {
        let dp = after(LEAVE);
        let ran = dp.run(words);
        assert_eq!(ran.code, 0, "{ran}");
        let said = ran.err();
        assert!(said.contains("4 files with"), "{ran}");
        for path in [
            ".git/objects/aa/x",
            "node_modules/.bin/x",
            "app/x",
            "app/group",
        ] {
            assert!(said.contains(path), "{path}: {ran}");
        }
        assert!(said.contains("chmod a-s PATH"), "{ran}");
        assert!(!said.contains('\u{1b}'), "{said:?}");
    }
}

#[test]
fn doctor_names_a_program_of_root_in_the_current_directory() {
    let dp = after(LEAVE);
    let rows = dp.run(["--format", "json", "doctor"]).json();
    let rows = rows.as_array().expect("a list");
    let row = rows.iter().find(|row| row["key"] == "privileged-files");
    let row = row.expect("it is looked for");
    assert_eq!(row["state"], "warning", "{row}");
    let message = row["message"].as_str().expect("words");
    assert!(message.contains("`group`"), "{message}");
    assert!(
        row["hint"].as_str().expect("words").contains("chmod a-s"),
        "{row}"
    );
    let shown = dp.run(["doctor"]);
    assert!(!shown.out().contains('\u{1b}'), "{shown}");
}

#[test]
fn many_programs_are_counted_and_what_cannot_be_searched_is_said() {
    let script = "for n in $(seq 30); do touch f$n && chmod 4755 f$n; done; \
         mkdir closed && touch closed/x && chmod 4755 closed/x && chmod 711 closed";
    let dp = after(script);
    let ran = dp.run(["sandbox", "rm", "--force", "."]);
    if rustix::process::geteuid().is_root() {
        assert!(ran.err().contains("30 files with"), "{ran}");
        assert!(ran.err().contains("and 20 more"), "{ran}");
        assert!(
            ran.err()
                .contains(&format!("you may not read `{}`", dp.path("closed"))),
            "{ran}"
        );
    }
    let listed = ran
        .err()
        .matches(&format!("`{}/f", dp.here().display()))
        .count();
    assert_eq!(listed, 10, "{ran}");
}

#[test]
fn a_mount_that_the_sandbox_could_write_counts_and_another_one_does_not() {
    let dp = Dp::on_engine();
    for name in ["open", "shut", "closed"] {
        std::fs::create_dir(dp.home().join(name)).expect("a directory");
        let path = dp.home().join(name).join("x");
        std::fs::write(&path, "").expect("a file");
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o4755)).expect("a mode");
    }
    let home = dp.home();
    let mount = |name: &str, mode: &str| format!("{}:/{name}{mode}", home.join(name).display());
    let (open, shut) = (mount("open", ""), mount("shut", ":ro"));
    let options = ["-v", &open, "-v", &shut, "shell", "-c", "true"];
    dp.run([&RUN[..3], &options].concat()).ok();
    let ran = dp.run(["sandbox", "rm", "--force", "."]);
    assert!(ran.err().contains("1 file with"), "{ran}");
    assert!(ran.err().contains("home/open/x"), "{ran}");
    // A clean workspace is not worth a word.
    let clean = Dp::on_engine().file("a/b", "");
    clean.run([&RUN[..], &["-c", "true"]].concat()).ok();
    let ran = clean.run(["sandbox", "rm", "--force", "."]);
    assert_eq!(ran.err(), "", "{ran}");
}
