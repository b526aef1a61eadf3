//! The one test with a real agent: its layer is built from its real package on the base image, and
//! the agent says its version. The images are kept, as a person's are: only the first run is slow.

use crate::support::{Dp, with_base};
use std::time::Duration;

/// The agent's package over a slow line.
const DEADLINE: Duration = Duration::from_secs(1800);

/// Without the label of a test, so that the images stay; the sandbox is removed all the same.
struct Kept(Dp);

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.run(["sandbox", "rm", "--force", "."]);
    }
}

#[test]
fn claude_is_installed_from_its_package_and_says_its_version() {
    let dp = Kept(with_base().env_remove("DP_LABEL"));
    // Where TLS is inspected the package can only be had with the host's authorities.
    let words = [
        "run",
        "--ca-certificates",
        "host",
        "--credentials",
        "none",
        "claude",
        "--version",
    ];
    let ran = dp.0.spawn(words).wait_for(DEADLINE);
    assert_eq!(ran.code, 0, "{ran}");
    let out = ran.out();
    assert!(
        out.starts_with(|c: char| c.is_ascii_digit()) && out.contains("Claude Code"),
        "{ran}"
    );
    let ran = dp.0.run([
        "sandbox",
        "exec",
        ".",
        "sh",
        "-c",
        "which git node python3 sudo rg jq",
    ]);
    assert_eq!(ran.ok().lines().count(), 6, "{ran}");
}
