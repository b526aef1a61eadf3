//! Gives the pages of our own program back to the system when nobody has come or gone for a moment.
//!
//! Setting up touches code all over the program, and each touch brings its neighbours along: more
//! than half of what a guest holds, for as long as its sandbox lives. The kernel reads what is needed
//! again from its cache.
#![expect(
    unsafe_code,
    reason = "`madvise` is told addresses; these are of code, which nobody writes"
)]

use super::proc;
use rustix::mm::{Advice, madvise};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;

/// After a coming or going.
const CALM: Duration = Duration::from_secs(1);

/// Waits for comings and goings, and for the calm after each. It never ends.
pub async fn give_back(stirred: Rc<Notify>) {
    loop {
        stirred.notified().await;
        while tokio::time::timeout(CALM, stirred.notified()).await.is_ok() {}
        give_back_code();
    }
}

fn give_back_code() {
    let maps = proc::text("self/maps").unwrap_or_default();
    for (start, length) in maps.lines().filter_map(code) {
        // SAFETY: a private mapping of a file that is not writable holds what the file holds: the
        // next look at it reads the same again.
        // Pages that it keeps cost memory and nothing else.
        let _kept = unsafe { madvise(start as *mut _, length, Advice::LinuxDontNeed) };
    }
}

/// Start and length in bytes of a line of `/proc/self/maps` that is code of a file (`proc(5)`).
/// What is only readable may hold addresses that were written while the program was loaded.
fn code(line: &str) -> Option<(usize, usize)> {
    let mut words = line.split_ascii_whitespace();
    let (range, rights) = (words.next()?, words.next()?);
    let inode = words.nth(2)?;
    let (start, end) = range.split_once('-')?;
    let start = usize::from_str_radix(start, 16).ok()?;
    let end = usize::from_str_radix(end, 16).ok()?;
    (rights == "r-xp" && inode != "0").then(|| Some((start, end.checked_sub(start)?)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_of_a_file_is_given_back() {
        let line = |rights: &str, inode: u32| {
            format!("7f8d9ebde000-7f8d9fbb4000 {rights} 003dd000 fe:00 {inode}    /.dp/bin/dp")
        };
        let found = code(&line("r-xp", 7));
        assert_eq!(found, Some((0x7f8d_9ebd_e000, 0xfd_6000)));
        for (rights, inode) in [
            ("r--p", 7),
            ("rw-p", 7),
            ("rwxp", 7),
            ("r-xs", 7),
            ("r-xp", 0),
        ] {
            assert_eq!(code(&line(rights, inode)), None, "{rights} {inode}");
        }
        assert_eq!(code("nonsense"), None);
    }
}
