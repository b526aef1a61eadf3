//! Waiting for a condition, with an end.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

/// How long anything may take that is expected to happen.
pub const DEADLINE: Duration = Duration::from_secs(30);
/// Between two looks at a condition.
const LOOK: Duration = Duration::from_millis(5);

/// Looks until `condition` holds; `what` is said when it does not within `deadline`.
///
/// # Panics
/// At the deadline.
pub fn wait_until(what: &str, deadline: Duration, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + deadline;
    while !condition() {
        assert!(Instant::now() < end, "not within {deadline:?}: {what}");
        std::thread::park_timeout(LOOK);
    }
}

/// Waits for a child; `None` when it runs on.
pub fn wait_child(child: &mut Child, deadline: Duration) -> Option<ExitStatus> {
    if let Ok(Some(status)) = child.try_wait() {
        return Some(status);
    }
    let fd = pidfd_open(Pid::from_child(child), PidfdFlags::empty()).expect("a child has a handle");
    let timeout = Timespec::try_from(deadline).expect("a deadline is short");
    let ended = poll(&mut [PollFd::new(&fd, PollFlags::IN)], Some(&timeout));
    match ended {
        Ok(1..) => Some(child.wait().expect("it has ended")),
        _ => None,
    }
}

/// As a shell says it: the code, or 128 and the signal.
pub fn code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}
