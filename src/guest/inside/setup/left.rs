//! What a step leaves running. Nobody could end it later, and a container that is started again
//! would not have it, so it is ended with its step. It is known by its session: a daemon that takes
//! one of its own has left the step, and stays.

use super::super::proc;
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;

/// Between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(20);
/// One that forks while it is killed is met in the next round.
const ROUNDS: usize = 20;

/// Ends everything of `session` and gives the names of what there was.
pub async fn end(session: Pid) -> BTreeSet<String> {
    let found = members(session);
    let deadline = Instant::now() + GRACE;
    signal(&found, Signal::TERM);
    while !members(session).is_empty() {
        if Instant::now() >= deadline {
            kill(session);
            break;
        }
        tokio::time::sleep(POLL).await;
    }
    found.into_iter().map(|(_, name)| name).collect()
}

/// Kills everything of `session`.
pub fn kill(session: Pid) {
    for _ in 0..ROUNDS {
        let found = members(session);
        if found.is_empty() {
            return;
        }
        signal(&found, Signal::KILL);
    }
}

fn signal(members: &[(Pid, String)], signal: Signal) {
    for (pid, _) in members {
        // Gone in the meantime is what we want.
        let _gone = kill_process(*pid, signal);
    }
}

/// Processes of `session` that have not ended, with their names.
fn members(session: Pid) -> Vec<(Pid, String)> {
    let found = proc::processes().filter_map(|pid| {
        let text = proc::text(&format!("{pid}/stat")).ok()?;
        let name = member(&text, session)?;
        Some((pid, name))
    });
    found.collect()
}

/// The name in `stat`, a line such as `12 (sh) S 1 12 12 0 …`, if it is of a living one of `session`.
fn member(stat: &str, session: Pid) -> Option<String> {
    // A name may hold anything, a parenthesis too.
    let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
    let mut words = rest.split_whitespace();
    let state = words.next()?;
    let of: i32 = words.nth(2)?.parse().ok()?;
    let lives = !matches!(state, "Z" | "X");
    (lives && of == session.as_raw_nonzero().get()).then(|| name.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_the_living_of_a_session() {
        let session = Pid::from_raw(12).expect("not zero");
        let table = [
            ("12 (sh) S 1 12 12 0 -1", Some("sh")),
            ("14 (a) (b) R 1 14 12 0 -1", Some("a) (b")),
            ("13 (sleep) Z 1 12 12 0 -1", None),
            ("15 (x) S 12 12 15 0 -1", None),
            ("", None),
        ];
        for (line, expected) in table {
            assert_eq!(member(line, session).as_deref(), expected, "{line}");
        }
    }
}
