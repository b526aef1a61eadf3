//! Where inside a sandbox something may be mounted.

use std::path::Path;

/// Why nothing may be mounted at `target`, in words; `None` when it may.
#[must_use]
pub fn objection(target: &str) -> Option<&'static str> {
    let path = Path::new(target);
    let below = |place: &str| path.starts_with(place);
    if !target.starts_with('/') {
        Some("is not an absolute path")
    } else if target.split('/').any(|part| part == "..") {
        Some("goes through `..`")
    } else if path == Path::new("/") {
        Some("is the root of the sandbox")
    } else if below("/run/dp") || below("/run/dp-git") || below("/workspace") || below("/agents") {
        Some("belongs to `dp`")
    } else if below("/proc") || below("/sys") || path == Path::new("/dev") {
        Some("belongs to the kernel")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::objection;

    #[test]
    fn what_is_dp_s_and_the_kernel_s_is_refused_in_every_spelling() {
        for target in [
            "x",
            "",
            "/",
            "//",
            "/.",
            "/run/dp/s",
            "/workspace",
            "//workspace/",
            "/./agents/x",
            "/a/../etc",
            "/proc",
            "/sys/fs",
            "/dev/",
        ] {
            assert!(objection(target).is_some(), "{target}");
        }
        for target in [
            "/run/dpx",
            "/home/agent/.ssh",
            "/dev/net/tun",
            "/workspaces",
        ] {
            assert_eq!(objection(target), None, "{target}");
        }
    }
}
