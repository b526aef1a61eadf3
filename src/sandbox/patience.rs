//! Waiting between attempts that other commands spoil: short at first, then longer, up to an end.
//! Knows nothing of what is attempted.

use std::time::Duration;
use tokio::time::Instant;

/// How long others may keep coming between.
const ALL: Duration = Duration::from_secs(20);
const FIRST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_millis(200);

/// What is left of it.
pub(super) struct Patience {
    deadline: Instant,
    pause: Duration,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self {
            deadline: Instant::now() + ALL,
            pause: FIRST,
        }
    }

    /// Waits a little longer than the last time; false at once when there is no patience left.
    pub(super) async fn wait(&mut self) -> bool {
        if Instant::now() > self.deadline {
            return false;
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST);
        true
    }

    /// Work of our own since `begun` is nobody's fault and does not count.
    pub(super) fn forgive(&mut self, begun: Instant) {
        self.deadline += begun.elapsed();
    }
}
