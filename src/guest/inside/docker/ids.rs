//! Who runs the engine, and which numbers its users get.
//!
//! Global root could mount over what it may not write, and the kernel lets it write its files under `/proc` whatever
//! its user namespace. So the engine of a root sandbox runs as somebody else, unless
//! the container's root is not global root in the first place (a rootless outer engine, or one that
//! remaps users).

use super::super::spawn::apart::Numbers;
use super::super::{account, proc};
use crate::guest::message::Account;
use std::io;

/// Stands for root in the engine's container; right below the usual subordinate numbers.
const MAPPED: u32 = 99_999;
/// As many as an image may use.
const COUNT: u32 = 65_536;
/// Where subordinate numbers usually begin.
const USUAL: u32 = 100_000;

/// Who the engine runs as, and the ranges of numbers (first, count) for the users of its containers.
#[derive(Debug, PartialEq, Eq)]
pub struct Ids {
    pub account: Account,
    pub ranges: Vec<(u32, u32)>,
}

impl Ids {
    /// For the sandbox's `account`.
    ///
    /// # Errors
    /// When the numbers of this user namespace cannot be read.
    pub fn of(account: &Account) -> io::Result<Self> {
        Ok(Self::by_map(account, &proc::text("self/uid_map")?))
    }

    /// The numbers of the user namespace that the engine is started in, where root has none: root of the sandbox is
    /// global root as well, and may be given a way into the engine's container. `None` where the engine runs as root,
    /// which is not global root then.
    ///
    /// # Errors
    /// When root's number is among those of somebody else.
    pub fn numbers(&self) -> io::Result<Option<Numbers>> {
        let account = &self.account;
        let numbers = || Numbers::new(account.uid, account.gid, &self.ranges);
        (account.uid != 0).then(numbers).transpose()
    }

    fn by_map(account: &Account, map: &str) -> Self {
        let account = Account {
            groups: Vec::new(),
            ..account.clone()
        };
        let highest = end_of(map);
        if maps_global_root(map) {
            let account = if account.uid == 0 { mapped() } else { account };
            let ranges = vec![(account::first_subordinate(account.uid), COUNT)];
            return Self { account, ranges };
        }
        // Few numbers are there: all but root's and the account's own.
        let own = account.uid;
        let below = (1, own.saturating_sub(1).min(highest.saturating_sub(1)));
        let above = (
            own.saturating_add(1),
            highest.saturating_sub(own.saturating_add(1)),
        );
        let ranges = [below, above].into_iter().filter(|(_, count)| *count > 0);
        Self {
            account,
            ranges: ranges.collect(),
        }
    }
}

fn mapped() -> Account {
    Account {
        name: "agent".into(),
        uid: MAPPED,
        gid: MAPPED,
        home: "/home/agent".into(),
        groups: Vec::new(),
    }
}

/// The lines of a `uid_map`: first inside, first outside, count.
fn lines(map: &str) -> impl Iterator<Item = [u32; 3]> + '_ {
    map.lines().filter_map(|line| {
        let mut numbers = line.split_whitespace().map(str::parse);
        let mut next = || numbers.next()?.ok();
        Some([next()?, next()?, next()?])
    })
}

/// Number 0 of the outer user namespace has a number here.
fn maps_global_root(map: &str) -> bool {
    lines(map).any(|[_, outside, count]| outside == 0 && count > 0)
}

/// The first number above all that there are.
fn end_of(map: &str) -> u32 {
    let ends = lines(map).map(|[inside, _, count]| inside.saturating_add(count));
    ends.max().unwrap_or(0).min(USUAL + COUNT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(uid: u32) -> Account {
        Account {
            name: if uid == 0 { "root" } else { "agent" }.into(),
            uid,
            gid: uid,
            home: "/home/agent".into(),
            groups: vec![5],
        }
    }

    #[test]
    fn global_root_never_runs_an_engine() {
        let whole = "         0          0 4294967295\n";
        let remapped = "0 100000 65536\n";
        let rootless = "0 1000 1\n1 100000 65536\n";
        let table = [
            (whole, 1000, 1000, vec![(100_000, COUNT)]),
            (whole, 0, MAPPED, vec![(100_000, COUNT)]),
            (whole, 100_001, 100_001, vec![(165_536, COUNT)]),
            (remapped, 0, 0, vec![(1, 65_535)]),
            (rootless, 0, 0, vec![(1, 65_536)]),
            (rootless, 1000, 1000, vec![(1, 999), (1001, 64_536)]),
        ];
        for (map, uid, expected, ranges) in table {
            let ids = Ids::by_map(&account(uid), map);
            assert_eq!(ids.account.uid, expected, "{map} {uid}");
            assert_eq!(ids.ranges, ranges, "{map} {uid}");
            assert!(ids.account.groups.is_empty());
            let numbers = ids.numbers().expect("none of root's");
            assert_eq!(numbers.is_none(), expected == 0, "{map} {uid}");
        }
    }
}
