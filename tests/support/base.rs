//! The images of `dp` itself, built at most once and kept, as a person's are: only the first run is
//! slow.

use super::Dp;
use std::sync::OnceLock;
use std::time::Duration;

/// Everything from nothing, over a slow line.
const DEADLINE: Duration = Duration::from_secs(1800);

/// A person with the engine, where the base image is.
///
/// # Panics
/// When it cannot be built.
#[must_use]
pub fn with_base() -> Dp {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        // Without the label of a test, so that it stays.
        let dp = Dp::on_engine().env_remove("DP_LABEL");
        let plan = [
            "run",
            "--dry-run",
            "--ca-certificates",
            "host",
            "--dind",
            "shell",
        ];
        let planned = dp.run([&["--format", "json"], &plan[..]].concat()).json();
        if planned["to_build"].as_array().is_some_and(Vec::is_empty) {
            return;
        }
        let words = ["image", "build", "--ca-certificates", "host"];
        let built = dp.spawn(words).wait_for(DEADLINE);
        assert_eq!(built.code, 0, "{built}");
    });
    Dp::on_engine()
}

/// The image of the Docker engine beside sandboxes that trust no further authorities.
///
/// # Panics
/// When it cannot be built.
pub(super) fn ensure_engine() {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let dp = Dp::on_engine_without_images().env_remove("DP_LABEL");
        let run = [
            "run",
            "-t",
            "dp-test/busybox",
            "--dind",
            "--rm",
            "shell",
            "-c",
            "true",
        ];
        let plan = [&["--format", "json"], &run[..1], &["--dry-run"], &run[1..]].concat();
        let planned = dp.run(plan).json();
        if planned["to_build"].as_array().is_some_and(Vec::is_empty) {
            return;
        }
        let built = dp.spawn(run).wait_for(DEADLINE);
        assert_eq!(built.code, 0, "{built}");
    });
}
