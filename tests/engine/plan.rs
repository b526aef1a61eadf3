//! What a run decides about a sandbox that is there, and what it says about it beforehand.

use crate::sh;
use crate::support::Dp;

#[test]
fn the_image_of_the_configuration_is_the_one_that_is_named() {
    let dp = Dp::on_engine().config("image = \"dp-test/busybox\"\n");
    dp.run(["run", "shell", "-c", "true"]).ok();
    assert_eq!(sh(&dp, "echo entered").ok(), "entered");
    let ran = dp.run(["run", "-t", "dp-test/debian", "shell", "-c", "true"]);
    assert!(
        ran.err()
            .contains("| image: dp-test/busybox -> dp-test/debian"),
        "{ran}"
    );
}
