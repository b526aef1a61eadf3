//! The one test with real agents: their layers are built from their real packages on the base
//! image, and they say their versions. One test, so that the base is built once. The images are
//! kept, as a person's are: only the first run is slow.

use crate::support::{Dp, Ran};
use std::time::Duration;

/// A base image from nothing, and the agent's package over a slow line.
const DEADLINE: Duration = Duration::from_secs(1800);

/// Without the label of a test, so that the images stay; the sandboxes are removed all the same.
struct Kept(Dp);

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.run(["sandbox", "rm", "--force", "."]);
    }
}

impl Kept {
    fn version(&self, agent: &str) -> Ran {
        // Where TLS is inspected the package can only be had with the host's authorities.
        let words = [
            "run",
            "--ca-certificates",
            "host",
            "--credentials",
            "none",
            agent,
            "--version",
        ];
        let ran = self.0.spawn(words).wait_for(DEADLINE);
        assert_eq!(ran.code, 0, "{ran}");
        assert!(ran.out().starts_with(|c: char| c.is_ascii_digit()), "{ran}");
        ran
    }
}

#[test]
fn agents_are_installed_from_their_packages_and_say_their_versions() {
    let dp = Kept(Dp::on_engine().env_remove("DP_LABEL"));
    let ran = dp.version("claude");
    assert!(ran.out().contains("Claude Code"), "{ran}");
    let ran = dp.0.run([
        "sandbox",
        "exec",
        ".",
        "sh",
        "-c",
        "which git node python3 sudo rg jq",
    ]);
    assert_eq!(ran.ok().lines().count(), 6, "{ran}");
    dp.version("gemini");
}
