//! What agents cannot do from inside to reach further: change the file that says what they may do,
//! or lead a mount elsewhere.

use crate::support::{Dp, Ran};

fn run(dp: &Dp, script: &str) -> Ran {
    dp.run(["run", "shell", "-c", script])
}

#[test]
fn the_file_cannot_be_changed_from_inside_by_whatever_mount() {
    let text = "mounts:\n  - {host_path: ., container_path: /x, read_only: false}\n  \
        - {host_path: dp.yml, container_path: /y, read_only: false}\n\
        docker: {image: dp-test/busybox}\n";
    let dp = Dp::on_engine().file("dp.yml", text);
    let script = "for file in dp.yml /workspace/dp.yml /x/dp.yml /y; do \
        echo more >> $file; mv $file $file.old; ln -sf /etc/passwd $file; rm -f $file; done 2>/dev/null; \
        touch /x/made";
    run(&dp, script).ok();
    let path = dp.path("dp.yml");
    assert_eq!(std::fs::read_to_string(&path).expect("it is there"), text);
    assert!(!std::path::Path::new(&path).is_symlink());
    assert!(std::path::Path::new(&dp.path("made")).exists());
}

#[test]
fn a_mount_that_was_led_elsewhere_from_inside_is_not_followed() {
    let text =
        "mounts: [{host_path: data, container_path: /data}]\ndocker: {image: dp-test/busybox}\n";
    let dp = { Dp::on_engine().wary().file("dp.yml", text) }
        .file("data/x", "own")
        .file("../private/x", "private");
    dp.run(["trust", "--yes"]).ok();
    let private = std::fs::canonicalize(dp.path("../private")).expect("it is there");
    let script = format!("cat /data/x; mv data old; ln -s {} data", private.display());
    assert_eq!(run(&dp, &script).ok(), "own");
    for verb in ["restart", "start"] {
        let ran = dp.run(["sandbox", verb, "."]);
        let says = format!(
            "leads to `{}` now\n  cause: the engine would follow",
            private.display()
        );
        assert!(ran.code == 4 && ran.err().contains(&says), "{ran}");
    }
    // The file is asked again, since it would have something beyond its directory.
    let ran = run(&dp, "cat /data/x");
    assert!(ran.err().contains("nobody has allowed it"), "{ran}");
    assert!(!ran.out().contains("private"), "{ran}");
    // What was there is put back.
    std::fs::remove_file(dp.path("data")).expect("a link");
    std::fs::rename(dp.path("old"), dp.path("data")).expect("it is there");
    assert_eq!(run(&dp, "cat /data/x").ok(), "own");
}
