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
    } else if below("/.dp") || below("/.dp-git") || below("/workspace") || below("/agents") {
        Some("belongs to `dp`")
    } else if below("/proc") || below("/sys") || path == Path::new("/dev") {
        Some("belongs to the kernel")
    } else {
        None
    }
}

/// Directories at the root that no image has programs, settings or a home in.
const PLAIN: [&str; 4] = ["data", "media", "mnt", "srv"];

/// A mount at `target` covers nothing that a program inside runs, loads or reads its settings from:
/// it is below one of a few directories. An image may have programs anywhere else.
#[must_use]
pub fn is_plain(target: &str) -> bool {
    let mut parts = Path::new(target).components().skip(1);
    parts.next().is_some_and(|first| {
        PLAIN.iter().any(|plain| first.as_os_str() == *plain) && Path::new(target).is_absolute()
    })
}

#[cfg(test)]
mod tests {
    use super::{is_plain, objection};

    #[test]
    fn what_a_program_may_be_run_from_is_not_plain() {
        for target in ["/data", "/data/x", "//srv/", "/mnt/a", "/media"] {
            assert!(is_plain(target), "{target}");
        }
        for target in [
            "/bin/claude",
            "/usr/local/bin",
            "/etc/profile.d/x.sh",
            "/lib64",
            "/home/agent/.bashrc",
            "/root",
            "/opt/tool",
            "/node_modules",
            "/app",
            "/datax",
            "/var/data",
            "/",
            "data",
        ] {
            assert!(!is_plain(target), "{target}");
        }
    }

    #[test]
    fn what_is_dp_s_and_the_kernel_s_is_refused_in_every_spelling() {
        for target in [
            "x",
            "",
            "/",
            "//",
            "/.",
            "/.dp",
            "//.dp/./s",
            "/.dp-git/x",
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
        for target in ["/.dpx", "/home/agent/.ssh", "/dev/net/tun", "/workspaces"] {
            assert_eq!(objection(target), None, "{target}");
        }
    }
}
